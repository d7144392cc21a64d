"""The async client under trio: each fact holds there as under asyncio."""

from __future__ import annotations

import gc
import threading
from contextlib import aclosing

import pytest
import trio
import trio.testing

import polargrid
from polargrid import PolarGrid, PolarGridError
from polargrid_testing.steps import AwaitClose, AwaitData, ReceiveRequest, Send, Stall, Until
from tests.overlay.conftest import HANG_TIMEOUT
from tests.overlay.faults.scripts import (
    CHAT,
    DONE,
    HEALTHY,
    chunk,
    note_close,
    response,
    response_head,
    stream,
    texts,
    wait_for_disconnect,
)

# A response that is closed early: httpx does not close the generator of httpcore, and trio reports that.
pytestmark = pytest.mark.filterwarnings("ignore:Async generator 'httpcore:ResourceWarning")


@pytest.fixture(params=["httpx", "httpx2"])
def create_client(request, key):
    """Create an async client of a server."""

    def create(server, **options):
        return PolarGrid(base_url=server.url, api_key=key, transport=request.param, **{"max_retries": 0, **options})

    return create


def respond():
    """Respond to one health check, and keep the connection open until the client closes it."""
    yield ReceiveRequest()
    yield Send(HEALTHY)
    yield from wait_for_disconnect()


def test_call(serve, create_client):
    """A call returns its response."""
    server = serve(respond)

    async def main():
        async with create_client(server) as client:
            return (await client.health()).status

    assert trio.run(main) == "healthy"


def test_closed_client_is_collected(serve, create_client):
    """Nothing of a closed client is left for trio to report when it is collected; a warning is an error."""
    server = serve(respond)

    async def main():
        client = create_client(server)
        async with client:
            await client.health()
        del client
        gc.collect()

    trio.run(main)


def test_concurrent_calls(serve, create_client):
    """Two calls run at the same time, each on a connection of its own."""
    waiting = []

    def respond_to_both():
        yield ReceiveRequest()
        waiting.append(True)
        yield Until(lambda: len(waiting) == 2)
        yield Send(HEALTHY)

    server = serve(respond_to_both)
    results = []

    async def main():
        async with create_client(server) as client, trio.open_nursery() as nursery:

            async def call():
                results.append((await client.health()).status)

            nursery.start_soon(call)
            nursery.start_soon(call)

    trio.run(main)
    assert results == ["healthy", "healthy"]


def test_queue(serve, create_client):
    """Calls wait for a connection; a call that is cancelled in the queue does not take the turn of another."""
    server = serve(stream(chunk("a"), then=wait_for_disconnect), respond)

    async def main():
        async with create_client(server, max_connections=1) as client, trio.open_nursery() as nursery:
            chunks = client.chat_completion_stream(CHAT)
            await anext(chunks)
            with trio.move_on_after(0.05):
                await client.health()

            async def call():
                assert (await client.health()).status == "healthy"

            nursery.start_soon(call)
            await trio.testing.wait_all_tasks_blocked()
            await chunks.aclose()

    trio.run(main)
    assert server.connections == 2


def test_retry(serve, create_client):
    """A call that fails is retried."""

    def respond_busy():
        yield ReceiveRequest()
        yield Send(response(b"{}", "retry-after-ms: 1", "connection: close", status="503 Service Unavailable"))

    server = serve(respond_busy, respond)

    async def main():
        async with create_client(server, max_retries=1) as client:
            return (await client.health()).meta.attempts

    assert trio.run(main) == 2


def test_stream(serve, create_client):
    """A stream yields its chunks."""
    server = serve(stream(chunk("Once"), chunk(" upon"), DONE))

    async def main():
        async with create_client(server) as client:
            return texts([item async for item in client.chat_completion_stream(CHAT)])

    assert trio.run(main) == ["Once", " upon"]


def test_stream_closed_early(serve, create_client):
    """A stream that is closed early closes its connection while the server still sends."""
    is_closed = []
    server = serve(stream(chunk("a"), then=note_close(is_closed)))

    async def main():
        async with create_client(server) as client:
            async with aclosing(client.chat_completion_stream(CHAT)) as chunks:
                first = await anext(chunks)
            await trio.to_thread.run_sync(server.join)
            return texts([first])

    assert trio.run(main) == ["a"]
    assert is_closed == [True]


@pytest.mark.parametrize("start", [b"", response_head(media_type="text/event-stream")], ids=["headers", "body"])
def test_stream_closed_by_another_task(serve, create_client, start):
    """The task that reads the stream gets an error at once."""
    is_waiting = threading.Event()

    def script():
        yield ReceiveRequest()
        yield Send(start)
        is_waiting.set()
        yield from wait_for_disconnect()

    server = serve(script)

    async def read(chunks):
        with pytest.raises(PolarGridError, match="the stream was closed while it was read"):
            await anext(chunks)

    async def main():
        async with create_client(server) as client, trio.open_nursery() as nursery:
            chunks = client.chat_completion_stream(CHAT)
            nursery.start_soon(read, chunks)
            await trio.to_thread.run_sync(is_waiting.wait, HANG_TIMEOUT)
            await chunks.aclose()

    trio.run(main)


@pytest.mark.parametrize("limit", ["timeout", "deadline"])
def test_timeout(serve, create_client, limit):
    """A server that does not respond is given up on."""
    server = serve(lambda: (ReceiveRequest(), AwaitClose()))

    async def main():
        async with create_client(server, **{limit: 0.1}) as client:
            await client.health()

    with pytest.raises(polargrid.TimeoutError, match=r"0\.1 s"):
        trio.run(main)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_cancel(serve, create_client, scheme):
    """A call that its caller cancels, during the TLS handshake perhaps, closes its connection."""
    is_received, is_closed = threading.Event(), []

    def stall():
        yield ReceiveRequest() if scheme == "http" else AwaitData()
        is_received.set()
        try:
            yield Stall()
        finally:  # the client closed the connection
            is_closed.append(True)

    server = serve(stall)
    server.url = server.url.replace("http", scheme)

    async def main():
        async with create_client(server) as client, trio.open_nursery() as nursery:
            nursery.start_soon(client.health)
            await trio.to_thread.run_sync(is_received.wait, HANG_TIMEOUT)
            nursery.cancel_scope.cancel()

    trio.run(main)
    server.join()
    assert is_closed == [True]


def test_cancelled_close(serve, create_client):
    """Closing a client in a cancelled scope closes all of its connections."""
    waiting = []
    is_closed = []

    def respond_to_both():
        yield ReceiveRequest()
        waiting.append(True)
        yield Until(lambda: len(waiting) == 2)
        yield Send(HEALTHY)
        is_closed.append((yield AwaitClose()))

    server = serve(respond_to_both)

    async def main():
        client = create_client(server)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(client.health)
            nursery.start_soon(client.health)
        with trio.CancelScope() as scope:
            scope.cancel()
            await client.close()
        await trio.to_thread.run_sync(server.join)

    trio.run(main)
    assert is_closed == [True, True]


def test_second_run(serve, create_client):
    """A client is used in two runs: the second has connections of its own."""
    server = serve(respond)
    client = create_client(server)

    async def call():
        return (await client.health()).status

    async def call_and_close():
        try:
            return await call()
        finally:
            await client.close()

    assert [trio.run(call), trio.run(call_and_close)] == ["healthy", "healthy"]
    assert server.connections == 2
