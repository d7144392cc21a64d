"""A path, bytes or an open file -> an upload that can be sent, and sent again."""

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
# The first bytes of what people upload -> file name ending, media type. The edge goes by the bytes as well.
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
    """A file to send as a form field. It is read while it is sent, never held in memory whole."""

    name: str
    media_type: str
    source: str | bytes | IO[bytes]  # a path, the bytes, or the caller's own file
    start: int | None = None  # where the caller's file stood; None where it cannot be rewound

    @property
    def repeatable(self) -> bool:
        """Whether it can be sent a second time."""
        return self.start is not None or isinstance(self.source, (str, bytes))

    @contextmanager
    def opened(self) -> Iterator[Any]:
        """The file, at its start; a file that we opened is closed, the caller's own is not.

        Raises ValidationError where it cannot be read any more.
        """
        if isinstance(self.source, bytes):
            yield io.BytesIO(self.source)
        elif isinstance(self.source, str):
            try:
                file = Path(self.source).open("rb")  # noqa: SIM115 - only to open it is the caller's fault
            except OSError as error:
                raise ValidationError(f"file: cannot read {self.source}: {error.strerror}", param="file") from error
            with file:
                yield _FromHere(file, 0)
        elif self.start is None:
            yield _Unsized(self.source)
        else:
            here = _FromHere(self.source, self.start)
            here.seek(0)
            yield here


class _Unsized:
    """A file that only reads: it goes out in chunks, without a length."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        with _readable():
            return self._file.read(size)


class _FromHere(_Unsized):
    """The rest of a file, as a file of its own: httpx would count the whole of it."""

    def __init__(self, file: IO[bytes], start: int) -> None:
        super().__init__(file)
        self._start = start

    @property
    def closed(self) -> bool:
        return self._file.closed

    def tell(self) -> int:
        with _readable():
            return self._file.tell() - self._start

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        offset += self._start if whence == os.SEEK_SET else 0
        with _readable():
            return self._file.seek(offset, whence) - self._start


@contextmanager
def _readable() -> Iterator[None]:
    """What fails in here is the file, not the connection that it goes out on."""
    try:
        yield
    except (OSError, ValueError) as error:  # ValueError: it is closed
        raise ValidationError(f"file: cannot read it: {error}", param="file") from error


def upload(file: Any, field: str) -> Upload:
    """The upload of a path, bytes, a binary file, or a tuple (name, any of these[, media type]).

    `field` is the name of the form field, for errors. Raises ValidationError for what cannot be sent.
    """
    if isinstance(file, tuple):
        return _named(file, field)
    if isinstance(file, (str, os.PathLike)):
        return _path(Path(file), field)
    if isinstance(file, _BYTES):
        data = bytes(file)
        return Upload(*_guess(data[:16]), source=data)
    if isinstance(file, io.TextIOBase):
        raise ValidationError(f"{field}: the file is open as text; open it with mode 'rb'", param=field)
    if callable(getattr(file, "read", None)):
        return _opened(file, field)
    kind = type(file).__name__
    raise ValidationError(f"{field}: a path, bytes or a file opened with mode 'rb' is needed, not {kind}", param=field)


def _named(file: tuple[Any, ...], field: str) -> Upload:
    if len(file) not in (2, 3) or not isinstance(file[0], str):
        raise ValidationError(f"{field}: a tuple must be (name, file) or (name, file, media type)", param=field)
    found = upload(file[1], field)
    media_type = file[2] if len(file) == 3 else found.media_type
    if not (isinstance(media_type, str) and media_type.isascii() and media_type.isprintable()):
        raise ValidationError(f"{field}: the media type must be text like audio/wav", param=field)
    return attrs.evolve(found, name=file[0], media_type=media_type)


def _path(path: Path, field: str) -> Upload:
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise ValidationError(f"{field}: cannot read {path}: {reason}", param=field) from error
    return Upload(path.name, _guess(head)[1], source=str(path))


def _opened(file: IO[bytes], field: str) -> Upload:
    try:
        start = file.tell() if file.seekable() else None
        head = file.read(16) if start is not None else b""
        if start is not None:
            file.seek(start)
    except (OSError, ValueError, AttributeError) as error:
        raise ValidationError(f"{field}: cannot read the file: {error}", param=field) from error
    name, media_type = _guess(head)
    given = getattr(file, "name", None)
    return Upload(Path(given).name if isinstance(given, str) else name, media_type, source=file, start=start)


def _guess(head: bytes) -> tuple[str, str]:
    """A file name and a media type by the first bytes."""
    for offset, signature, ending, media_type in _SIGNATURES:
        if head[offset:].startswith(signature):
            return f"audio.{ending}", media_type
    return "audio", "application/octet-stream"
