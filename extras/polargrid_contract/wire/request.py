"""Requests as bytes, with control over what a client library decides: spelling, framing, version; pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from polargrid_contract.exchange import Upload

AUTHORIZATION = "authorization"
_FIRST_BEYOND_ASCII = 0x80
_PIECES = (1, 2, 61)  # bytes of the first chunks; the rest is one chunk

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class RawRequest:
    """A request that is sent byte by byte as it stands here."""

    method: str
    target: str
    headers: Headers
    body: bytes = b""
    version: Literal["1.0", "1.1"] = "1.1"
    chunk_extension: str | None = None
    """Sends the body in chunks, with this behind each size; None sends it with its length."""
    spaces: tuple[str, str] = (" ", "")
    """White space before and after the value of each header."""
    scheme: str = "http"
    """The scheme of the URL, which is sent in the absolute form of the target only."""

    @property
    def version_numbers(self) -> tuple[int, int]:
        """The version as numbers."""
        return (1, int(self.version[-1]))

    @property
    def has_body(self) -> bool:
        """Whether it is sent with a body, which may be empty."""
        return bool(self.body) or self.method in ("POST", "PUT", "PATCH")

    def header(self, name: str) -> str:
        """Return the value of a header; empty if it is not sent."""
        return next((value for other, value in self.headers if other.lower() == name), "")

    def with_headers(self, *headers: tuple[str, str]) -> RawRequest:
        """Return a copy with these headers instead of those with the same names; an empty value removes one."""
        names = {name.lower() for name, _ in headers}
        others = tuple(item for item in self.headers if item[0].lower() not in names)
        return replace(self, headers=(*others, *(item for item in headers if item[1])))

    def with_body(self, body: bytes, media_type: str = "") -> RawRequest:
        """Return a copy with another body, and with its media type if there is one."""
        request = replace(self, body=body)
        return request.with_headers(("content-type", media_type)) if media_type else request

    @property
    def head(self) -> bytes:
        """The request line and the headers, with the empty line."""
        before, after = self.spaces
        lines = [f"{self.method} {self.target} HTTP/{self.version}"]
        lines += [f"{name}:{before}{value}{after}" for name, value in (*self.headers, *self._framing())]
        return "".join(f"{line}\r\n" for line in (*lines, "")).encode("latin-1")

    @property
    def payload(self) -> bytes:
        """The body as it is sent."""
        if not self.has_body or self.chunk_extension is None:
            return self.body
        extension = self.chunk_extension.encode()
        chunks = (b"%X%b\r\n%b\r\n" % (len(part), extension, part) for part in _split(self.body))
        return b"".join(chunks) + b"0\r\n\r\n"

    def encode(self) -> bytes:
        """Return all bytes of the request."""
        return self.head + self.payload

    def _framing(self) -> Headers:
        if not self.has_body:
            return ()
        if self.chunk_extension is not None:
            return (("Transfer-Encoding", "chunked"),)
        return (("Content-Length", str(len(self.body))),)


def _split(body: bytes) -> Iterable[bytes]:
    for size in _PIECES:
        if body:
            yield body[:size]
        body = body[size:]
    if body:
        yield body


def cut(request: RawRequest) -> list[bytes]:
    """Cut a request within its first line end, behind its head, and in its body, within a character if there is one."""
    head, payload = request.head, request.payload
    character = next((index for index, byte in enumerate(payload) if byte >= _FIRST_BEYOND_ASCII), None)
    middle = len(payload) // 2 if character is None else character + 1
    line_end = head.index(b"\r\n") + 1
    pieces = (head[:line_end], head[line_end:], payload[:middle], payload[middle:])
    return [part for part in pieces if part]


def encode_json(value: Any) -> bytes:
    """Encode a JSON body as most clients do."""
    return json.dumps(value, ensure_ascii=False).encode()


@dataclass(frozen=True)
class FormSpelling:
    """How a multipart form is written; the default is how most clients write it."""

    boundary: str = "------------------------boundary5f9d"
    quoted: bool = False
    """Whether the boundary is quoted in Content-Type."""
    header: str = "Content-Disposition"
    quote: str = '"'
    """The quotes around the name of a file."""
    files_first: bool = False
    typed_fields: bool = False
    """Whether text fields have a Content-Type."""
    epilogue: bytes = b""

    @property
    def media_type(self) -> str:
        """The Content-Type of the form."""
        boundary = f'"{self.boundary}"' if self.quoted else self.boundary
        return f"multipart/form-data; boundary={boundary}"


def encode_form(form: Mapping[str, str], uploads: Sequence[Upload], spelling: FormSpelling) -> bytes:
    """Encode the fields and the files of a form as multipart/form-data (RFC 7578, RFC 2046)."""
    name = spelling.header
    typed = "\r\nContent-Type: text/plain; charset=utf-8" if spelling.typed_fields else ""
    fields = [f'{name}: form-data; name="{field}"{typed}\r\n\r\n{value}'.encode() for field, value in form.items()]
    files = [
        f'{name}: form-data; name="{it.field}"; filename={spelling.quote}{it.name}{spelling.quote}\r\n'
        f"Content-Type: {it.media_type}\r\n\r\n".encode()
        + it.data
        for it in uploads
    ]
    parts = [*files, *fields] if spelling.files_first else [*fields, *files]
    delimiter = b"--" + spelling.boundary.encode()
    body = b"\r\n".join(delimiter + b"\r\n" + part for part in parts)
    return body + b"\r\n" + delimiter + b"--\r\n" + spelling.epilogue
