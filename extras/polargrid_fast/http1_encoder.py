"""A request as bytes, without I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator

from polargrid_fast.exceptions import LocalProtocolError
from polargrid_fast.models import Request, Target

#: Bytes of a body that are written between two checks for an early response.
CHUNK_SIZE = 256 * 1024

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
#: Field lines (RFC 9110, 5.1 and 5.5). Counting lines beside it finds a line break inside a value.
_FIELDS = re.compile(rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+: [^\x00-\x08\x0a-\x1f\x7f]*\r\n)*")
_FRAMING = frozenset({"content-length", "transfer-encoding"})
_BODILESS = frozenset({"GET", "HEAD", "DELETE", "OPTIONS", "TRACE"})


def encode_head(request: Request, target: Target) -> bytes:
    """The request line and the headers. Raises LocalProtocolError where they would not be valid."""
    method = request.method
    if not _TOKEN.fullmatch(method) or method == "CONNECT":
        raise LocalProtocolError(f"unsupported method {method!r}")
    lines = [f"{name}: {value}\r\n" for name, value in request.headers]
    names = {name.lower() for name, _ in request.headers}
    if names & _FRAMING:
        name = min(names & _FRAMING)
        raise LocalProtocolError(f"header {name!r} is set from the body; pass body and content_length instead")
    if "host" not in names:
        lines.insert(0, f"Host: {target.authority}\r\n")
    lines += _framing(request)
    try:
        fields = "".join(lines).encode("latin-1")
    except UnicodeEncodeError as error:
        raise LocalProtocolError("invalid header: a value has characters outside of latin-1") from error
    if not _FIELDS.fullmatch(fields) or fields.count(b"\r\n") != len(lines):
        raise LocalProtocolError(f"invalid header {_first_invalid(lines)!r}")
    return f"{method} {target.path} HTTP/1.1\r\n".encode("ascii") + fields + b"\r\n"


def _framing(request: Request) -> list[str]:
    body = request.body
    if body is None:
        return [] if request.method in _BODILESS else ["Content-Length: 0\r\n"]
    length = len(body) if isinstance(body, bytes) else request.content_length
    return ["Transfer-Encoding: chunked\r\n" if length is None else f"Content-Length: {length}\r\n"]


def _first_invalid(lines: list[str]) -> str:
    """The name of a header that cannot be sent; its value may be secret."""
    invalid = next(line for line in lines if line.count("\r\n") > 1 or not _FIELDS.fullmatch(line.encode("latin-1")))
    return invalid.partition(":")[0]


def iter_body(request: Request) -> Iterator[bytes]:
    """The body as it is sent: in slices, or in HTTP's chunks."""
    body = request.body
    if body is None:
        return iter(())
    if isinstance(body, bytes):
        if len(body) <= CHUNK_SIZE:
            return iter((body,))
        return (body[start : start + CHUNK_SIZE] for start in range(0, len(body), CHUNK_SIZE))
    if request.content_length is None:
        return _encode_chunks(body())
    return _enforce_length(body(), request.content_length)


def _encode_chunks(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Chunks as RFC 9112, 7.1, has them; an empty one would end the body early."""
    for chunk in chunks:
        if chunk:
            yield b"%x\r\n%b\r\n" % (len(chunk), chunk)
    yield b"0\r\n\r\n"


def _enforce_length(chunks: Iterator[bytes], length: int) -> Iterator[bytes]:
    """Chunks of `length` bytes in all; else the server would wait, or read the surplus as a request."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > length:
            raise LocalProtocolError(f"body is longer than its content_length of {length} bytes", request_sent=True)
        if chunk:
            yield chunk
    if size < length:
        raise LocalProtocolError(f"body has {size} bytes; its content_length is {length}", request_sent=True)
