"""A proxy in front of an edge that records its responses, so that a test can replay them without a model."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import httpx

_RECORDED = ("content-type", "x-request-id", "x-pg-ignored")
_HOP_BY_HOP = ("connection", "transfer-encoding", "content-length", "date", "server", "host", "accept-encoding")


@dataclass(frozen=True, slots=True)
class Response:
    """A recorded response, with the request line that it responds to. `body` is in base64."""

    method: str
    path: str
    status: int
    headers: dict[str, str]
    body: str

    @property
    def content(self) -> bytes:
        return base64.b64decode(self.body)


@dataclass
class Recorder:
    """The responses since the last call of `take`."""

    url: str = ""
    responses: list[Response] = field(default_factory=list)

    def take(self) -> list[dict[str, Any]]:
        """Return the responses, and forget them."""
        taken, self.responses = self.responses, []
        return [asdict(response) for response in taken]


@contextmanager
def record(edge: str) -> Iterator[Recorder]:
    """Start a proxy in front of an edge; its URL is that of the recorder."""
    recorder = Recorder()
    with httpx.Client(base_url=edge, timeout=None, trust_env=False) as client:  # noqa: S113 - the caller has a timeout

        class Handler(_Handler):
            upstream: ClassVar[httpx.Client] = client
            into: ClassVar[Recorder] = recorder

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        recorder.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield recorder
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    upstream: ClassVar[httpx.Client]
    into: ClassVar[Recorder]

    def forward(self) -> None:
        content = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
        received = self.upstream.request(self.command, self.path, headers=headers, content=content)
        body = base64.b64encode(received.content).decode()
        kept = {name: received.headers[name] for name in _RECORDED if name in received.headers}
        path = self.path.partition("?")[0]
        self.into.responses.append(Response(self.command, path, received.status_code, kept, body))
        self.send_response(received.status_code)
        for name, value in kept.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(received.content)))
        self.end_headers()
        self.wfile.write(received.content)

    do_GET = do_POST = forward  # noqa: N815 - the names that http.server calls

    def log_message(self, *arguments: object) -> None:
        """Print nothing."""
