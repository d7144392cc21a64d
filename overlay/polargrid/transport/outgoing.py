"""The body of a request, as pieces that are sent one after the other; no network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, cast

from polargrid.errors import ValidationError
from polargrid.wire import Call

PIECE = 256 * 1024  # bytes sent between two looks at the clock


Outgoing = tuple[str, Iterator[bytes]]


def outgoing(call: Call, *, chunks: bool = True) -> AbstractContextManager[Outgoing]:
    """The headers that frame the body, and its pieces, as HTTP's chunks where their length is unknown.

    A file is open until the block ends, and is never held whole. Without `chunks` somebody else makes them.
    """
    if call.file is not None:
        return _form(call, chunks=chunks)
    content = call.content or b""
    framing = "" if call.method == "GET" else f"Content-Length: {len(content)}\r\n"
    return nullcontext((framing, iter((content,)) if len(content) <= PIECE else _slices(content)))


@contextmanager
def _form(call: Call, *, chunks: bool) -> Iterator[Outgoing]:
    import httpx  # which knows how forms are written

    with form_of(call) as fields:
        form = httpx.Request(call.method, "http://form", **fields)
        pieces = iter(cast(Iterable[bytes], form.stream))
        framing = f"Content-Type: {form.headers['content-type']}\r\n"
        if "content-length" in form.headers:
            length = form.headers["content-length"]
            yield f"{framing}Content-Length: {length}\r\n", _exactly(int(length), pieces)
        else:
            yield f"{framing}Transfer-Encoding: chunked\r\n", _chunked(pieces) if chunks else pieces


@contextmanager
def form_of(call: Call) -> Iterator[dict[str, Any]]:
    """The fields and the file of an upload, as httpx takes them; the file is open until the block ends."""
    assert call.file is not None  # noqa: S101 - only uploads are forms
    with call.file.opened() as file:
        part = (call.file.name, file, call.file.media_type)
        yield {"data": dict(call.form or {}), "files": {call.operation.file or "file": part}}


def _slices(content: bytes) -> Iterator[bytes]:
    return (content[start : start + PIECE] for start in range(0, len(content), PIECE))


def _exactly(length: int, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces, if they are as long as was said: else the edge would wait, or take the rest for a request."""
    left = length
    for piece in pieces:
        left -= len(piece)
        if left < 0:
            raise ValidationError("the request broke off: Too much data, its file became longer", param="file")
        yield piece
    if left:
        raise ValidationError("the request broke off: Too little data, its file became shorter", param="file")


def _chunked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces as chunks (RFC 9112, 7.1)."""
    for piece in pieces:
        if piece:
            yield b"%x\r\n%b\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"
