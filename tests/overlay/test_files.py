"""Uploads of paths, bytes and files."""

import io
import os

import pytest

from polargrid import ValidationError
from polargrid._files import prepare_upload

WAV = b"RIFF\x24\x00\x00\x00WAVEfmt and so on"


def read(upload) -> bytes:
    with upload.open() as file:
        return file.read()


class Pipe(io.RawIOBase):
    """A file that is not seekable."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        return self._data.readinto(buffer)


class Entry(os.PathLike):
    """A path that is not a pathlib.Path."""

    def __init__(self, path) -> None:
        self._path = path

    def __fspath__(self) -> str:
        return str(self._path)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "recording.wav"
    path.write_bytes(WAV)
    return path


# Sources


@pytest.mark.parametrize("convert", [lambda path: path, str, Entry])
def test_path(path, convert):
    """The upload has the name of the path, and its file is read when it is sent."""
    upload = prepare_upload(convert(path), "file")
    assert (upload.name, upload.media_type, upload.is_replayable) == ("recording.wav", "audio/wav", True)
    assert read(upload) == WAV


def test_file_of_a_path_is_closed(path):
    """The SDK closes what it opens."""
    with prepare_upload(path, "file").open() as file:
        pass
    assert file.closed


def test_deleted_file_is_a_validation_error(path):
    """A file may disappear between two attempts."""
    upload = prepare_upload(path, "file")
    path.unlink()
    with pytest.raises(ValidationError, match="No such file") as caught:
        read(upload)
    assert caught.value.param == "file"


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bytes(kind):
    """Their name and media type are derived from the first bytes."""
    upload = prepare_upload(kind(WAV), "file")
    assert (upload.name, upload.media_type, upload.is_replayable) == ("audio.wav", "audio/wav", True)
    assert read(upload) == WAV


def test_bytes_are_copied():
    """A later change of a bytearray is not sent."""
    data = bytearray(WAV)
    upload = prepare_upload(data, "file")
    data[:] = b"other"
    assert read(upload) == WAV


def test_open_file(path):
    """It provides the name, and stays open."""
    with path.open("rb") as file:
        upload = prepare_upload(file, "file")
        assert (upload.name, upload.media_type, upload.is_replayable) == ("recording.wav", "audio/wav", True)
        assert read(upload) == WAV
        assert not file.closed


def test_file_without_a_name(path):
    """The name is derived from the first bytes; a file descriptor's number is not a name."""
    assert prepare_upload(io.BytesIO(WAV), "file").name == "audio.wav"
    with os.fdopen(os.open(path, os.O_RDONLY), "rb") as file:
        assert prepare_upload(file, "file").name == "audio.wav"


def test_file_is_sent_from_its_position():
    """Each attempt starts at the position that the caller set."""
    file = io.BytesIO(b"skipped" + WAV)
    file.seek(7)
    upload = prepare_upload(file, "file")
    assert [upload.media_type, read(upload), read(upload)] == ["audio/wav", WAV, WAV]


def test_length_of_a_file_counts_from_its_position():
    """httpx computes Content-Length by seeking to the end."""
    file = io.BytesIO(b"skipped" + WAV)
    file.seek(7)
    with prepare_upload(file, "file").open() as window:
        assert [window.tell(), window.seek(0, os.SEEK_END), window.seek(0), window.tell()] == [0, len(WAV), 0, 0]


def test_unseekable_file_is_sent_once():
    """No byte of it is read before, not even for the media type."""
    upload = prepare_upload(Pipe(WAV), "file")
    assert (upload.name, upload.media_type, upload.is_replayable) == ("audio", "application/octet-stream", False)
    assert read(upload) == WAV


def test_object_with_read():
    """Any object with `seekable` and `read` is a file."""

    class Reader:
        def seekable(self) -> bool:
            return False

        def read(self, _size: int = -1) -> bytes:
            return WAV

    assert read(prepare_upload(Reader(), "file")) == WAV


# Tuples


@pytest.mark.parametrize("create", [bytes, io.BytesIO])
def test_tuple_sets_the_name(create):
    """The media type is derived from the first bytes."""
    upload = prepare_upload(("talk.wav", create(WAV)), "file")
    assert (upload.name, upload.media_type, read(upload)) == ("talk.wav", "audio/wav", WAV)


def test_tuple_overrides_name_and_media_type(path):
    """It overrides the name of a path and the media type of the content."""
    assert prepare_upload(("talk.wav", path), "file").name == "talk.wav"
    upload = prepare_upload(("talk", WAV, "audio/x-wav"), "file")
    assert (upload.name, upload.media_type) == ("talk", "audio/x-wav")


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
def test_invalid_tuple(file):
    """It is rejected; a media type cannot inject a header."""
    with pytest.raises(ValidationError) as caught:
        prepare_upload(file, "file")
    assert caught.value.param == "file"


# Errors


@pytest.mark.parametrize("file", [None, 7, {}, [WAV], object()])
def test_other_type(file):
    """The message names the type."""
    with pytest.raises(ValidationError, match=f"not {type(file).__name__}"):
        prepare_upload(file, "file")


def test_text_file(tmp_path):
    """The message says how to open it."""
    with (
        (tmp_path / "talk.txt").open("w+", encoding="utf-8") as file,
        pytest.raises(ValidationError, match="mode 'rb'"),
    ):
        prepare_upload(file, "file")
    with pytest.raises(ValidationError, match="mode 'rb'"):
        prepare_upload(io.StringIO("text"), "file")


def test_closed_file():
    """It is rejected before a request is sent."""
    file = io.BytesIO(WAV)
    file.close()
    with pytest.raises(ValidationError, match="closed"):
        prepare_upload(file, "file")


def test_missing_path(tmp_path):
    """The message has the path and the reason."""
    with pytest.raises(ValidationError, match=r"file: cannot read .*missing\.wav: No such file or directory"):
        prepare_upload(tmp_path / "missing.wav", "file")


def test_directory(tmp_path):
    """It cannot be read."""
    with pytest.raises(ValidationError, match="cannot read"):
        prepare_upload(tmp_path, "file")


@pytest.mark.parametrize("name", ["a\0b.wav", "x" * 10_000])
def test_invalid_path(name):
    """Names that the system does not accept are ValidationErrors as well."""
    with pytest.raises(ValidationError) as caught:
        prepare_upload(name, "file")
    assert caught.value.param == "file"


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"ID3\x04", "audio/mpeg"),
        (b"\xff\xfb\x90", "audio/mpeg"),
        (b"\xff\xf3\x90", "audio/mpeg"),
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
    """Common audio formats are recognized by their signatures."""
    assert prepare_upload(head, "file").media_type == media_type
