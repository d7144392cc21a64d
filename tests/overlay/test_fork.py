"""Forks: a child never uses, and never closes, the connections of its parent."""

import os
import threading
from textwrap import dedent

import pytest

from polargrid_testing.steps import ReceiveRequest, Send, Until, render_chunk
from tests.overlay.faults.scripts import DONE, EVENT_STREAM, HEALTHY, chunk, response_head, wait_for_disconnect
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
    assert (server.connections, len(server.requests)) == (2, 3)


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_async_client(serve, loop):
    """A child of an async client, with an event loop of its own, makes a connection of its own."""
    server = serve(respond)
    program = """
    async def main():
        async with PolarGrid(api_key="pg_test", base_url=sys.argv[1], max_retries=0) as client:
            await client.health()
            run_in_child(lambda: asyncio.run(call(client), debug=False), os._exit)
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
    assert (server.connections, len(server.requests)) == (2, 4)


def test_fork_during_a_stream(serve):
    """A stream that is open during the fork continues in the parent, whatever the child does."""
    is_forked = threading.Event()

    def stream_in_parent():
        yield ReceiveRequest()
        yield Send(response_head("transfer-encoding: chunked", media_type=EVENT_STREAM))
        yield Send(render_chunk(chunk("a")))
        yield Until(is_forked.is_set)
        yield Send(render_chunk(chunk("b") + DONE))
        yield Send(render_chunk(b""))
        yield from wait_for_disconnect()

    def respond_to_child():
        yield ReceiveRequest()
        yield Send(HEALTHY)
        yield from wait_for_disconnect()
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
