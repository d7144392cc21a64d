"""Uploads: from a path, bytes or an open file to a form field that can be sent more than once."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from inspect import iscoroutinefunction
from pathlib import Path
from typing import IO, Any

import attrs

from polargrid_codec.file_stream import FileStream, open_nonblocking, read_bytes
from polargrid_codec.media_types import is_media_type, select_media_type, sniff_type
from polargrid_runtime.errors import ValidationError

_BYTES = (bytes, bytearray, memoryview)


@attrs.frozen
class Upload:
    """A file to send as a form field. It is read while it is sent, never held in memory."""

    name: str | None  # None: by the first bytes, which are not read yet
    media_type: str | None
    source: str | bytes | IO[bytes] | FileStream  # a path, the bytes, the caller's file, or one that is read once
    param: str = "file"  # the argument, for errors
    is_typed: bool = False  # whether the caller chose the media type

    @property
    def is_replayable(self) -> bool:
        """Whether it can be sent a second time."""
        return not isinstance(self.source, FileStream)

    @contextmanager
    def open(self) -> Iterator[Any]:
        """Open a replayable file at its start; a file of the caller's stays open afterwards.

        Raises ValidationError if it can no longer be read.
        """
        if isinstance(self.source, bytes):
            yield io.BytesIO(self.source)
        elif isinstance(self.source, str):
            try:
                file = open(self.source, "rb", opener=open_nonblocking)  # noqa: SIM115 - it is closed below
            except OSError as error:
                raise _read_error(self.param, self.source, error) from error
            with file:
                yield _CheckedFile(file, self.param)
        else:
            checked = _CheckedFile(self.source, self.param)
            checked.seek(0)
            yield checked

    def close(self) -> None:
        """Close what is read once; it is open until the call ends, for another endpoint."""
        if isinstance(self.source, FileStream):
            self.source.close()

    def describe(self, head: bytes) -> tuple[str, str]:
        """Return the file name and the media type, by the first bytes if the caller set none."""
        name, media_type = sniff_type(head)
        return self.name or name, self.media_type or media_type


class _CheckedFile:
    """A file whose failures are ValidationErrors: they do not come from the connection."""

    def __init__(self, file: Any, param: str) -> None:
        self._file, self._param = file, param

    @property
    def closed(self) -> bool:
        return bool(self._file.closed)

    def read(self, size: int = -1) -> bytes:
        return read_bytes(self._file, size, self._param)

    def tell(self) -> int:
        with _map_errors(self._param):
            return int(self._file.tell())

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        with _map_errors(self._param):
            self._file.seek(offset, whence)
        return self.tell()  # the `seek` of mmap returns None


@contextmanager
def _map_errors(field: str) -> Iterator[None]:
    """Raise a ValidationError for what a file raises, which may be anything: it is an object of the caller's."""
    try:
        yield
    except ValidationError:
        raise
    except Exception as error:
        raise ValidationError(f"{field}: cannot read it: {error or type(error).__name__}", param=field) from error


def prepare_upload(file: Any, field: str, accepted: str | None = None) -> Upload:
    """Build the upload of a path, bytes, a binary file, or a tuple (name, any of these[, media type]).

    `field` is the name of the argument, for errors; `accepted` is the media type of the document. Raises
    ValidationError for anything else, and for a file that is empty or not at its start.
    """
    upload = _prepare(file, field)
    if accepted is None:
        return upload
    try:
        media_type = select_media_type(accepted, upload.name, upload.media_type, is_chosen=upload.is_typed)
    except ValueError as error:
        raise ValidationError(f"{field}: {error}; pass a tuple (name, file, media type)", param=field) from error
    return attrs.evolve(upload, media_type=media_type)


def _prepare(file: Any, field: str) -> Upload:
    if isinstance(file, tuple):
        return _from_tuple(file, field)
    if isinstance(file, (str, os.PathLike)):
        return _from_path(file, field)
    if isinstance(file, _BYTES):
        with _map_errors(field):
            data = bytes(file)
        return Upload(*sniff_type(_require_content(data, field)), source=data, param=field)
    if isinstance(file, io.TextIOBase):
        raise ValidationError(f"{field}: file opened as text; open it with mode 'rb'", param=field)
    kind = type(file).__name__
    if iscoroutinefunction(getattr(file, "read", None)):
        if callable(getattr(getattr(file, "file", None), "read", None)):
            return _from_form(file, field)
        message = f"{field}: {kind} is an async file; pass its path, or the bytes that `await file.read()` returns"
        raise ValidationError(message, param=field)
    if callable(getattr(file, "read", None)):
        return _from_file(file, field)
    raise ValidationError(f"{field}: expected a path, bytes or a file opened with mode 'rb', not {kind}", param=field)


def _from_tuple(file: tuple[Any, ...], field: str) -> Upload:
    if len(file) not in (2, 3) or not isinstance(file[0], str) or not file[0]:
        raise ValidationError(f"{field}: expected a tuple (name, file) or (name, file, media type)", param=field)
    if _to_printable(file[0], "backslashreplace") != file[0]:
        raise ValidationError(f"{field}: the name {file[0]!a} holds a lone surrogate; pass valid text", param=field)
    upload = _prepare(file[1], field)
    media_type = file[2] if len(file) == 3 else upload.media_type
    if len(file) == 3 and not is_media_type(media_type):
        raise ValidationError(f"{field}: invalid media type {media_type!a}; expected one like audio/wav", param=field)
    return attrs.evolve(upload, name=file[0], media_type=media_type, is_typed=len(file) == 3)


def _from_path(file: str | os.PathLike[str], field: str) -> Upload:
    path, head = "", b""
    try:
        path = os.fsdecode(file)
        status = Path(path).stat()
        is_regular = stat.S_ISREG(status.st_mode)
        if is_regular or stat.S_ISDIR(status.st_mode):
            with open(path, "rb", opener=open_nonblocking) as opened:
                head = opened.read(16)
        if not is_regular or (head and not status.st_size):  # a file of /proc has no size
            return _from_stream(path, path, field)
    except Exception as error:  # a NUL in the path, or a failure of `__fspath__`
        raise _read_error(field, path, error) from error
    media_type = sniff_type(_require_content(head, field))[1]
    return Upload(_to_printable(Path(path).name, "replace"), media_type, source=path, param=field)


def _from_file(file: Any, field: str) -> Upload:
    with _map_errors(field):
        name = getattr(file, "name", None)
        has_position = callable(getattr(file, "tell", None)) and callable(getattr(file, "seek", None))
        if not (file.seekable() if hasattr(file, "seekable") else has_position):  # mmap has no `seekable`
            return _from_stream(file, name, field)
        start = file.tell()
        head = read_bytes(file, 16, field)
        file.seek(start)
    if start:
        position = f"{start}, {'not at its start' if head else 'its end'}"
        message = f"{field}: the file is at position {position}; call its seek(0), or pass the bytes to send"
        raise ValidationError(message, param=field)
    default_name, media_type = sniff_type(_require_content(head, field))
    name = _to_printable(Path(name).name, "replace") if isinstance(name, str) else default_name
    return Upload(name, media_type, source=file, param=field)


def _from_form(file: Any, field: str) -> Upload:
    """The upload that Starlette and FastAPI hand to a route; its client chose the name and the media type."""
    upload = _prepare(file.file, field)
    name, media_type = getattr(file, "filename", None), getattr(file, "content_type", None)
    name = _to_printable(name, "replace") if name and isinstance(name, str) else upload.name
    if not is_media_type(media_type):
        return attrs.evolve(upload, name=name)
    return attrs.evolve(upload, name=name, media_type=media_type, is_typed=True)


def _from_stream(source: Any, name: Any, field: str) -> Upload:
    """A name such as /dev/fd/63 says nothing; the API reads the format from the extension."""
    path = Path(name if isinstance(name, str) else "")
    return Upload(_to_printable(path.name, "replace") if path.suffix else None, None, FileStream(source, field), field)


def _require_content(data: bytes, field: str) -> bytes:
    if not data:
        raise empty_error(field)
    return data[:16]


def empty_error(field: str) -> ValidationError:
    """Build the exception of an upload without content."""
    return ValidationError(f"{field}: it is empty", param=field)


def _read_error(field: str, path: str, error: Exception) -> ValidationError:
    reason = getattr(error, "strerror", None) or error
    return ValidationError(f"{field}: cannot read {_to_printable(path, 'backslashreplace')}: {reason}", param=field)


def _to_printable(text: str, errors: str) -> str:
    """Replace lone surrogates, which represent the bytes of a file name that is not UTF-8."""
    return text.encode("utf-8", errors).decode()
