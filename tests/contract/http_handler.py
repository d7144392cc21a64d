"""HTTP/1.1 as a server must speak it, for the servers of the tests: bodies in chunks, a Date, lengths."""

from __future__ import annotations

from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler

STATUSES_WITHOUT_BODY = (204, 304)


class HTTPHandler(BaseHTTPRequestHandler):
    """Reads requests with any framing, and writes responses with a length and a date."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # a delayed acknowledgement would take 40 ms for each response

    def read_body(self) -> bytes:
        if self.headers.get("transfer-encoding", "").strip().lower() != "chunked":
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        body = bytearray()
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            """Skip the trailers."""
        return bytes(body)

    def write_response(self, status: int, headers: Iterable[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        self.send_header("date", self.date_time_string())
        for name, value in headers:
            self.send_header(name, value)
        if status not in STATUSES_WITHOUT_BODY:
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and status not in STATUSES_WITHOUT_BODY:
            self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the standard library's name
        """Write no log."""
