"""What users do with a client: cancel, share, fork, close."""

import asyncio
import json
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from polargrid import PolarGridError, StreamInterruptedError
from polargrid_testing.steps import AwaitClose, ReceiveRequest, Send
from tests.overlay.conftest import HANG_TIMEOUT
from tests.overlay.faults.registry import fault
from tests.overlay.faults.scripts import (
    CHAT,
    COMPLETION,
    DONE,
    HEALTHY,
    chunk,
    response,
    send,
    send_in_turn,
    stream,
    wait_for_disconnect,
)


class Interrupt(BaseException):
    """Raised like KeyboardInterrupt."""


class Interrupter:
    """Runs a call, and cancels its task, or interrupts its thread like Ctrl-C, as soon as the server asks for it."""

    def __init__(self, connect, raised_errors):
        self._connect, self._raised_errors = connect, raised_errors
        self._is_due = threading.Event()

    def interrupt(self):
        """Interrupt the call; the server's script calls this."""
        self._is_due.set()
        if self._connect.name == "sync":
            signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1)

    def run(self, call):
        """Run the call until it is interrupted."""
        if self._connect.name == "async":
            with pytest.raises(asyncio.CancelledError) as caught:
                self._connect.run(self._run_task(call))
        else:
            with pytest.raises(Interrupt) as caught:
                call()
        self._raised_errors.append(caught.value)

    async def _run_task(self, call):
        task = asyncio.create_task(call())
        await asyncio.to_thread(self._is_due.wait, HANG_TIMEOUT)
        task.cancel()
        await task


@pytest.fixture
def interrupter(connect, raised_errors):
    """Interrupts a call when the server asks for it."""

    def raise_interrupt(*_):
        raise Interrupt

    previous = signal.signal(signal.SIGUSR1, raise_interrupt)
    yield Interrupter(connect, raised_errors)
    signal.signal(signal.SIGUSR1, previous)


@fault(
    "usage",
    "A call is cancelled, or interrupted by Ctrl-C",
    result="its connection is closed; the client works on",
    line=None,
)
def test_cancelled(connect_to, interrupter):
    is_closed = []

    def stall():
        yield ReceiveRequest()
        interrupter.interrupt()
        is_closed.append((yield AwaitClose()))

    client = connect_to(stall, send(HEALTHY))
    interrupter.run(client.native.health)
    assert client.health().status == "healthy"
    client.close()
    client.server.join()
    assert is_closed == [True]


@fault("usage", "A call is cancelled before a retry", result="it ends at once, and is not retried", line=None)
def test_cancelled_before_retry(connect_to, interrupter):
    def respond_busy():
        yield ReceiveRequest()
        yield Send(response(b"{}", "retry-after: 50", status="503 Service Unavailable"))
        interrupter.interrupt()
        yield from wait_for_disconnect()

    client = connect_to(respond_busy, max_retries=3)
    interrupter.run(client.native.health)
    assert len(client.server.requests) == 1


@fault(
    "usage",
    "A stream is cancelled, or interrupted by Ctrl-C, and read again",
    result="its connection is closed; then `StreamInterruptedError`, not the end of the stream",
    line=None,
)
def test_cancelled_stream(connect_to, interrupter, connect, expect_error):
    is_closed = []

    def stall():
        interrupter.interrupt()
        is_closed.append((yield AwaitClose()))

    client = connect_to(stream(chunk("a"), then=stall))

    chunks = client.native.chat_completion_stream(CHAT)

    async def read():
        return [item async for item in chunks]

    interrupter.run(read if connect.name == "async" else lambda: list(chunks))
    client.server.join()
    assert is_closed == [True]
    for _ in range(2):
        with expect_error(StreamInterruptedError, "ended the stream"):
            connect.run(read()) if connect.name == "async" else list(chunks)


@fault("usage", "Many threads, or tasks, use one client", result="each gets its own response", line=None)
def test_concurrent_calls(connect_to, connect):
    def echo():
        while (request := (yield ReceiveRequest())).line:
            text = json.loads(request.body)["messages"][0]["content"]
            choice = {**COMPLETION["choices"][0], "message": {"role": "assistant", "content": text}}
            yield Send(response({**COMPLETION, "choices": [choice]}))

    client = connect_to(echo)

    def build_request(number):
        return {"model": "m", "messages": [{"role": "user", "content": str(number)}]}

    async def gather():
        return await asyncio.gather(*[client.native.chat_completion(build_request(item)) for item in range(48)])

    if connect.name == "async":
        completions = connect.run(gather())
    else:
        with ThreadPoolExecutor(8) as threads:
            completions = list(threads.map(lambda item: client.native.chat_completion(build_request(item)), range(48)))
    assert [item.choices[0].message.content for item in completions] == [str(number) for number in range(48)]


@fault(
    "usage",
    "A client is used in a second event loop, or another thread",
    result="the response, by a new connection",
    line=None,
)
def test_second_loop(connect_to, connect):
    client = connect_to(send_in_turn(*[HEALTHY] * 3))

    def call():
        result = client.native.health()
        return asyncio.run(result) if connect.name == "async" else result

    assert client.health().status == "healthy"
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(call).result().status == "healthy"
    assert client.health().status == "healthy"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
@fault(
    "usage",
    "The process forks while a connection is open",
    result="child and parent use a connection of their own",
    line=None,
)
def test_fork(connect_to, connect):
    client = connect_to(send_in_turn(*[HEALTHY] * 3))
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
    assert client.server.connections == 2


@fault("usage", "The client was closed", result="an error that says so; nothing is sent", line=None)
def test_closed(connect_to, expect_error):
    client = connect_to(send(HEALTHY))
    client.close()
    client.close()
    with expect_error(PolarGridError, "the client is closed"):
        client.health()
    assert client.server.connections == 0


@fault("usage", "A stream is created and not read", result="nothing is sent", line=None)
def test_unread_stream(connect_to):
    client = connect_to(stream(DONE))
    client.chat_completion_stream(CHAT).close()
    assert client.server.connections == 0
