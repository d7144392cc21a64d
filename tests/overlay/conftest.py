"""Both clients with one interface, responses from memory, and a server of steps for tests of the wire.

A test that takes `connect` runs with the async and with the sync client. If it takes `serve` as well, it runs over real
connections: under asyncio and uvloop, and the fault suite over each transport of `TRANSPORTS`.
"""

from __future__ import annotations

import asyncio
import functools
import gc
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

import polargrid
from polargrid_testing.received import ReceivedRequest
from polargrid_testing.samples import Sample, load_samples
from polargrid_testing.server import LoopbackServer
from polargrid_testing.steps import Close, ReceiveRequest, Step

KEY = "pg_test_0123456789abcdef"
Script = Callable[[], Iterable[Step]]
#: Seconds until a test that would hang fails.
HANG_TIMEOUT = 60
#: The transports of the SDK that the fault suite runs over.
TRANSPORTS = ("httpx", "httpx2", "fast")


@pytest.fixture
def key():
    """The API key of the clients."""
    return KEY


# The spec


@pytest.fixture(scope="session")
def spec() -> dict[str, Sample]:
    """The operations of openapi.yaml by name, each with its first example of a request and of a response."""
    return {sample.name: sample for sample in load_samples()}


# The clients


class MockHandler:
    """Handles the requests of a mock transport in turn; the last response repeats.

    A response is an httpx.Response, an exception to raise, or a function of the request.
    """

    def __init__(self, responses: tuple[Any, ...]) -> None:
        self.responses = responses
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> Any:
        response = self.responses[min(len(self.requests), len(self.responses) - 1)]
        self.requests.append(request)
        if isinstance(response, Exception):
            raise response
        result = response(request) if callable(response) else response
        if not isinstance(result, httpx.Response):
            return result  # an awaitable
        return httpx.Response(result.status_code, headers=result.headers, content=result.content)  # one per request


class BlockingClient:
    """A client of either kind, or a resource of one, called without await. `native` is the client itself."""

    def __init__(self, native: Any, run: Callable[[Any], Any], requests: list[httpx.Request]) -> None:
        self.native, self._run, self.requests = native, run, requests

    def __getattr__(self, name: str) -> Any:
        member = getattr(self.native, name)
        return functools.partial(self._call, member) if callable(member) else self._wrap(member)

    def _call(self, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        result = method(*args, **kwargs)
        return self._wrap(self._run(result) if asyncio.iscoroutine(result) else result)

    def _wrap(self, value: Any) -> Any:
        if hasattr(value, "__anext__"):
            return BlockingStream(value, self._run, self.requests)
        if type(value).__module__.endswith(("_resources", "_async.streamed_response")):
            return BlockingClient(value, self._run, self.requests)
        return value

    def __enter__(self) -> Any:
        has_async = hasattr(self.native, "__aenter__")
        entered = self._run(self.native.__aenter__()) if has_async else self.native.__enter__()
        return self if entered is self.native else self._wrap(entered)

    def __exit__(self, *error: Any) -> None:
        if hasattr(self.native, "__aexit__"):
            self._run(self.native.__aexit__(*error))
        else:
            self.native.__exit__(*error)


class BlockingStream(BlockingClient):
    """An async iterator, iterated without await."""

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


class ClientVariant(NamedTuple):
    """What a test of both clients is run with."""

    name: str  # "async" or "sync"
    transport: str = "httpx"
    loop: str = "asyncio"

    def __str__(self) -> str:
        return "-".join([self.name, self.transport, *(["uvloop"] if self.loop == "uvloop" else [])])


class ClientFactory:
    """Creates clients of one kind; all of them are closed when the test ends."""

    def __init__(self, variant: ClientVariant, runner: asyncio.Runner) -> None:
        self.name, self.transport, self.loop = variant
        self.kind: Any = {"async": polargrid.PolarGrid, "sync": polargrid.PolarGridSync}[self.name]
        self._library = import_module(self.transport if self.transport == "httpx2" else "httpx")
        self._runner = runner
        self._clients: list[Any] = []

    def run(self, result: Any) -> Any:
        """Return the result; await it if it is a coroutine."""
        return self._runner.run(result) if asyncio.iscoroutine(result) else result

    def http(self, *responses: Any, **options: Any) -> Any:
        """Create an httpx client of this kind that gives these responses; its `handler` records the requests."""
        handler = MockHandler(responses)
        kind = {"async": httpx.AsyncClient, "sync": httpx.Client}[self.name]
        client: Any = kind(**{"transport": httpx.MockTransport(handler), **options})
        client.handler = handler
        self._clients.append(client)
        return client

    def http_client(self, **options: Any) -> Any:
        """Create a client of the transport's library, as a user passes it, with real connections."""
        client = {"async": self._library.AsyncClient, "sync": self._library.Client}[self.name](**options)
        self._clients.append(client)
        return client

    def __call__(self, *responses: Any, **options: Any) -> BlockingClient:
        """Create a client that gets these responses; without any, one that connects to its `base_url`. No retries."""
        return self._create(self.kind, responses, options)

    def create(self, *responses: Any, **options: Any) -> BlockingClient:
        """The same by the class method `create`."""
        return self._create(self.kind.create, responses, options)

    def _create(
        self, create: Callable[..., Any], responses: tuple[Any, ...], options: dict[str, Any]
    ) -> BlockingClient:
        requests: list[httpx.Request] = []
        if responses:
            options["http_client"] = http = self.http(*responses)
            requests = http.handler.requests
        elif "http_client" not in options:
            options.setdefault("transport", self.transport)
        client = self.run(create(**{"api_key": KEY, "max_retries": 0, **options}))
        self._clients.append(client)
        return BlockingClient(client, self.run, requests)

    def close(self) -> None:
        """Close all clients."""
        for client in reversed(self._clients):
            self.run(client.aclose() if hasattr(client, "aclose") else client.close())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test of a client async and sync; tests of the wire also under uvloop, faults over each transport."""
    if "connect" in metafunc.fixturenames:
        variants = _select_variants(metafunc)
        metafunc.parametrize("connect", variants, indirect=True, ids=map(str, variants))


def _select_variants(metafunc: pytest.Metafunc) -> list[ClientVariant]:
    variants = [ClientVariant("async"), ClientVariant("sync")]
    if "serve" in metafunc.fixturenames:
        is_fault = metafunc.definition.path.parent.name == "faults"
        for transport in TRANSPORTS if is_fault else TRANSPORTS[:1]:
            variants += [ClientVariant("async", transport), ClientVariant("sync", transport)]
            variants += [ClientVariant("async", transport, "uvloop")]
    return list(dict.fromkeys(variants))


def _new_debug_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    loop.set_debug(True)
    loop.slow_callback_duration = HANG_TIMEOUT
    return loop


def _new_eager_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    loop.set_task_factory(getattr(asyncio, "eager_task_factory", None))
    return loop


def _new_uvloop() -> asyncio.AbstractEventLoop:
    import uvloop

    return uvloop.new_event_loop()


LOOP_FACTORIES: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "asyncio": asyncio.new_event_loop,
    "debug": _new_debug_loop,
    "uvloop": _new_uvloop,
    **({"eager tasks": _new_eager_loop} if hasattr(asyncio, "eager_task_factory") else {}),  # Python 3.12
}


@pytest.fixture(params=LOOP_FACTORIES)
def run_loop(request) -> Callable[[Any], Any]:
    """Run a coroutine in a new event loop: `run_loop(main())`; once for each kind of loop."""

    def run(coroutine: Any) -> Any:
        with asyncio.Runner(loop_factory=LOOP_FACTORIES[request.param]) as runner:
            return runner.run(coroutine)

    return run


@pytest.fixture
def open_resources() -> Callable[[], set[Any]]:
    """Return the files, sockets and threads of the process: `open_resources() - before` is what a test leaves."""

    def collect() -> set[Any]:
        gc.collect()
        return {*_iter_files(), *threading.enumerate()}

    return collect


def _iter_files() -> Iterator[str]:
    for file in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the one of this loop
            yield str(file.readlink())


@pytest.fixture
def connect(request) -> Iterator[ClientFactory]:
    """Create clients: `connect(response, ..., **options)`."""
    with asyncio.Runner(loop_factory=LOOP_FACTORIES[request.param.loop]) as runner:
        factory = ClientFactory(request.param, runner)
        yield factory
        factory.close()


# The server


class ScriptServer:
    """A server on a free port; the n-th connection runs the steps of the n-th script, or of the last one.

    After `join` the port refuses connections, and no other socket gets it before `close`.
    """

    def __init__(self, scripts: tuple[Script, ...], **options: Any) -> None:
        self._scripts = scripts
        self.requests: list[ReceivedRequest] = []
        self.errors: list[Exception] = []
        self._server = LoopbackServer(self, **options)
        self.url = self._server.url

    @property
    def connections(self) -> int:
        """The number of connections so far."""
        return self._server.connections

    def on_connect(self) -> Iterator[Step]:
        """Run the script of a connection, and close it."""
        steps = iter(self._scripts[min(self.connections, len(self._scripts)) - 1]())
        result = None
        try:
            while True:
                step = steps.send(result) if isinstance(steps, Generator) else next(steps)
                result = yield step
                if isinstance(step, ReceiveRequest):
                    self.requests.append(result)
        except StopIteration:
            yield Close()
        except Exception as error:
            self.errors.append(error)
            raise
        finally:
            if isinstance(steps, Generator):
                steps.close()

    def on_head(self, request: ReceivedRequest) -> None:
        """Every request is one of a script."""
        raise NotImplementedError

    respond: Any = on_head

    def join(self) -> None:
        """Accept no more connections, and wait until every script has ended."""
        self._server.join(HANG_TIMEOUT)

    def close(self) -> None:
        """Stop, and give the port away. Raises the error of a script."""
        self._server.close()
        if self.errors:
            raise self.errors[0]


@pytest.fixture
def serve(request) -> Iterator[Callable[..., ScriptServer]]:
    """Start servers: `serve(script, ...)`, each script a function that returns the steps of a connection."""
    clients = request.getfixturevalue("connect") if "connect" in request.fixturenames else None
    servers: list[ScriptServer] = []

    def start(*scripts: Script, **options: Any) -> ScriptServer:
        servers.append(ScriptServer(scripts, **options))
        return servers[-1]

    yield start
    if clients is not None:
        clients.close()  # a server may wait for a client to disconnect
    for server in servers:
        server.close()
