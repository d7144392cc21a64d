"""The limit of connections, who waits for one, and closing."""

import asyncio
import gc
import threading

import pytest

from polargrid_fast import (
    AsyncPool,
    ConnectError,
    LocalProtocolError,
    PoolClosed,
    PoolTimeout,
    ReadError,
    Request,
    SyncPool,
    Timeouts,
)
from polargrid_fast.models import Origin
from polargrid_fast.pool_state import Permit, PoolState
from tests.fast.clients import KINDS, TIMEOUTS, new_loop
from tests.fast.raw_server import TEST_TIMEOUT, echoes, respond, serves


def test_no_more_connections_than_allowed(client, serve):
    pool, server = client.pool(max_connections=1), serve(echoes)
    response = pool.get(server.url)
    with pytest.raises(PoolTimeout) as caught:
        pool.get(server.url, timeouts=Timeouts(pool=0.01))
    assert not caught.value.request_sent
    response.close()
    assert pool.fetch(server.url) == b""
    assert server.connection_count == 1


def test_the_deadline_bounds_the_wait_for_a_connection(client, serve):
    pool, server = client.pool(max_connections=1), serve(echoes)
    response = pool.get(server.url)
    with pytest.raises(PoolTimeout):
        pool.get(server.url, deadline=0.0)
    response.close()


def test_an_idle_connection_makes_room_for_another_origin(client, serve):
    pool, first, second = client.pool(max_connections=1), serve(echoes), serve(echoes)
    assert [pool.fetch(server.url) for server in (first, second, first)] == [b""] * 3
    assert (first.connection_count, second.connection_count) == (2, 1)


def test_a_failed_connection_frees_its_slot(client, serve):
    pool, server = client.pool(max_connections=1), serve(echoes)
    for _ in range(3):
        with pytest.raises(ConnectError):
            pool.get("http://127.0.0.1:1/")
    assert pool.fetch(server.url) == b""


def test_a_response_that_is_never_closed_frees_its_slot(client, serve):
    """The collector closes what the caller forgot."""
    pool, server = client.pool(max_connections=1), serve(echoes)
    pool.get(server.url)
    gc.collect()
    assert pool.fetch(server.url) == b""
    assert server.connection_count == 2


class _Connection:
    def __init__(self, origin):
        self.origin, self.idle_since, self.is_closed = origin, 0.0, False
        self.has_unrequested_data = False

    def close(self):
        self.is_closed = True


class _Waiter:
    def __init__(self, origin):
        self.origin, self.grant = origin, None

    def offer(self, grant):
        self.grant = grant
        return True


A, B = Origin("http", "a.test", 80), Origin("http", "b.test", 80)


def test_requests_wait_in_a_queue():
    """The first that waits gets the first connection; one to another origin is closed for it."""
    state = PoolState(1, 4.0)
    assert state.acquire(A) is Permit.OPEN
    first, second = _Waiter(A), _Waiter(B)
    for waiter in (first, second):
        assert state.acquire(waiter.origin) is None
        state.enqueue(waiter)
    connection = _Connection(A)
    state.release(connection, is_reusable=True)
    assert (first.grant, second.grant) == (connection, None)
    state.release(connection, is_reusable=True)
    assert (second.grant, connection.is_closed, state.open_count) == (Permit.OPEN, True, 1)


def test_the_last_used_connection_is_taken_first():
    state = PoolState(2, 4.0)
    first, second = _Connection(A), _Connection(A)
    for connection in (first, second):
        state.acquire(A)
        connection.in_use = True
    for connection in (first, second):
        state.release(connection, is_reusable=True)
    assert (state.acquire(A), state.idle_count, state.open_count) == (second, 1, 2)


@pytest.mark.parametrize("method", ["release", "replace"])
def test_an_origin_that_sends_what_was_not_requested_gets_new_connections(method):
    state = PoolState(3, 4.0)
    first, second, other = _Connection(A), _Connection(A), _Connection(B)
    for connection in (first, second, other):
        state.acquire(connection.origin)
    first.has_unrequested_data = True
    state.release(first, is_reusable=True) if method == "release" else state.replace(first)
    for connection in (second, other):
        state.release(connection, is_reusable=True)
    assert [first.is_closed, second.is_closed, other.is_closed] == [True, True, False]


def test_a_dead_connection_is_replaced_by_an_idle_one():
    state = PoolState(2, 4.0)
    first, second = _Connection(A), _Connection(A)
    assert [state.acquire(A), state.acquire(A)] == [Permit.OPEN] * 2
    state.release(first, is_reusable=True)
    assert state.replace(second) is first
    assert (second.is_closed, state.open_count) == (True, 1)
    assert state.replace(first) is Permit.OPEN
    assert state.open_count == 1


def test_threads_share_a_pool(echo_server):
    """More threads than connections: all are served, each with its own response."""
    pool, bodies = SyncPool(max_connections=3), []

    def run(number):
        for turn in range(20):
            body = f"{number}-{turn}".encode()
            response = pool.send(Request("POST", echo_server.url, body=body), TIMEOUTS)
            bodies.append((body, response.read()))
            response.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(TEST_TIMEOUT)
    pool.close()
    assert len(bodies) == 160
    assert all(sent == received for sent, received in bodies)
    assert echo_server.connection_count <= 3


@pytest.mark.parametrize("kind", KINDS[1:])
def test_tasks_share_a_pool(kind, echo_server):
    async def run():
        pool = AsyncPool(max_connections=3)

        async def fetch(number):
            response = await pool.send(Request("POST", echo_server.url, body=b"%d" % number), TIMEOUTS)
            body = await response.read()
            await response.aclose()
            return body

        bodies = await asyncio.gather(*(fetch(number) for number in range(100)))
        await pool.aclose()
        return bodies

    with asyncio.Runner(loop_factory=lambda: new_loop(kind)) as runner:
        assert runner.run(run()) == [b"%d" % number for number in range(100)]
    assert echo_server.connection_count <= 3


@pytest.mark.parametrize("kind", KINDS[1:])
def test_a_cancelled_wait_leaves_the_queue(kind, echo_server):
    """A connection is not handed to a task that is gone."""

    async def run():
        pool = AsyncPool(max_connections=1)
        request = Request("POST", echo_server.url, body=b"x")
        response = await pool.send(request, TIMEOUTS)
        cancelled, waiting = (asyncio.ensure_future(pool.send(request, TIMEOUTS)) for _ in range(2))
        await asyncio.sleep(0)
        await response.aclose()
        cancelled.cancel()
        await asyncio.gather(cancelled, return_exceptions=True)
        response = await waiting
        body = await response.read()
        await response.aclose()
        await pool.aclose()
        return body

    with asyncio.Runner(loop_factory=lambda: new_loop(kind)) as runner:
        assert runner.run(run()) == b"x"


def test_a_closed_pool_sends_nothing(client, serve):
    pool, server = client.pool(), serve(echoes)
    assert pool.fetch(server.url) == b""
    pool.close()
    with pytest.raises(PoolClosed) as caught:
        pool.get(server.url)
    assert not caught.value.request_sent
    pool.close()


def test_closing_the_pool_closes_idle_connections(client, serve):
    pool, server = client.pool(), serve(serves(respond()))
    assert pool.fetch(server.url) == b"ok"
    pool.close()
    client.run_pending_callbacks()
    for thread in server._threads[1:]:
        thread.join(TEST_TIMEOUT)
        assert not thread.is_alive()


def test_closing_the_pool_ends_a_request_of_another_thread(serve_scripts):
    pool, sent = SyncPool(), threading.Event()

    def run(connection):
        connection.read_request()
        sent.set()
        connection.wait_for_close()

    server = serve_scripts(run)
    closing = threading.Thread(target=lambda: (sent.wait(TEST_TIMEOUT), pool.close()))
    closing.start()
    with pytest.raises(PoolClosed) as caught:
        pool.send(Request("GET", server.url), TIMEOUTS)
    assert caught.value.request_sent
    closing.join()


@pytest.mark.parametrize("kind", KINDS[1:])
def test_closing_the_pool_ends_the_requests_of_other_tasks(kind, serve_scripts):
    """One waits for a response, one for a connection."""

    async def run():
        pool, loop, sent = AsyncPool(max_connections=1), asyncio.get_running_loop(), asyncio.Event()

        def script(connection):
            connection.read_request()
            loop.call_soon_threadsafe(sent.set)
            connection.wait_for_close()

        request = Request("GET", serve_scripts(script).url)
        tasks = [asyncio.ensure_future(pool.send(request, TIMEOUTS)) for _ in range(2)]
        await sent.wait()
        await pool.aclose()
        return await asyncio.gather(*tasks, return_exceptions=True)

    with asyncio.Runner(loop_factory=lambda: new_loop(kind)) as runner:
        errors = runner.run(run())
    assert [(type(error), error.request_sent) for error in errors] == [(PoolClosed, True), (PoolClosed, False)]


def test_closing_a_response_stops_a_read_of_another_thread(serve_scripts):
    reading = threading.Event()

    def run(connection):
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
        reading.wait(TEST_TIMEOUT)
        connection.wait_for_close()

    server, pool, errors = serve_scripts(run), SyncPool(), []
    response = pool.send(Request("GET", server.url), TIMEOUTS)

    def read():
        try:
            reading.set()
            response.read()
        except Exception as error:  # noqa: BLE001 - it is what the test looks at
            errors.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    reading.wait(TEST_TIMEOUT)
    response.close()
    thread.join(TEST_TIMEOUT)
    pool.close()
    assert len(errors) == 1
    assert type(errors[0]).__module__ == "polargrid_fast.exceptions"


@pytest.mark.parametrize("kind", KINDS[1:])
def test_closing_a_response_stops_a_read_of_another_task(kind, serve_scripts):
    def script(connection):
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
        connection.wait_for_close()

    async def run():
        pool = AsyncPool()
        response = await pool.send(Request("GET", serve_scripts(script).url), TIMEOUTS)
        reading = asyncio.ensure_future(response.read())
        await asyncio.sleep(0)
        await response.aclose()
        with pytest.raises(ReadError):
            await reading
        await pool.aclose()

    with asyncio.Runner(loop_factory=lambda: new_loop(kind)) as runner:
        runner.run(run())


@pytest.mark.parametrize("kind", KINDS[1:])
def test_two_tasks_cannot_read_one_response(kind, serve_scripts):
    """The second is refused; the first goes on."""

    async def run():
        pool, loop, is_reading = AsyncPool(), asyncio.get_running_loop(), threading.Event()

        def script(connection):
            connection.read_request()
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
            is_reading.wait(TEST_TIMEOUT)
            connection.send(b"ok")
            connection.wait_for_close()

        response = await pool.send(Request("GET", serve_scripts(script).url), TIMEOUTS)
        first = loop.create_task(response.read())
        await asyncio.sleep(0)
        with pytest.raises(LocalProtocolError, match="another task"):
            await response.read()
        is_reading.set()
        body = await first
        await response.aclose()
        await pool.aclose()
        return body

    with asyncio.Runner(loop_factory=lambda: new_loop(kind)) as runner:
        assert runner.run(run()) == b"ok"
