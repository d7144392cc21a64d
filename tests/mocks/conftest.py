"""Calls of each kind, the responses that mocks return to them, and a server that counts what reaches it."""

from __future__ import annotations

import json
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

import pytest

from polargrid import PolarGrid, PolarGridSync

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


class Kind(NamedTuple):
    """A kind of call: where its request goes, and a response; each of them says "Hello"."""

    path: str
    content: bytes
    media_type: str

    @property
    def headers(self) -> dict[str, str]:
        """Those of the response."""
        return {"content-type": self.media_type}


KINDS = {
    "plain": Kind("/v1/chat/completions", json.dumps(RESPONSE).encode(), "application/json"),
    "stream": Kind(
        "/v1/chat/completions", _event("Hel") + _event("lo", "stop") + b"data: [DONE]\n\n", "text/event-stream"
    ),
    "upload": Kind("/v1/audio/transcriptions?sync=true", b'{"text": "Hello"}', "application/json"),
    "audio": Kind("/v1/audio/speech", b"Hello", "audio/mpeg"),
    "audio stream": Kind("/v1/audio/speech", b"Hello", "audio/ogg"),
}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    requests = connections = 0

    def setup(self) -> None:
        type(self).connections += 1
        super().setup()

    def do_POST(self) -> None:
        type(self).requests += 1
        body = self.rfile.read(int(self.headers["content-length"]))
        kinds = [kind for kind in KINDS.values() if kind.path == self.path]
        kind = kinds[-1] if b'"stream":true' in body else kinds[0]
        self.send_response(200)
        self.send_header("content-type", kind.media_type)
        self.send_header("content-length", str(len(kind.content)))
        self.end_headers()
        self.wfile.write(kind.content)

    def log_message(self, *args: object) -> None: ...


class Server:
    """A real server."""

    def __init__(self, url: str, handler: type[_Handler]) -> None:
        self.url, self._handler = url, handler

    @property
    def requests(self) -> int:
        """How many requests arrived."""
        return self._handler.requests

    @property
    def connections(self) -> int:
        """How many connections they came by."""
        return self._handler.connections


@pytest.fixture
def server() -> Iterator[Server]:
    """A server on a free port of loopback."""
    handler = type("Handler", (_Handler,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http_server:
        http_server.daemon_threads = True
        thread = threading.Thread(target=http_server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Server(f"http://127.0.0.1:{http_server.server_port}", handler)
        http_server.shutdown()
        thread.join()


@pytest.fixture(params=KINDS)
def kind(request):
    """Each kind of call, by its name."""
    return request.param


SPEECH = {"model": "tts-1", "voice": "nova", "input": "Hello"}
RECORDING = ("hello.wav", b"RIFF")


async def _call_async(kind: str, url: str, **options: object) -> str:
    async with PolarGrid(**{"base_url": url, "api_key": KEY, "max_retries": 0, **options}) as client:
        if kind == "stream":
            chunks = [chunk async for chunk in client.chat_completion_stream(REQUEST)]
            return "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
        if kind == "upload":
            return (await client.transcribe(RECORDING, {"model": "whisper-1"})).text
        if kind == "audio":
            return (await client.text_to_speech(SPEECH)).decode()
        if kind == "audio stream":
            stream = client.text_to_speech_stream({**SPEECH, "response_format": "opus"})
            return b"".join([chunk async for chunk in stream]).decode()
        return (await client.chat_completion(REQUEST)).choices[0].message.content


async def _call_sync(kind: str, url: str, **options: object) -> str:
    with PolarGridSync(**{"base_url": url, "api_key": KEY, "max_retries": 0, **options}) as client:
        if kind == "stream":
            return "".join(chunk.choices[0].delta.content or "" for chunk in client.chat_completion_stream(REQUEST))
        if kind == "upload":
            return client.transcribe(RECORDING, {"model": "whisper-1"}).text
        if kind == "audio":
            return client.text_to_speech(SPEECH).decode()
        if kind == "audio stream":
            return b"".join(client.text_to_speech_stream({**SPEECH, "response_format": "opus"})).decode()
        return client.chat_completion(REQUEST).choices[0].message.content


@pytest.fixture(params=[_call_async, _call_sync], ids=["async", "sync"])
def call(request):
    """`await call(kind, url)` returns the text of a call of either client."""
    return request.param


@pytest.fixture
def fast_warnings(monkeypatch):
    """`with fast_warnings("respx"):` expects one warning that respx sees no call over `transport="fast"`."""
    from polargrid_transport import httpx_patches

    monkeypatch.setattr(httpx_patches, "_warned", [])

    @contextmanager
    def expect(package: str) -> Iterator[list[warnings.WarningMessage]]:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield caught
        assert [str(item.message).partition(",")[0] for item in caught] == [f"{package} has patched httpx"]
        assert issubclass(caught[0].category, RuntimeWarning)

    return expect
