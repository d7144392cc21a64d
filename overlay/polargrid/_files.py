"""Uploads: from a path, bytes or an open file to a form field that can be sent more than once."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import attrs

from polargrid.errors import ValidationError

_BYTES = (bytes, bytearray, memoryview)
# First bytes of common audio formats: offset, bytes, file extension, media type.
_SIGNATURES = (
    (0, b"ID3", "mp3", "audio/mpeg"),
    (0, b"\xff\xfb", "mp3", "audio/mpeg"),
    (0, b"\xff\xf3", "mp3", "audio/mpeg"),
    (0, b"\xff\xf1", "aac", "audio/aac"),
    (0, b"fLaC", "flac", "audio/flac"),
    (0, b"OggS", "ogg", "audio/ogg"),
    (0, b"RIFF", "wav", "audio/wav"),
    (0, b"\x1aE\xdf\xa3", "webm", "audio/webm"),
    (4, b"ftyp", "m4a", "audio/mp4"),
)


@attrs.frozen
class Upload:
    """A file to send as a form field. It is read while it is sent, never held in memory."""

    name: str
    media_type: str
    source: str | bytes | IO[bytes]  # a path, the bytes, or the caller's file
    start: int | None = None  # the position of the caller's file; None if it is not seekable

    @property
    def is_replayable(self) -> bool:
        """Whether it can be sent a second time."""
        return self.start is not None or isinstance(self.source, (str, bytes))

    @contextmanager
    def open(self) -> Iterator[Any]:
        """Open the file at its start; a file of the caller's stays open afterwards.

        Raises ValidationError if it can no longer be read.
        """
        if isinstance(self.source, bytes):
            yield io.BytesIO(self.source)
        elif isinstance(self.source, str):
            try:
                file = Path(self.source).open("rb")  # noqa: SIM115 - only a failure to open is the caller's error
            except OSError as error:
                raise ValidationError(f"file: cannot read {self.source}: {error.strerror}", param="file") from error
            with file:
                yield _FileWindow(file, 0)
        elif self.start is None:
            yield _UnsizedFile(self.source)
        else:
            window = _FileWindow(self.source, self.start)
            window.seek(0)
            yield window


class _UnsizedFile:
    """A file that can only be read: it is sent in chunks, without a length."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        with _map_read_errors():
            return self._file.read(size)


class _FileWindow(_UnsizedFile):
    """A file from a position on: httpx would send all of it."""

    def __init__(self, file: IO[bytes], start: int) -> None:
        super().__init__(file)
        self._start = start

    @property
    def closed(self) -> bool:
        return self._file.closed

    def tell(self) -> int:
        with _map_read_errors():
            return self._file.tell() - self._start

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        offset += self._start if whence == os.SEEK_SET else 0
        with _map_read_errors():
            return self._file.seek(offset, whence) - self._start


@contextmanager
def _map_read_errors() -> Iterator[None]:
    """An OSError in this block comes from the file, not from the connection."""
    try:
        yield
    except (OSError, ValueError) as error:  # ValueError: it is closed
        raise ValidationError(f"file: cannot read it: {error}", param="file") from error


def prepare_upload(file: Any, field: str) -> Upload:
    """Build the upload of a path, bytes, a binary file, or a tuple (name, any of these[, media type]).

    `field` is the name of the form field, for errors. Raises ValidationError for anything else.
    """
    if isinstance(file, tuple):
        return _from_tuple(file, field)
    if isinstance(file, (str, os.PathLike)):
        return _from_path(Path(file), field)
    if isinstance(file, _BYTES):
        data = bytes(file)
        return Upload(*_sniff_type(data[:16]), source=data)
    if isinstance(file, io.TextIOBase):
        raise ValidationError(f"{field}: file opened as text; open it with mode 'rb'", param=field)
    if callable(getattr(file, "read", None)):
        return _from_file(file, field)
    kind = type(file).__name__
    raise ValidationError(f"{field}: expected a path, bytes or a file opened with mode 'rb', not {kind}", param=field)


def _from_tuple(file: tuple[Any, ...], field: str) -> Upload:
    if len(file) not in (2, 3) or not isinstance(file[0], str):
        raise ValidationError(f"{field}: expected a tuple (name, file) or (name, file, media type)", param=field)
    upload = prepare_upload(file[1], field)
    media_type = file[2] if len(file) == 3 else upload.media_type
    if not (isinstance(media_type, str) and media_type.isascii() and media_type.isprintable()):
        raise ValidationError(f"{field}: invalid media type {media_type!r}; expected one like audio/wav", param=field)
    return attrs.evolve(upload, name=file[0], media_type=media_type)


def _from_path(path: Path, field: str) -> Upload:
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise ValidationError(f"{field}: cannot read {path}: {reason}", param=field) from error
    return Upload(path.name, _sniff_type(head)[1], source=str(path))


def _from_file(file: IO[bytes], field: str) -> Upload:
    try:
        start = file.tell() if file.seekable() else None
        head = file.read(16) if start is not None else b""
        if start is not None:
            file.seek(start)
    except (OSError, ValueError, AttributeError) as error:
        raise ValidationError(f"{field}: cannot read the file: {error}", param=field) from error
    default_name, media_type = _sniff_type(head)
    name = getattr(file, "name", None)
    return Upload(Path(name).name if isinstance(name, str) else default_name, media_type, source=file, start=start)


def _sniff_type(head: bytes) -> tuple[str, str]:
    """A file name and a media type by the first bytes: the API requires a name, bytes have none."""
    for offset, signature, extension, media_type in _SIGNATURES:
        if head[offset:].startswith(signature):
            return f"audio.{extension}", media_type
    return "audio", "application/octet-stream"
