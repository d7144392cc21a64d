"""A path, bytes or a file -> an upload."""

import io
import os

import pytest

from polargrid import ValidationError
from polargrid.files import upload

WAV = b"RIFF\x24\x00\x00\x00WAVEfmt and so on"


def sent(made) -> bytes:
    with made.opened() as file:
        return file.read()


class Pipe(io.RawIOBase):
    """A stream that cannot be rewound."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        return self._data.readinto(buffer)


class Entry(os.PathLike):
    """A path that is no pathlib.Path."""

    def __init__(self, path) -> None:
        self._path = path

    def __fspath__(self) -> str:
        return str(self._path)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "recording.wav"
    path.write_bytes(WAV)
    return path


@pytest.mark.parametrize("form", [lambda path: path, str, Entry])
def test_path(path, form):
    """A path of any kind is read when it is sent, and gives the name."""
    made = upload(form(path), "file")
    assert (made.name, made.media_type, sent(made), made.repeatable) == ("recording.wav", "audio/wav", WAV, True)


def test_path_is_closed(path):
    """A file that we opened is closed."""
    with upload(path, "file").opened() as file:
        pass
    assert file.closed


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bytes(kind):
    """Bytes of any kind are sent under a name that their first bytes suggest."""
    made = upload(kind(WAV), "file")
    assert (made.name, made.media_type, sent(made), made.repeatable) == ("audio.wav", "audio/wav", WAV, True)


def test_bytes_are_sent_as_they_were():
    """What the caller does to a bytearray later does not reach the upload."""
    data = bytearray(WAV)
    made = upload(data, "file")
    data[:] = b"other"
    assert sent(made) == WAV


def test_file(path):
    """An open file gives its name, is sent, and stays open."""
    with path.open("rb") as file:
        made = upload(file, "file")
        assert (made.name, made.media_type, sent(made), made.repeatable) == ("recording.wav", "audio/wav", WAV, True)
        assert not file.closed


def test_file_without_a_name():
    """A file in memory gets a name by its first bytes."""
    assert upload(io.BytesIO(WAV), "file").name == "audio.wav"


def test_file_with_a_number_for_a_name(path):
    """A file that was opened by its descriptor has no name, either."""
    with os.fdopen(os.open(path, os.O_RDONLY), "rb") as file:
        assert upload(file, "file").name == "audio.wav"


def test_file_at_an_offset():
    """A file is sent from where it stands, as often as it is sent."""
    file = io.BytesIO(b"skipped" + WAV)
    file.seek(7)
    made = upload(file, "file")
    assert [made.media_type, sent(made), sent(made)] == ["audio/wav", WAV, WAV]


def test_file_at_an_offset_tells_its_rest():
    """Seen from the HTTP client the file begins where it stood, so that the length is right."""
    file = io.BytesIO(b"skipped" + WAV)
    file.seek(7)
    with upload(file, "file").opened() as view:
        assert [view.tell(), view.seek(0, os.SEEK_END), view.seek(0), view.tell()] == [0, len(WAV), 0, 0]


def test_stream():
    """A stream that cannot be rewound is sent, once; none of it is read before."""
    made = upload(Pipe(WAV), "file")
    assert (made.name, made.media_type, made.repeatable, sent(made)) == (
        "audio",
        "application/octet-stream",
        False,
        WAV,
    )


def test_reader():
    """An object that only reads is a stream, too."""

    class Reader:
        def seekable(self) -> bool:
            return False

        def read(self, _size: int = -1) -> bytes:
            return WAV

    assert sent(upload(Reader(), "file")) == WAV


@pytest.mark.parametrize("form", [bytes, io.BytesIO])
def test_name(form):
    """A tuple names the file."""
    made = upload(("talk.wav", form(WAV)), "file")
    assert (made.name, made.media_type, sent(made)) == ("talk.wav", "audio/wav", WAV)


def test_name_of_a_path(path):
    """A tuple's name goes before that of the path."""
    assert upload(("talk.wav", path), "file").name == "talk.wav"


def test_name_and_media_type():
    """A tuple may name the media type, too."""
    made = upload(("talk", WAV, "audio/x-wav"), "file")
    assert (made.name, made.media_type) == ("talk", "audio/x-wav")


@pytest.mark.parametrize(
    "file",
    [
        (),
        ("talk.wav",),
        ("talk.wav", WAV, "audio/wav", {}),
        (WAV, "talk.wav"),
        (None, WAV),
        ("talk.wav", None),
        ("talk.wav", WAV, 7),
        ("talk.wav", WAV, "audio/wav\r\nX-Evil: 1"),
    ],
)
def test_other_tuples(file):
    """Any other tuple is refused; a media type cannot smuggle in a header."""
    with pytest.raises(ValidationError) as caught:
        upload(file, "file")
    assert caught.value.param == "file"


@pytest.mark.parametrize("file", [None, 7, {}, [WAV], object()])
def test_other_things(file):
    """What is no file is refused by its kind."""
    with pytest.raises(ValidationError, match=f"not {type(file).__name__}"):
        upload(file, "file")


def test_text_file(tmp_path):
    """A file that is open as text is refused, with the way to open it."""
    with (
        (tmp_path / "talk.txt").open("w+", encoding="utf-8") as file,
        pytest.raises(ValidationError, match="mode 'rb'"),
    ):
        upload(file, "file")


def test_text_in_memory():
    """So is text in memory."""
    with pytest.raises(ValidationError, match="mode 'rb'"):
        upload(io.StringIO("text"), "file")


def test_closed_file():
    """A file that is closed is refused."""
    file = io.BytesIO(WAV)
    file.close()
    with pytest.raises(ValidationError, match="closed"):
        upload(file, "file")


def test_missing_path(tmp_path):
    """A path that leads nowhere is named."""
    with pytest.raises(ValidationError, match=r"file: cannot read .*nowhere\.wav: No such file or directory"):
        upload(tmp_path / "nowhere.wav", "file")


def test_directory(tmp_path):
    """A directory is no recording."""
    with pytest.raises(ValidationError, match="cannot read"):
        upload(tmp_path, "file")


@pytest.mark.parametrize("name", ["a\0b.wav", "x" * 10_000])
def test_impossible_path(name):
    """A path that no system has is refused like one that leads nowhere."""
    with pytest.raises(ValidationError) as caught:
        upload(name, "file")
    assert caught.value.param == "file"


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"ID3\x04", "audio/mpeg"),
        (b"\xff\xfb\x90", "audio/mpeg"),
        (b"\xff\xf1", "audio/aac"),
        (b"fLaC", "audio/flac"),
        (b"OggS", "audio/ogg"),
        (b"RIFF", "audio/wav"),
        (b"\x1aE\xdf\xa3", "audio/webm"),
        (b"\0\0\0\x20ftypM4A ", "audio/mp4"),
        (b"", "application/octet-stream"),
        (b"something", "application/octet-stream"),
    ],
)
def test_media_type_by_the_first_bytes(head, media_type):
    """The first bytes tell the media type."""
    assert upload(head, "file").media_type == media_type
