"""The responses that mocks return, and a server that counts what reaches it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

KEY = "pg_test_0123456789abcdef"
REQUEST = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hi"}]}
RESPONSE = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "llama-3.1-8b",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}


def _event(text: str, finish_reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish_reason}
    chunk = {**RESPONSE, "object": "chat.completion.chunk", "choices": [choice]}
    return f"data: {json.dumps(chunk)}\n\n".encode()


EVENTS = _event("Hel") + _event("lo", "stop") + b"data: [DONE]\n\n"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    requests = 0

    def do_POST(self) -> None:
        type(self).requests += 1
        body = self.rfile.read(int(self.headers["content-length"]))
        is_stream = json.loads(body).get("stream", False)
        content = EVENTS if is_stream else json.dumps(RESPONSE).encode()
        self.send_response(200)
        self.send_header("content-type", "text/event-stream" if is_stream else "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None: ...


class Server:
    """A real server."""

    def __init__(self, url: str, handler: type[_Handler]) -> None:
        self.url, self._handler = url, handler

    @property
    def requests(self) -> int:
        """How many requests arrived."""
        return self._handler.requests


@pytest.fixture
def server() -> Iterator[Server]:
    """A server on a free port of loopback."""
    handler = type("Handler", (_Handler,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http_server:
        http_server.daemon_threads = True
        thread = threading.Thread(target=http_server.serve_forever)
        thread.start()
        yield Server(f"http://127.0.0.1:{http_server.server_port}", handler)
        http_server.shutdown()
        thread.join()


@pytest.fixture(params=["async", "sync"])
def chat(request):
    """`await chat(url)` and `await chat(url, stream=True)` return the text of a call of either client."""
    from polargrid import PolarGrid, PolarGridSync

    async def call_async(url: str, *, stream: bool = False, **options: object) -> str:
        async with PolarGrid(base_url=url, api_key=KEY, max_retries=0, **options) as client:
            if stream:
                chunks = [chunk async for chunk in client.chat_completion_stream(REQUEST)]
                return "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
            return (await client.chat_completion(REQUEST)).choices[0].message.content

    async def call_sync(url: str, *, stream: bool = False, **options: object) -> str:
        with PolarGridSync(base_url=url, api_key=KEY, max_retries=0, **options) as client:
            if stream:
                return "".join(chunk.choices[0].delta.content or "" for chunk in client.chat_completion_stream(REQUEST))
            return client.chat_completion(REQUEST).choices[0].message.content

    return call_async if request.param == "async" else call_sync
