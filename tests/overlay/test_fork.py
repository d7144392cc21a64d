"""Forks: a child never uses, and never closes, the connections of its parent."""

import os
import threading
from textwrap import dedent

import pytest

from tests.overlay.conftest import HANG_TIMEOUT
from tests.overlay.faults.scripts import DONE, HEALTHY, chunk, wait_for_disconnect
from tests.overlay.test_lifetime import respond, run_program

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")

FORK = """
    import asyncio, os, sys
    from polargrid import PolarGrid, PolarGridSync

    CHAT = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}

    def run_in_child(work, exit):
        child = os.fork()
        if not child:
            work()
            exit(0)
        assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.parametrize("exit_function", ["os._exit", "sys.exit"])
def test_sync_client(serve, exit_function):
    """A child makes a connection of its own; the parent continues with its one, however the child exits."""
    server = serve(respond)
    program = f"""
    client = PolarGridSync(api_key="pg_test", base_url=sys.argv[1], max_retries=0)
    client.health()
    run_in_child(client.health, {exit_function})
    client.health()
    client.close()
    """
    assert run_program(dedent(FORK) + dedent(program), server.url) == (0, "", "")
    server.join()
    assert (server.connections, len(server.received)) == (2, 3)


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_async_client(serve, loop):
    """A child of an async client, with an event loop of its own, makes a connection of its own."""
    server = serve(respond)
    program = """
    async def main():
        async with PolarGrid(api_key="pg_test", base_url=sys.argv[1], max_retries=0) as client:
            await client.health()
            run_in_child(lambda: asyncio.run(call(client)), os._exit)
            await client.health()

    async def call(client):
        await client.health()
        await client.health()

    def new_loop():
        import uvloop

        loop = asyncio.new_event_loop() if sys.argv[2] == "asyncio" else uvloop.new_event_loop()
        loop.slow_callback_duration = 60
        return loop

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(main())
    """
    assert run_program(dedent(FORK) + dedent(program), server.url, loop) == (0, "", "")
    server.join()
    assert (server.connections, len(server.received)) == (2, 4)


def test_fork_during_a_stream(serve):
    """A stream that is open during the fork continues in the parent, whatever the child does."""
    is_forked = threading.Event()

    def stream_in_parent(connection):
        connection.read_request()
        connection.start_stream()
        connection.send_chunk(chunk("a"))
        assert is_forked.wait(HANG_TIMEOUT)
        connection.send_chunk(chunk("b") + DONE)
        connection.send_chunk(b"")
        wait_for_disconnect(connection)

    def respond_to_child(connection):
        connection.read_request()
        connection.send(HEALTHY)
        wait_for_disconnect(connection)
        is_forked.set()

    server = serve(stream_in_parent, respond_to_child)
    program = """
    client = PolarGridSync(api_key="pg_test", base_url=sys.argv[1], max_retries=0)
    chunks = client.chat_completion_stream(CHAT)
    print(next(chunks).choices[0].delta.content)

    def work():
        client.health()
        client.close()

    run_in_child(work, os._exit)
    print(next(chunks).choices[0].delta.content, list(chunks))
    client.close()
    """
    assert run_program(dedent(FORK) + dedent(program), server.url) == (0, "a\nb []\n", "")
