"""A form whose file is read once, as it arrives: a pipe, a device, an object that cannot seek."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from uuid import uuid4

from polargrid import errors
from polargrid._call_state import CallState
from polargrid._file_stream import FileStream
from polargrid._files import Upload, empty_error
from polargrid._http import encode_form
from polargrid_runtime.concurrency import async_wait_readable


async def open_form_stream(
    call: CallState, upload: Upload, stream: FileStream
) -> tuple[AsyncGenerator[bytes, None], str]:
    """Wait for the first bytes of the file, and return the pieces of the form and its Content-Type.

    Raises ValidationError if the file is empty or cannot be read, TimeoutError at the deadline.
    """
    field = call.request.file_field
    try:
        if stream.head is None:
            stream.head = await _read(call, stream)
        if not stream.head:
            raise empty_error(field)
    except errors.PolarGridError as error:
        error.sent = False
        raise
    name, media_type = upload.describe(stream.head)
    marker = uuid4().hex.encode()
    form = {"data": dict(call.request.form or {}), "files": {field: (name, marker, media_type)}}
    content, _, content_type = encode_form(form)
    before, _, after = b"".join(content()).partition(marker)
    return _iter_form(call, stream, before + stream.head, after), content_type


async def _iter_form(call: CallState, stream: FileStream, before: bytes, after: bytes) -> AsyncGenerator[bytes, None]:
    yield before
    while data := await _read(call, stream):
        yield data
    yield after


async def _read(call: CallState, stream: FileStream) -> bytes:
    """Return the next bytes, none at the end."""
    while True:
        try:
            await async_wait_readable(stream, call.deadline.remaining_in_all)
        except TimeoutError as error:
            message = f"{call.deadline.timeout_message('write')}: the file has no more data"
            raise errors.TimeoutError(message) from error
        data = stream.read()
        if data is not None:
            return data
