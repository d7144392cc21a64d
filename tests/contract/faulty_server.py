"""A real HTTP server with several faults at once, for one run of schemathesis that must detect all of them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "pg_never_shown"
_USAGE = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
_CHUNK = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "chat", "choices": []}
_MODEL = {"id": "chat", "object": "model", "created": 1, "owned_by": "test", "pg_model_type": "chat"}


class FaultyHandler(BaseHTTPRequestHandler):
    """Accepts every request and method, has one request id for all, and a fault for each path.

    Only text operations need the key: schemathesis does not count a request as valid where the key makes no difference.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # a delayed acknowledgement would take 40 ms for each response

    def respond(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = self.path.partition("?")[0]
        fields = _parse(body)
        if path.endswith("completions") and self.headers.get("authorization") != f"Bearer {KEY}":
            self.send_json({"error": {"message": "invalid key", "type": "authentication_error", "code": None}}, 401)
        elif path == "/v1/models":
            self.send_json({"object": "list", "data": [_MODEL]})
        elif path == "/v1/models/load":  # names another model
            self.send_json({"status": "success", "model": "x", "force_reload": False, "message": "Loaded."})
        elif path == "/v1/chat/completions" and fields.get("stream") is True:  # has no [DONE]
            self.send_body(b"data: " + json.dumps(_CHUNK).encode() + b"\n\n", "text/event-stream")
        elif path == "/v1/chat/completions":  # has another model, and a name twice
            self.send_body(b'{"model": "x", "choices": [], "choices": []}', "application/json")
        elif path == "/v1/completions":  # ignores `stream`
            self.send_json({"id": "c", "object": "text_completion", "created": 1, "model": "chat", "usage": _USAGE})
        elif path == "/health":  # breaks off
            self.send_body(b'{"status": ', "application/json", missing=100)
        else:
            self.send_json({})

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_TRACE = do_OPTIONS = respond  # noqa: N815

    def send_json(self, body: Any, status: int = 200) -> None:
        self.send_body(json.dumps(body).encode(), "application/json", status=status)

    def send_body(self, body: bytes, media_type: str, *, status: int = 200, missing: int = 0) -> None:
        self.send_response(status)
        self.send_header("content-type", media_type)
        self.send_header("content-length", str(len(body) + missing))
        self.send_header("x-request-id", "req_1")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = self.close_connection or bool(missing)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the standard library's name
        """Write no log."""


def _parse(body: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # a check connects a hundred times at once


@contextmanager
def run_faulty_server() -> Iterator[str]:
    """Run the server on a thread, and yield its URL."""
    with _Server(("127.0.0.1", 0), FaultyHandler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
