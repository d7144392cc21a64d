"""Requests that are cancelled, and connections that the event loop still holds."""

import asyncio
from pathlib import Path

import pytest

from polargrid_fast import AsyncPool, RemoteProtocolError, Request
from polargrid_fast.async_connection import AsyncConnection
from tests.fast.clients import KINDS, TIMEOUTS, new_loop
from tests.fast.raw_server import TEST_TIMEOUT, echoes, serves_and_closes

#: Steps of the event loop after which a request is cancelled: each of the first ones, then fewer.
_STEPS = (*range(20), *(int(20 * 1.3**exponent) for exponent in range(20)))


def run_quietly(kind, main):
    """Run a coroutine; what the loop would log is an error."""
    problems = []
    with asyncio.Runner(loop_factory=lambda: new_loop(kind)) as runner:
        runner.get_loop().set_exception_handler(lambda _, context: problems.append(context))
        runner.run(main)
    assert problems == []


def count_descriptors():
    """The files and sockets that this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


async def fetch(pool, url):
    response = await pool.send(Request("GET", url), TIMEOUTS)
    try:
        return await response.read()
    finally:
        await response.aclose()


@pytest.fixture(params=["http", "https"])
def server(request, serve_scripts, server_context):
    """A server that responds with an empty body, plain and over TLS."""
    return serve_scripts(echoes, ssl_context=server_context if request.param == "https" else None)


@pytest.fixture
def open_pools(client_context):
    """Create pools that trust the server."""
    return lambda: [AsyncPool(ssl_context=client_context) for _ in range(2)]


@pytest.mark.parametrize("kind", KINDS[1:])
def test_a_cancelled_connect_does_not_harm_others(kind, server, open_pools):
    """In each step of the loop: no descriptor is closed that is in use, and none is left."""

    async def run():
        pools = open_pools()
        await asyncio.gather(*[fetch(pool, server.url) for pool in pools])
        await asyncio.gather(*[pool.aclose() for pool in pools])
        descriptors = count_descriptors()
        for steps in _STEPS:
            cancelled, other = open_pools()
            task = asyncio.ensure_future(fetch(cancelled, server.url))
            for _ in range(steps):
                await asyncio.sleep(0)
            is_done = task.done()
            task.cancel()
            assert await fetch(other, server.url) == b""
            await asyncio.wait([task])
            assert task.cancelled() is not is_done
            await asyncio.gather(*[pool.aclose() for pool in (cancelled, other)])
        async with asyncio.timeout(TEST_TIMEOUT):  # the server closes its ends
            while count_descriptors() > descriptors:  # noqa: ASYNC110 - nothing else shows it
                await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run_quietly(kind, run())


@pytest.mark.parametrize("kind", KINDS[1:])
def test_a_connect_that_is_cancelled_when_it_is_complete(kind, server, open_pools, monkeypatch):
    """The connection is closed at once, and its descriptor is free."""
    connections, tasks, make = [], [], AsyncConnection.connection_made

    def cancel(connection, transport):
        make(connection, transport)
        if tasks:
            connections.append(connection)
            asyncio.get_running_loop().call_soon(tasks.pop().cancel)

    monkeypatch.setattr(AsyncConnection, "connection_made", cancel)

    async def run():
        cancelled, other = open_pools()
        task = asyncio.ensure_future(fetch(cancelled, server.url))
        tasks.append(task)
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await fetch(other, server.url) == b""
        assert not connections[0].is_alive
        await asyncio.gather(*[pool.aclose() for pool in (cancelled, other)])

    run_quietly(kind, run())


@pytest.mark.parametrize("kind", KINDS[1:])
def test_a_transport_is_not_aborted_while_it_delivers_data(
    kind, serve_scripts, server_context, client_context, monkeypatch
):
    """uvloop's TLS would use the socket after that, and log an error."""
    states, receive = [], AsyncConnection.data_received

    def observe(connection, data):
        receive(connection, data)
        states.append((connection._is_closed, connection._transport.is_closing()))

    monkeypatch.setattr(AsyncConnection, "data_received", observe)
    server = serve_scripts(serves_and_closes(b"junk"), ssl_context=server_context)

    async def run():
        pool = AsyncPool(ssl_context=client_context)
        with pytest.raises(RemoteProtocolError):
            await fetch(pool, server.url)
        await pool.aclose()

    run_quietly(kind, run())
    assert states == [(True, False)]
