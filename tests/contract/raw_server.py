"""Handlers that write the bytes of their responses in another way: wrong ones, and legal ones that are unusual."""

from __future__ import annotations

import io
from collections.abc import Callable

from tests.contract.http_handler import HTTPHandler

ChangeBytes = Callable[["BytesHandler", bytes], bytes]


class BytesHandler(HTTPHandler):
    """Passes each response, as bytes, through `change` before it is sent."""

    change: ChangeBytes

    def handle_one_request(self) -> None:
        connected, self.wfile = self.wfile, io.BytesIO()  # type: ignore[assignment]
        self.connected = connected
        try:
            super().handle_one_request()
            written = self.wfile.getvalue()  # type: ignore[attr-defined]
        finally:
            self.wfile = connected
        if written:
            connected.write(type(self).change(self, written))

    def handle_expect_100(self) -> bool:
        self.connected.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return True


def change_bytes(change: ChangeBytes, **members: object) -> type[HTTPHandler]:
    """A handler whose responses this function changes."""
    return type("Handler", (BytesHandler,), {"change": staticmethod(change), **members})


def split(data: bytes) -> tuple[bytes, bytes]:
    """The head, with the empty line, and the body."""
    head, end, body = data.partition(b"\r\n\r\n")
    return head + end, body


def replace_bytes(old: bytes, new: bytes) -> ChangeBytes:
    return lambda _, data: data.replace(old, new, 1)


def add_line(line: bytes) -> ChangeBytes:
    return replace_bytes(b"\r\n\r\n", b"\r\n" + line + b"\r\n\r\n")


def send_chunks(
    data: bytes, *, extension: bytes = b"", trailer: bytes = b"", end: bytes = b"0\r\n", more: bytes = b""
) -> bytes:
    """The response in chunks of 7 bytes instead of with a length; one without a body stays as it is."""
    head, body = split(data)
    if not body:
        return data
    lines = [line for line in head[:-4].split(b"\r\n") if not line.lower().startswith(b"content-length")]
    lines += [b"Transfer-Encoding: chunked", *([more] if more else [])]
    pieces = (body[index : index + 7] for index in range(0, len(body), 7))
    chunks = b"".join(b"%x%b\r\n%b\r\n" % (len(piece), extension, piece) for piece in pieces)
    return b"\r\n".join(lines) + b"\r\n\r\n" + chunks + (end + trailer + b"\r\n" if end else b"")
