"""What users do: leave, cancel, share, fork, and hand in strange values."""

import asyncio
import json
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from polargrid import PolarGridError
from tests.overlay.faults.edges import (
    CHAT,
    DONE,
    FINE,
    answer,
    chunk,
    heard,
    in_turn,
    says,
    stays,
    streams,
    texts,
)
from tests.overlay.faults.registry import fault
from tests.overlay.faults.test_answers import COMPLETION


class Interrupted(BaseException):
    """What Ctrl-C would raise."""


@pytest.fixture
def interrupted(connect, errors, monkeypatch):
    """Runs a call, and cancels its task, or interrupts its thread as Ctrl-C would, when the edge says so."""
    edge_says_so = threading.Event()

    def interrupt(*_):
        raise Interrupted

    async def cancelled(call):
        task = asyncio.create_task(call())
        await asyncio.to_thread(edge_says_so.wait, 10)
        task.cancel()
        await task

    def run(call):
        if connect.name == "async":
            with pytest.raises(asyncio.CancelledError) as caught:
                connect.run(cancelled(call))
        else:
            with pytest.raises(Interrupted) as caught:
                call()
        errors.append(caught.value)

    def now():
        edge_says_so.set()
        if connect.name == "sync":
            signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, interrupt)
    run.now = now
    yield run
    signal.signal(signal.SIGUSR1, before)


@fault("use", "A call is cancelled, or interrupted by Ctrl-C", then="its connection closed at once; the client goes on")
def test_cancelled(against, interrupted):
    left = []

    def stalled(connection):
        connection.request()
        interrupted.now()
        left.append(connection.left())

    client = against(stalled, says(FINE))
    interrupted(client.native.health)
    assert client.health().status == "healthy"
    client.close()
    client.edge.join()
    assert left == [True]


@fault("use", "A call is cancelled while it waits for its next try", then="it ends at once, and is not sent again")
def test_cancelled_between_tries(against, interrupted, within):
    def busy(connection):
        connection.request()
        connection.send(answer(b"{}", "retry-after: 30", status="503 Service Unavailable"))
        interrupted.now()
        stays(connection)

    client = against(busy, max_retries=3)
    with within(4):
        interrupted(client.native.health)
    assert len(heard(client.edge)) == 1


@fault("use", "A stream is cancelled", then="its connection closed at once")
def test_cancelled_stream(against, interrupted, connect):
    left = []

    def stalled(connection):
        interrupted.now()
        left.append(connection.left())

    client = against(streams(chunk("a"), then=stalled))

    async def read():
        return [each async for each in client.native.chat_completion_stream(CHAT)]

    interrupted(read if connect.name == "async" else lambda: list(client.native.chat_completion_stream(CHAT)))
    client.edge.join()
    assert left == [True]


@fault("use", "Many threads, or tasks, use one client", then="each its own answer")
def test_at_once(against, connect):
    def echo(connection):
        while (request := connection.request()).line:
            said = json.loads(request.body)["messages"][0]["content"]
            choice = {**COMPLETION["choices"][0], "message": {"role": "assistant", "content": said}}
            connection.send(answer({**COMPLETION, "choices": [choice]}))

    client = against(echo)

    def request(number):
        return {"model": "m", "messages": [{"role": "user", "content": str(number)}]}

    async def together():
        return await asyncio.gather(*[client.native.chat_completion(request(each)) for each in range(48)])

    if connect.name == "async":
        answers = connect.run(together())
    else:
        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(lambda each: client.native.chat_completion(request(each)), range(48)))
    assert [each.choices[0].message.content for each in answers] == [str(each) for each in range(48)]


@fault("use", "A client is used from a second event loop, or another thread", then="the answer, on a new connection")
def test_second_loop(against, connect):
    client = against(in_turn(*[FINE] * 3))

    def ask():
        result = client.native.health()
        return asyncio.run(result) if connect.name == "async" else result

    assert client.health().status == "healthy"
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(ask).result().status == "healthy"
    assert client.health().status == "healthy"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
@fault("use", "The process forks while a connection is open", then="child and parent each go on with one of their own")
def test_fork(against, connect):
    client = against(in_turn(*[FINE] * 3))
    client.health()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            result = client.native.health()
            with asyncio.Runner() as runner:
                result = runner.run(result) if connect.name == "async" else result
            code = 0 if result.status == "healthy" else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert client.health().status == "healthy"
    assert client.edge.connections == 2


@fault("use", "A client was closed", then="an error that says so; nothing is sent")
def test_closed(against, fails):
    client = against(says(FINE))
    client.close()
    client.close()
    with fails(PolarGridError, "this client is closed"):
        client.health()
    assert client.edge.connections == 0


@fault("use", "A stream is made and never read", then="nothing is sent")
def test_never_read(against):
    client = against(streams(DONE))
    client.chat_completion_stream(CHAT).close()
    assert client.edge.connections == 0
    assert texts([]) == []
