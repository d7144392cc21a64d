"""A server on loopback that records each request byte for byte and sends scripted responses."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Recorder:
    """What the server receives, and what it sends next."""

    def __init__(self) -> None:
        self.url = ""
        self._lock = threading.Lock()
        self._requests: list[dict[str, Any]] = []
        self._answers: list[dict[str, Any]] = []

    def script(self, answers: list[dict[str, Any]]) -> None:
        """Forget all requests; answer the next ones with these responses, and repeat the last."""
        with self._lock:
            self._requests, self._answers = [], list(answers)

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Record a request, and return its response."""
        with self._lock:
            self._requests.append(request)
            return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The requests since `script`, in the form of JSON: the body is base64."""
        with self._lock:
            return list(self._requests)


@contextmanager
def start_recorder() -> Iterator[Recorder]:
    """Serve on a free port of loopback, in threads."""
    recorder = Recorder()

    class Handler(_Handler):
        record = staticmethod(recorder.answer)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    recorder.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield recorder
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    record: Any

    def do_any(self) -> None:
        request = {
            "method": self.command,
            "target": self.path,
            "headers": [[name.lower(), value] for name, value in self.headers.items()],
            "body": base64.b64encode(self._read_body()).decode(),
        }
        answer = self.record(request)
        body = encode_answer(answer)
        self.send_response(answer.get("status", 200))
        for name, value in response_headers(answer).items():
            self.send_header(name, value)
        is_dropped = answer.get("drop", False)
        if answer.get("status", 200) not in (204, 304):
            self.send_header("Content-Length", str(len(body) + (1000 if is_dropped else 0)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.close_connection = self.close_connection or is_dropped

    do_GET = do_PUT = do_POST = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = do_TRACE = do_any  # noqa: N815

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def log_message(self, *arguments: Any) -> None:
        """Log nothing."""


def encode_answer(answer: dict[str, Any]) -> bytes:
    """Return the body of a scripted response."""
    if "json" in answer:
        return json.dumps(answer["json"], ensure_ascii=False).encode()
    if "hex" in answer:
        return bytes.fromhex(answer["hex"])
    if "events" in answer:
        return "".join(map(_encode_event, answer["events"])).encode()
    text: str = answer.get("text", "")
    return text.encode()


def _encode_event(event: Any) -> str:
    """An event: text or an object is its data; {event, data} has a name as well."""
    if isinstance(event, dict) and event.keys() == {"event", "data"}:
        return f"event: {event['event']}\n" + _encode_event(event["data"])
    return f"data: {event if isinstance(event, str) else json.dumps(event, ensure_ascii=False)}\n\n"


def response_headers(answer: dict[str, Any]) -> dict[str, str]:
    """Return the headers of a scripted response."""
    types = {"json": "application/json", "events": "text/event-stream", "text": "text/plain; charset=utf-8"}
    kind = answer.get("type") or next((types[key] for key in types if key in answer), None)
    headers = {"x-request-id": "req_1", **({"content-type": kind} if kind else {})}
    return {**headers, **{name: str(value) for name, value in answer.get("headers", {}).items()}}
