"""The async client under trio: what asyncio runs in every other test runs there as well."""

from __future__ import annotations

import json
import threading
from contextlib import aclosing

import pytest
import trio

import polargrid
from polargrid import PolarGrid

CHAT = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
HEALTH = json.dumps(
    {"status": "healthy", "runtime": "cpu", "timestamp": "2026-11-01T12:00:00Z", "backend": {"healthy": True}}
).encode()
DONE = b"data: [DONE]\n\n"


def chunk(content):
    choice = {"index": 0, "delta": {"content": content}, "finish_reason": None}
    head = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return b"data: " + json.dumps({**head, "choices": [choice]}).encode() + b"\n\n"


def healthy(connection):
    """Answers each request of its connection, until the client leaves."""
    connection.request()
    connection.answer(HEALTH)
    connection.left()


def streaming(*pieces, end=lambda connection: connection.piece(b"")):
    def script(connection):
        connection.request()
        connection.start_stream()
        for each in pieces:
            connection.piece(each)
        end(connection)

    return script


def client(edge, key, **options):
    return PolarGrid(base_url=edge.url, api_key=key, **{"max_retries": 0, **options})


def texts(chunks):
    return [each.choices[0].delta.content for each in chunks]


def test_call(serve, key):
    """A call is answered."""
    edge = serve(healthy)

    async def main():
        async with client(edge, key) as polar:
            return (await polar.health()).status

    assert trio.run(main) == "healthy"


def test_calls_at_once(serve, key):
    """Two calls are under way at once, each on a connection of its own."""
    both = threading.Barrier(2)

    def together(connection):
        connection.request()
        both.wait(10)
        connection.answer(HEALTH)

    edge = serve(together)
    found = []

    async def main():
        async with client(edge, key) as polar, trio.open_nursery() as nursery:

            async def call():
                found.append((await polar.health()).status)

            nursery.start_soon(call)
            nursery.start_soon(call)

    trio.run(main)
    assert found == ["healthy", "healthy"]


def test_again(serve, key):
    """A call that fails is tried again."""

    def busy(connection):
        connection.request()
        connection.answer(b"{}", "retry-after-ms: 1", "connection: close", status="503 Service Unavailable")

    edge = serve(busy, healthy)

    async def main():
        async with client(edge, key, max_retries=1) as polar:
            return (await polar.health()).meta.attempts

    assert trio.run(main) == 2


def test_stream(serve, key):
    """A stream comes chunk by chunk."""
    edge = serve(streaming(chunk("Once"), chunk(" upon"), DONE))

    async def main():
        async with client(edge, key) as polar:
            return texts([each async for each in polar.chat_completion_stream(CHAT)])

    assert trio.run(main) == ["Once", " upon"]


def test_leaving_early(serve, key):
    """A stream that is left closes its connection while the edge still sends."""
    left = []
    edge = serve(streaming(chunk("a"), end=lambda connection: left.append(connection.left())))

    async def main():
        async with client(edge, key) as polar:
            async with aclosing(polar.chat_completion_stream(CHAT)) as chunks:
                found = texts([await anext(chunks)])
            with trio.fail_after(10):
                await trio.to_thread.run_sync(edge.join)
            return found

    assert trio.run(main) == ["a"]
    assert left == [True]


def test_timeout(serve, key):
    """An edge that says nothing is given up on."""
    edge = serve(lambda connection: (connection.request(), connection.left()))

    async def main():
        async with client(edge, key, timeout=0.1) as polar:
            await polar.health()

    with pytest.raises(polargrid.TimeoutError, match=r"0\.1 s"):
        trio.run(main)


def test_cancelled(serve, key):
    """A call that its caller cancels ends, and so does its connection."""
    asked, left = threading.Event(), []

    def silent(connection):
        connection.request()
        asked.set()
        left.append(connection.left())

    edge = serve(silent)

    async def main():
        async with client(edge, key) as polar, trio.open_nursery() as nursery:
            nursery.start_soon(polar.health)
            await trio.to_thread.run_sync(asked.wait, 10)
            nursery.cancel_scope.cancel()

    trio.run(main)
    edge.join()
    assert left == [True]


def test_a_second_run(serve, key):
    """A client outlives the run that it was used in: the next run has connections of its own."""
    edge = serve(healthy)
    polar = client(edge, key)

    async def call():
        return (await polar.health()).status

    async def last():
        try:
            return await call()
        finally:
            await polar.close()

    assert [trio.run(call), trio.run(last)] == ["healthy", "healthy"]
    assert edge.connections == 2
