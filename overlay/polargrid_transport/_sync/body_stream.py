# Derived from ../_async/body_stream.py by `make generate`
"""Bodies that are read as they are sent: files, and what can be read once (a pipe, an object that cannot seek)."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from typing import Any
from uuid import uuid4

from polargrid_codec.file_stream import FileStream, iter_chunks
from polargrid_codec.files import Upload, empty_error
from polargrid_runtime import errors
from polargrid_transport.attempt import Attempt
from polargrid_transport.body import encode_form, form_parts
from polargrid_transport.concurrency import sync_wait_readable


def iter_file(file: Any) -> Generator[bytes, None, None]:
    """Read an open file to its end."""
    for data in iter_chunks(file):
        yield data


def open_body_stream(attempt: Attempt) -> tuple[Generator[bytes, None, None], str]:
    """Wait for the first bytes of each file that is read once, and return the pieces of the body and its Content-Type.

    Raises ValidationError if a file is empty or cannot be read, TimeoutError at the deadline.
    """
    request = attempt.request
    uploads: dict[bytes, Upload] = {}
    files: list[tuple[str, Any]] = []
    for field, upload in request.uploads:
        head = _read_head(attempt, upload.source, upload.param) if isinstance(upload.source, FileStream) else b""
        marker = uuid4().hex.encode()
        uploads[marker] = upload
        name, media_type = upload.describe(head)
        files.append((field, (name, marker, media_type)))
    if request.form is None:
        return _iter_body(attempt, list(uploads), uploads), request.headers["Content-Type"]
    content, _, content_type = encode_form(form_parts(request, files))
    return _iter_body(attempt, content(), uploads), content_type


def _read_head(attempt: Attempt, stream: FileStream, param: str) -> bytes:
    try:
        if stream.head is None:
            stream.head = _read(attempt, stream)
        if not stream.head:
            raise empty_error(param)
    except errors.PolarGridError as error:
        error.sent = False
        raise
    return stream.head


def _iter_body(
    attempt: Attempt, pieces: Iterable[bytes], uploads: Mapping[bytes, Upload]
) -> Generator[bytes, None, None]:
    """Yield the pieces, with each file in place of its marker."""
    before = b""
    for chunk in pieces:
        upload = uploads.get(chunk)
        if upload is None:
            before += chunk
            continue
        if isinstance(upload.source, FileStream):
            yield before + (upload.source.head or b"")
            while data := _read(attempt, upload.source):
                yield data
        else:
            yield before
            with upload.open() as file:
                for data in iter_chunks(file):
                    yield data
        before = b""
    if before:
        yield before


def _read(attempt: Attempt, stream: FileStream) -> bytes:
    """Return the next bytes, none at the end."""
    while True:
        try:
            sync_wait_readable(stream, attempt.deadline.remaining_in_all)
        except TimeoutError as error:
            message = f"{attempt.deadline.timeout_message('write')}: the file has no more data"
            raise errors.TimeoutError(message) from error
        data = stream.read()
        if data is not None:
            return data
