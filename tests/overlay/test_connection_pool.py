"""The connection pool: a bound on connections, a fair queue, and which connections are used again."""

import asyncio
import json
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx
import pytest

from polargrid import PolarGrid, PolarGridError, TimeoutError  # noqa: A004 - the documented name
from polargrid_testing.steps import ReceiveRequest, Send, render_chunk
from polargrid_transport._sync.connection_pool import SyncConnectionPool
from polargrid_transport.deadline import Deadline, Timeouts
from tests.overlay.conftest import HANG_TIMEOUT
from tests.overlay.faults.scripts import (
    CHAT,
    COMPLETION,
    DONE,
    EVENT_STREAM,
    HEALTHY,
    chunk,
    response,
    response_head,
    send,
    stream,
    texts,
    wait_for_disconnect,
)


def respond():
    """Respond to health checks until the client disconnects."""
    with suppress(ConnectionError):
        while (yield ReceiveRequest()).line:
            yield Send(HEALTHY)


class ConnectionCounter:
    """A script that counts the connections that are open at the same time."""

    def __init__(self):
        self._lock = threading.Lock()
        self._open = self.most = 0

    def __call__(self):
        with self._lock:
            self._open += 1
            self.most = max(self.most, self._open)
        yield from respond()
        with self._lock:
            self._open -= 1


def call_at_once(connect, calls):
    """Run calls at the same time: as tasks, or on threads. Return their results and errors."""

    async def gather():
        return await asyncio.gather(*[call() for call in calls], return_exceptions=True)

    if connect.name == "async":
        return connect.run(gather())
    with ThreadPoolExecutor(len(calls)) as threads:
        futures = [threads.submit(call) for call in calls]
        return [future.exception(HANG_TIMEOUT) or future.result() for future in futures]


# The bound


def test_bound(connect, serve):
    """A client has at most `max_connections` at the same time, however many calls there are."""
    counter = ConnectionCounter()
    client = connect(base_url=serve(counter).url, max_connections=3)
    results = call_at_once(connect, [client.native.health] * 40)
    assert {result.status for result in results} == {"healthy"}
    assert counter.most <= 3


def test_many_calls_with_one_connection(connect, serve):
    """One connection serves all calls, one after another."""
    server = serve(respond)
    client = connect(base_url=server.url, max_connections=1)
    results = call_at_once(connect, [client.native.health] * 40)
    assert {result.status for result in results} == {"healthy"}
    assert server.connections == 1


def test_pool_timeout(connect, serve):
    """A call that gets no connection within the pool timeout was not sent; later calls are not affected."""
    server = serve(stream(chunk("a"), then=wait_for_disconnect), respond)
    client = connect(base_url=server.url, max_connections=1)
    chunks = client.chat_completion_stream(CHAT)
    next(chunks)
    for _ in range(3):
        with pytest.raises(TimeoutError, match=r"connection pool timeout after 0\.05 s") as caught:
            client.health(timeout=0.05)
        assert not caught.value.sent
    chunks.close()
    assert client.health().status == "healthy"


def test_deadline_in_queue(connect, serve):
    """The deadline of a call ends its wait for a connection as well."""
    client = connect(base_url=serve(stream(chunk("a"), then=wait_for_disconnect)).url, max_connections=1)
    chunks = client.chat_completion_stream(CHAT)
    next(chunks)
    with pytest.raises(TimeoutError, match=r"deadline of 0\.05 s exceeded") as caught:
        client.health(deadline=0.05)
    assert not caught.value.sent
    chunks.close()


def test_cancelled_in_queue(run_loop, serve, key):
    """A call that is cancelled while it waits does not take the turn of the next one."""
    server = serve(stream(chunk("a"), then=wait_for_disconnect), respond)

    async def main():
        client = PolarGrid(api_key=key, base_url=server.url, max_connections=1)
        chunks = client.chat_completion_stream(CHAT)
        await anext(chunks)
        cancelled, waiting = [asyncio.create_task(client.health()) for _ in range(2)]
        await asyncio.sleep(0)  # both are in the queue now
        cancelled.cancel()
        await chunks.aclose()
        async with asyncio.timeout(HANG_TIMEOUT):
            assert (await waiting).status == "healthy"
        with pytest.raises(asyncio.CancelledError):
            await cancelled

    run_loop(main())


def test_cancelled_at_its_turn(run_loop, serve, key):
    """A call that is cancelled in the moment that it gets a connection passes it on."""
    server = serve(stream(chunk("a"), then=wait_for_disconnect), respond)

    async def main():
        client = PolarGrid(api_key=key, base_url=server.url, max_connections=1)
        chunks = client.chat_completion_stream(CHAT)
        await anext(chunks)
        cancelled, waiting = [asyncio.create_task(client.health()) for _ in range(2)]
        await asyncio.sleep(0)
        await chunks.aclose()  # the first one has its turn, and has not run since
        cancelled.cancel()
        async with asyncio.timeout(HANG_TIMEOUT):
            assert (await waiting).status == "healthy"
        await asyncio.gather(cancelled, return_exceptions=True)

    run_loop(main())


def test_close_with_queue(connect, serve):
    """Closing a client ends the calls that use a connection and those that wait for one."""
    is_received = threading.Event()

    def stall():
        yield ReceiveRequest()
        is_received.set()
        yield from wait_for_disconnect()

    server = serve(stall)
    client = connect(base_url=server.url, max_connections=1)

    async def close_later():
        await asyncio.to_thread(is_received.wait, HANG_TIMEOUT)
        await client.native.close()

    def close_later_sync():
        is_received.wait(HANG_TIMEOUT)
        client.close()

    closing = close_later if connect.name == "async" else close_later_sync
    *errors, _ = call_at_once(connect, [*[client.native.health] * 4, closing])
    assert [str(error) for error in errors] == ["the client is closed"] * 4
    assert all(isinstance(error, PolarGridError) for error in errors)
    assert server.connections == 1


def test_close_wakes_the_queue(connect, serve):
    """Closing a client ends the calls that wait for the connection of a stream that is not read."""
    is_queued = threading.Event()
    client = connect(
        base_url=serve(stream(chunk("a"), then=wait_for_disconnect)).url, max_connections=1, timeout=HANG_TIMEOUT
    )
    chunks = client.chat_completion_stream(CHAT)
    next(chunks)
    pool = next(iter(client.native._transport._pools.values()))
    pool._turns = SignallingQueue(is_queued)

    async def close_later():
        await asyncio.to_thread(is_queued.wait, HANG_TIMEOUT)
        await client.native.close()

    def close_later_sync():
        is_queued.wait(HANG_TIMEOUT)
        client.close()

    closing = close_later if connect.name == "async" else close_later_sync
    started_at = time.monotonic()
    error, _ = call_at_once(connect, [client.native.health, closing])
    assert str(error) == "the client is closed"
    assert time.monotonic() - started_at < HANG_TIMEOUT / 2
    chunks.close()


# The queue


class SignallingQueue(deque):
    """A queue that signals when a call starts to wait."""

    def __init__(self, is_queued):
        super().__init__()
        self._is_queued = is_queued

    def append(self, turn):
        super().append(turn)
        self._is_queued.set()


class SignallingDeadline(Deadline):
    """A deadline that signals when a call starts to wait for a connection."""

    def __init__(self):
        super().__init__(Timeouts(None, None, None, None), None, None)
        self.is_waiting = threading.Event()

    def remaining(self, phase):
        if phase == "pool":
            self.is_waiting.set()
        return super().remaining(phase)


class FakeTransport:
    """A transport without a connection."""

    def close(self):
        """Do nothing."""


def test_threads_get_connections_in_order():
    """Threads get a connection in the order in which they asked for one."""
    pool = SyncConnectionPool(lambda _url: FakeTransport(), 1)
    order = []
    pooled = pool.acquire("http://server", SignallingDeadline())

    def use(number, deadline):
        acquired = pool.acquire("http://server", deadline)
        order.append(number)
        pool.release(acquired, is_reusable=True)

    with ThreadPoolExecutor(5) as threads:
        for number in range(5):
            deadline = SignallingDeadline()
            threads.submit(use, number, deadline)
            assert deadline.is_waiting.wait(HANG_TIMEOUT)
        pool.release(pooled, is_reusable=True)
    assert order == [0, 1, 2, 3, 4]


def test_tasks_get_connections_in_order(run_loop, serve, key):
    """Tasks get a connection in the order in which they asked for one."""
    received = []

    def record():
        while (request := (yield ReceiveRequest())).line:
            received.append(json.loads(request.body)["messages"][0]["content"])
            yield Send(response(COMPLETION))

    server = serve(record)
    requests = [{"model": "m", "messages": [{"role": "user", "content": str(number)}]} for number in range(20)]

    async def main():
        async with PolarGrid(api_key=key, base_url=server.url, max_connections=1) as client:
            await asyncio.gather(*[client.chat_completion(request) for request in requests])

    run_loop(main())
    assert received == [str(number) for number in range(20)]


# Reuse


def test_connection_is_reused(connect, serve):
    """Calls one after another share a connection."""
    server = serve(respond)
    client = connect(base_url=server.url)
    for _ in range(5):
        client.health()
    assert server.connections == 1


@pytest.mark.parametrize("packets", ["one", "several"])
def test_complete_stream_releases_its_connection(connect, serve, packets):
    """The connection of a stream that was read to its end is used again."""

    def script():
        while (yield ReceiveRequest()).line:
            yield Send(response_head("transfer-encoding: chunked", media_type=EVENT_STREAM))
            if packets == "one":
                yield Send(b"%x\r\n%s\r\n0\r\n\r\n" % (len(chunk("a") + DONE), chunk("a") + DONE))
            else:
                yield Send(render_chunk(chunk("a")))
                yield Send(render_chunk(DONE + b": " + bytes(10)))
                yield Send(render_chunk(b""))

    server = serve(script)
    client = connect(base_url=server.url)
    for _ in range(5):
        assert texts(client.chat_completion_stream(CHAT)) == ["a"]
    assert server.connections == 1


def test_end_of_a_stream_without_threads(connect, serve, monkeypatch):
    """A stream is complete even if no thread can be started, as while the interpreter shuts down."""

    def fail(_timer):
        raise RuntimeError("can't start new thread")

    client = connect(base_url=serve(stream(chunk("a"), DONE, then=wait_for_disconnect)).url)
    monkeypatch.setattr(threading.Timer, "start", fail)
    assert texts(client.chat_completion_stream(CHAT)) == ["a"]


@pytest.mark.parametrize("status", ["503 Service Unavailable", "404 Not Found"])
def test_error_releases_its_connection(connect, serve, status):
    """The connection of an error response is used again."""

    def script():
        while (yield ReceiveRequest()).line:
            yield Send(response(b'{"error": {"message": "no"}}', status=status))

    server = serve(script)
    client = connect(base_url=server.url)
    for _ in range(5):
        with pytest.raises(PolarGridError):
            client.health()
    assert server.connections == 1


INCOMPLETE = {
    "no response": send(),
    "half of the headers": send(b"HTTP/1.1 200 OK\r\ncontent-"),
    "half of the body": send(HEALTHY[:-5]),
}


@pytest.mark.parametrize("script", INCOMPLETE.values(), ids=INCOMPLETE)
def test_incomplete_response_closes_its_connection(connect, serve, script):
    """The connection of a response that was not read to its end is closed, and its place is free."""
    server = serve(script, respond)
    client = connect(base_url=server.url, max_connections=1)
    with pytest.raises(TimeoutError):
        client.health(timeout=0.1)
    assert client.health().status == "healthy"
    assert server.connections == 2


def test_half_read_stream_closes_its_connection(connect, serve):
    """The connection of a stream that is closed early is closed, and its place is free."""
    server = serve(stream(chunk("a"), then=wait_for_disconnect), respond)
    client = connect(base_url=server.url, max_connections=1)
    chunks = client.chat_completion_stream(CHAT)
    next(chunks)
    chunks.close()
    assert client.health().status == "healthy"
    assert server.connections == 2


def test_connection_after_a_mocked_response(connect, serve, monkeypatch):
    """A response that a mock of httpx gives between two calls does not change them."""
    server = serve(respond)
    client = connect(base_url=server.url)
    client.health()
    mock = httpx.MockTransport(lambda _request: httpx.Response(200, content=HEALTHY.partition(b"\r\n\r\n")[2]))
    with monkeypatch.context() as patch:
        name = "handle_async_request" if connect.name == "async" else "handle_request"
        kind = httpx.AsyncHTTPTransport if connect.name == "async" else httpx.HTTPTransport
        patch.setattr(kind, name, lambda _transport, request: getattr(mock, name)(request))
        with pytest.raises(PolarGridError, match="no Content-Type"):
            client.health()
    assert [client.health().status for _ in range(2)] == ["healthy"] * 2


def test_idle_connection_gives_way_to_another_server(connect, serve):
    """At the bound, an idle connection is closed if another server is called."""
    counter = ConnectionCounter()
    servers = [serve(counter), serve(counter)]
    client = connect(base_url=servers[0].url, max_connections=1)
    copies = [client.native.with_options(base_url=server.url) for server in servers]
    for copy in copies * 3:
        assert connect.run(copy.health()).status == "healthy"
    assert [server.connections for server in servers] == [3, 3]


def test_old_connection_is_closed(connect, serve, monkeypatch):
    """A connection that was idle for longer than KEEPALIVE_EXPIRY is not used again."""
    monkeypatch.setattr(f"polargrid_transport._{connect.name}.pooled_transport.KEEPALIVE_EXPIRY", 0)
    server = serve(respond)
    client = connect(base_url=server.url)
    for _ in range(3):
        client.health()
    assert server.connections == 3
