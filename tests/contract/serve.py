"""Serves a server in memory over HTTP on a thread, for programs that need a URL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer

import httpx

from tests.contract.changes import Send
from tests.contract.http_handler import HTTPHandler
from tests.contract.recorded_edge import HOP_HEADERS


class _Handler(HTTPHandler):
    send: Send

    def respond(self) -> None:
        body = self.read_body()
        # The parser of the standard library leaves white space behind values, and httpx takes ASCII as text only.
        headers = [(name.encode("latin-1"), value.strip().encode("latin-1")) for name, value in self.headers.items()]
        url = f"http://{self.headers['host'].strip()}{self.path}"
        response = type(self).send(httpx.Request(self.command, url, headers=headers, content=body))
        fields = [(name, value) for name, value in response.headers.multi_items() if name not in HOP_HEADERS]
        self.write_response(response.status_code, fields, response.content)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = respond  # noqa: N815
    do_OPTIONS = do_TRACE = do_QUERY = respond  # noqa: N815


class _Server(ThreadingHTTPServer):
    daemon_threads = True  # connections of the proxy stay open
    block_on_close = False
    request_queue_size = 128  # connections at once

    def handle_error(self, *_: object) -> None:
        """Ignore clients that disconnect."""


@contextmanager
def serve(send: Send) -> Iterator[str]:
    """Serve on a free port, and yield the URL."""
    handler = type("Handler", (_Handler,), {"send": staticmethod(send)})
    with _Server(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
