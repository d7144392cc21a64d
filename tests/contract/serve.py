"""Serves a server in memory over HTTP on a thread, for programs that need a URL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

from tests.contract.changes import Send
from tests.contract.recorded_edge import HOP_HEADERS


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    send: Send

    def respond(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        url = f"http://{self.headers['host']}{self.path}"
        response = type(self).send(httpx.Request(self.command, url, headers=list(self.headers.items()), content=body))
        self.send_response_only(response.status_code)
        for name, value in response.headers.multi_items():
            if name not in HOP_HEADERS:
                self.send_header(name, value)
        self.send_header("content-length", str(len(response.content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.content)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = respond  # noqa: N815

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the standard library's name
        """Write no log."""


@contextmanager
def serve(send: Send) -> Iterator[str]:
    """Serve on a free port, and yield the URL."""
    handler = type("Handler", (_Handler,), {"send": staticmethod(send)})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True  # connections of the proxy stay open
        server.block_on_close = False
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
