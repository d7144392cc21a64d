"""Uploads of paths, bytes and files."""

import asyncio
import io
import mmap
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anyio
import pytest
from starlette.datastructures import UploadFile

from polargrid import ValidationError
from polargrid_codec.files import prepare_upload

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


@pytest.mark.parametrize(("position", "place"), [(7, "not at its start"), (len(WAV), "its end")])
def test_file_that_is_not_at_its_start(path, position, place):
    """A part of it is not sent as if it were the whole; its position is left."""
    with path.open("rb") as file:
        file.seek(position)
        with pytest.raises(ValidationError, match=rf"position {position}, {place}; call its seek\(0\)") as caught:
            prepare_upload(file, "file")
        assert (caught.value.param, file.tell()) == ("file", position)
        file.seek(0)
        assert read(prepare_upload(file, "file")) == WAV


@pytest.mark.parametrize("create", [bytes, bytearray, io.BytesIO, lambda: ("talk.wav", b"")])
def test_empty_upload(create):
    """It is rejected before sending."""
    with pytest.raises(ValidationError, match="file: it is empty"):
        prepare_upload(create(), "file")


def test_empty_file(path):
    """So is a path."""
    path.write_bytes(b"")
    with pytest.raises(ValidationError, match="file: it is empty"):
        prepare_upload(path, "file")


def test_length_of_a_file():
    """httpx computes Content-Length by seeking to the end."""
    with prepare_upload(io.BytesIO(WAV), "file").open() as file:
        assert [file.tell(), file.seek(0, os.SEEK_END), file.seek(0), file.tell()] == [0, len(WAV), 0, 0]


def test_mmap(path):
    """It is a file without `seekable`, whose `seek` returns nothing before Python 3.13."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        upload = prepare_upload(mapped, "file")
        assert (upload.name, upload.is_replayable, read(upload), read(upload)) == ("audio.wav", True, WAV, WAV)
        mapped.seek(4)
        with pytest.raises(ValidationError, match="position 4"):
            prepare_upload(mapped, "file")


@pytest.mark.parametrize(
    ("filename", "content_type", "expected"),
    [
        ("talk.wav", "audio/x-wav", ("talk.wav", "audio/x-wav")),
        (None, None, ("audio.wav", "audio/wav")),
        ("caf\udce9.wav", "audio/wav\r\nX-Evil: 1", ("caf?.wav", "audio/wav")),
    ],
)
def test_upload_file_of_starlette(filename, content_type, expected):
    """Its file is sent with the name and the media type of the form that it comes from."""
    headers = SimpleNamespace(get=lambda *_: content_type)  # Headers rejects a line break
    upload = prepare_upload(UploadFile(io.BytesIO(WAV), filename=filename, headers=headers), "file")
    assert (upload.name, upload.media_type) == expected
    assert read(upload) == WAV


def test_read_upload_file_of_starlette():
    """A route that has read it must seek to its start."""
    file = UploadFile(io.BytesIO(WAV))
    asyncio.run(file.read())
    with pytest.raises(ValidationError, match="its end; call its seek"):
        prepare_upload(file, "file")
    asyncio.run(file.seek(0))
    assert read(prepare_upload(file, "file")) == WAV


def test_async_file(path):
    """The message says what to pass instead."""

    async def prepare():
        async with await anyio.open_file(path, "rb") as file:
            prepare_upload(file, "file")

    with pytest.raises(ValidationError, match=r"file: AsyncFile is an async file; pass its path, or the bytes that"):
        asyncio.run(prepare())


def test_unseekable_file_is_sent_once():
    """No byte of it is read before: its name and media type are derived when it is sent."""
    pipe = Pipe(WAV)
    upload = prepare_upload(pipe, "file")
    assert (upload.name, upload.media_type, upload.is_replayable) == (None, None, False)
    assert upload.describe(WAV) == ("audio.wav", "audio/wav")
    assert pipe.read() == WAV


def test_name_of_an_unseekable_file():
    """It is sent if it has an extension: `<stdin>` or a number says nothing about the format."""
    for name, expected in [("a/talk.mp3", "talk.mp3"), ("<stdin>", "audio.wav"), (3, "audio.wav")]:
        pipe = Pipe(WAV)
        pipe.name = name
        assert prepare_upload(pipe, "file").describe(WAV)[0] == expected


def test_object_with_read():
    """Any object with `seekable` and `read` is a file; its bytes may be a bytearray."""

    class Reader(io.BytesIO):
        name = 7

        def read(self, size: int = -1) -> bytes:
            return bytearray(super().read(size))

    assert read(prepare_upload(Reader(WAV), "file")) == WAV


@pytest.mark.parametrize(
    ("result", "message"),
    [("text", "returns str, not bytes; open it with mode 'rb'"), (None, "returns NoneType"), (KeyError("a"), "'a'")],
)
def test_read_that_fails(result, message):
    """Whatever the caller's object raises or returns is a ValidationError."""

    class Reader(io.BytesIO):
        def read(self, _size: int = -1) -> Any:
            if isinstance(result, Exception):
                raise result
            return result

    with pytest.raises(ValidationError, match=message) as caught:
        prepare_upload(Reader(), "file")
    assert caught.value.param == "file"


def test_path_that_is_not_utf8(tmp_path):
    """The name is sent with a question mark, and shown with an escape."""
    path = tmp_path / os.fsdecode(b"caf\xe9.wav")
    with pytest.raises(ValidationError, match=r"cannot read .*caf\\udce9\.wav: No such file"):
        prepare_upload(path, "file")
    path.write_bytes(WAV)
    upload = prepare_upload(path, "file")
    assert (upload.name, read(upload)) == ("caf?.wav", WAV)
    with path.open("rb") as file:
        assert prepare_upload(file, "file").name == "caf?.wav"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system has no /proc")
def test_file_without_a_size():
    """A file of /proc is sent like a pipe."""
    assert not prepare_upload("/proc/self/status", "file").is_replayable


def test_path_as_bytes(path):
    """`__fspath__` may return bytes."""

    class BytesEntry(Entry):
        def __fspath__(self) -> bytes:
            return os.fsencode(self._path)

    assert prepare_upload(BytesEntry(path), "file").name == "recording.wav"


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
        (b"something", "application/octet-stream"),
    ],
)
def test_media_type_by_the_first_bytes(head, media_type):
    """Common audio formats are recognized by their signatures."""
    assert prepare_upload(head, "file").media_type == media_type
