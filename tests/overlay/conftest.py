"""Both clients behind one face, answers from memory, and an edge of raw sockets where the wire matters."""

from __future__ import annotations

import asyncio
import functools
import inspect
import json
import os
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import resources
from itertools import count
from typing import Any

import httpx
import pytest

import polargrid

KEY = "pg_test_0123456789abcdef"
PATIENCE = 10  # seconds until a test that would hang fails


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch):
    """No test sees the settings or the proxies of the machine that it runs on."""
    for name in list(os.environ):
        if name.startswith("POLARGRID_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def key():
    """The API key that the clients of these tests have."""
    return KEY


# The spec


@dataclass
class SpecOperation:
    """What openapi.yaml says of one operation."""

    name: str
    method: str
    path: str
    request: Any = None
    answer: Any = None
    media_type: str = "application/json"


@pytest.fixture(scope="session")
def spec() -> dict[str, SpecOperation]:
    """The operations of openapi.yaml by name, each with its first example of a request and of an answer."""
    document = json.loads(resources.files("polargrid_generated").joinpath("openapi.json").read_text("utf-8"))
    found = [
        _spec_operation(operation, method, path)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]
    return {operation.name: operation for operation in found}


def _spec_operation(operation: dict[str, Any], method: str, path: str) -> SpecOperation:
    media_type, answer = next(iter(operation["responses"]["200"]["content"].items()))
    body = next(iter(operation.get("requestBody", {}).get("content", {"": {}}).values()))
    request = _example(body)
    if isinstance(request, dict):
        request.pop("file", None)
    return SpecOperation(operation["operationId"], method.upper(), path, request, _example(answer), media_type)


def _example(media: dict[str, Any]) -> Any:
    return next((example["value"] for example in media.get("examples", {}).values()), media.get("example"))


# The clients


class Script:
    """Answers requests in turn, the last answer for ever: a response, an exception, or a function of the request."""

    def __init__(self, answers: tuple[Any, ...]) -> None:
        self.answers = answers
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> Any:
        answer = self.answers[min(len(self.requests), len(self.answers) - 1)]
        self.requests.append(request)
        if isinstance(answer, Exception):
            raise answer
        found = answer(request) if callable(answer) else answer
        if not isinstance(found, httpx.Response):
            return found  # to be awaited
        return httpx.Response(found.status_code, headers=found.headers, content=found.content)  # one for each request


class Blocking:
    """A client of either kind, or a resource of one, called without await. `native` is the thing itself."""

    def __init__(self, native: Any, run: Callable[[Any], Any], requests: list[httpx.Request]) -> None:
        self.native, self._run, self.requests = native, run, requests

    def __getattr__(self, name: str) -> Any:
        member = getattr(self.native, name)
        return functools.partial(self._call, member) if callable(member) else self._without_await(member)

    def _call(self, method: Callable[..., Any], *values: Any, **named: Any) -> Any:
        result = method(*values, **named)
        return self._without_await(self._run(result) if inspect.iscoroutine(result) else result)

    def _without_await(self, thing: Any) -> Any:
        if hasattr(thing, "__anext__"):
            return BlockingStream(thing, self._run, self.requests)
        if type(thing).__module__.endswith("_resources"):
            return Blocking(thing, self._run, self.requests)
        return thing

    def __enter__(self) -> Blocking:
        if hasattr(self.native, "__aenter__"):
            self._run(self.native.__aenter__())
        else:
            self.native.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        if hasattr(self.native, "__aexit__"):
            self._run(self.native.__aexit__(*error))
        else:
            self.native.__exit__(*error)


class BlockingStream(Blocking):
    """What is iterated with await, iterated without."""

    def __iter__(self) -> BlockingStream:
        return self

    def __next__(self) -> Any:
        async def step() -> Any:
            return await anext(self.native)

        try:
            return self._run(step())
        except StopAsyncIteration:
            raise StopIteration from None

    def close(self) -> None:
        async def close() -> None:
            await self.native.aclose()

        self._run(close())


class Connect:
    """Makes clients of one kind; all that it made is closed when the test ends."""

    def __init__(self, name: str, transport: str, runner: asyncio.Runner) -> None:
        self.name, self.transport = name, transport
        self.kind: Any = {"async": polargrid.PolarGrid, "sync": polargrid.PolarGridSync}[name]
        self._http_kind: Any = {"async": httpx.AsyncClient, "sync": httpx.Client}[name]
        self._runner = runner
        self._open: list[Any] = []

    def run(self, result: Any) -> Any:
        """The result, waited for where it must be."""
        return self._runner.run(result) if inspect.iscoroutine(result) else result

    def http(self, *answers: Any, **options: Any) -> Any:
        """An httpx client of this kind that gives these answers; its `script` keeps the requests."""
        script = Script(answers)
        http = self._http_kind(**{"transport": httpx.MockTransport(script), **options})
        http.script = script
        self._open.append(http)
        return http

    def __call__(self, *answers: Any, **options: Any) -> Blocking:
        """A client that gets these answers; without any, one that talks to its `base_url`. It tries once."""
        return self._made(self.kind, answers, options)

    def create(self, *answers: Any, **options: Any) -> Blocking:
        """The same through `create`."""
        return self._made(self.kind.create, answers, options)

    def _made(self, make: Callable[..., Any], answers: tuple[Any, ...], options: dict[str, Any]) -> Blocking:
        requests: list[httpx.Request] = []
        if answers:
            options["http_client"] = http = self.http(*answers)
            requests = http.script.requests
        elif self.transport == "httpx":
            options.setdefault("transport", self.transport)
        client = self.run(make(**{"api_key": KEY, "max_retries": 0, **options}))
        self._open.append(client)
        return Blocking(client, self.run, requests)

    def close(self) -> None:
        for each in reversed(self._open):
            self.run(each.aclose() if isinstance(each, httpx.AsyncClient) else each.close())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test of a client runs once async and once sync; with raw edges also over httpx's connections."""
    if "connect" in metafunc.fixturenames:
        over = ("", " over httpx") if "serve" in metafunc.fixturenames else ("",)
        metafunc.parametrize("connect", [name + which for which in over for name in ("async", "sync")], indirect=True)


@pytest.fixture
def connect(request) -> Iterator[Connect]:
    """Makes clients, once async and once sync: what is true of one is true of the other."""
    name, _, transport = request.param.partition(" over ")
    with asyncio.Runner() as runner:
        made = Connect(name, transport or "auto", runner)
        yield made
        made.close()


# The raw edge


@dataclass
class Received:
    """A request as it stood on the wire."""

    line: str
    headers: dict[str, str]
    body: bytes


class Connection:
    """One connection of the raw edge, as its script sees it."""

    def __init__(self, sock: socket.socket, requests: list[Received]) -> None:
        sock.settimeout(PATIENCE)
        self._socket, self._file, self._requests = sock, sock.makefile("rb"), requests

    def request(self) -> Received:
        """Read one request, whole."""
        line = self._file.readline().decode().strip()
        headers = dict(self._header_lines())
        if headers.get("transfer-encoding") == "chunked":
            body = b"".join(self._chunks())
        else:
            body = self._file.read(int(headers.get("content-length", 0)))
        received = Received(line, headers, body)
        self._requests.append(received)
        return received

    def _header_lines(self) -> Iterator[tuple[str, str]]:
        while line := self._file.readline().decode().strip():
            name, _, value = line.partition(":")
            yield name.lower(), value.strip()

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self._file.readline(), 16):
            yield self._file.read(size)
            self._file.readline()
        self._file.readline()

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def answer(self, body: bytes, *headers: str, status: str = "200 OK", media_type: str = "application/json") -> None:
        """Send an answer, whole."""
        lines = [f"HTTP/1.1 {status}", f"content-type: {media_type}", f"content-length: {len(body)}", *headers]
        self.send("\r\n".join([*lines, "", ""]).encode() + body)

    def start_stream(self, media_type: str = "text/event-stream") -> None:
        """Send the head of an answer that comes in pieces."""
        self.send(f"HTTP/1.1 200 OK\r\ncontent-type: {media_type}\r\ntransfer-encoding: chunked\r\n\r\n".encode())

    def piece(self, data: bytes) -> None:
        """Send a piece of it; an empty one ends it."""
        self.send(b"%x\r\n%s\r\n" % (len(data), data))

    def left(self) -> bool:
        """Wait until the client closes the connection; false where it sends instead."""
        try:
            return self._file.read(1) == b""
        except ConnectionResetError:
            return True

    def reset(self) -> None:
        """Close with a TCP reset."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        self._file.close()
        self._socket.close()


@dataclass
class RawEdge:
    """A server on a port of its own; its n-th connection runs the n-th script, or the last."""

    scripts: tuple[Callable[[Connection], object], ...]
    requests: list[Received] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._closing = False
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        for number in count():
            sock, _ = self._listener.accept()
            if self._closing:
                sock.close()
                return
            self.connections += 1
            script = self.scripts[min(number, len(self.scripts) - 1)]
            thread = threading.Thread(target=self._serve, args=(script, Connection(sock, self.requests)))
            self._threads.append(thread)
            thread.start()

    def _serve(self, script: Callable[[Connection], object], connection: Connection) -> None:
        try:
            script(connection)
        finally:
            connection.close()

    def join(self) -> None:
        """Take no more connections, and wait until every script has ended."""
        if self._closing:
            return
        self._closing = True
        socket.create_connection(self._listener.getsockname()).close()
        for thread in self._threads:
            thread.join(PATIENCE)
        self._listener.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., RawEdge]]:
    """Starts raw edges: `serve(script, ...)`, each script a function of a connection."""
    edges: list[RawEdge] = []

    def start(*scripts: Callable[[Connection], object]) -> RawEdge:
        edges.append(RawEdge(scripts))
        return edges[-1]

    yield start
    for edge in edges:
        edge.join()
