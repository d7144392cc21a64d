"""Streams that are closed, or read, by a second thread or task while they are read."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from polargrid import PolarGridError, StreamInterruptedError
from polargrid_testing.steps import AwaitClose, ReceiveRequest, Send, Until
from tests.overlay.conftest import HANG_TIMEOUT
from tests.overlay.faults.registry import fault
from tests.overlay.faults.scripts import (
    CHAT,
    DONE,
    EVENT_STREAM,
    HEALTHY,
    SPEECH,
    chunk,
    close,
    response,
    response_head,
    send,
    wait_for_disconnect,
)

STREAMS = {
    "chat": lambda client: client.chat_completion_stream(CHAT),
    "text": lambda client: client.chat.completions.stream(**CHAT),
    "text only": lambda client: client.chat.completions.stream(**CHAT).text_stream,
    "audio": lambda client: client.text_to_speech_stream(SPEECH),
    "bytes": lambda client: client.audio.speech.stream(**SPEECH).iter_bytes(2),
}
AUDIO = (STREAMS["audio"], STREAMS["bytes"])
for_each_stream = pytest.mark.parametrize("create", STREAMS.values(), ids=STREAMS)


class WaitingServer:
    """A script that sends the beginning of a response, and tells when the client waits for more."""

    def __init__(self, *data):
        self.data = data
        self.is_waiting, self.is_closed = threading.Event(), threading.Event()

    def __call__(self):
        yield ReceiveRequest()
        for item in self.data:
            yield Send(item)
        self.is_waiting.set()
        if (yield AwaitClose()):
            self.is_closed.set()


class Reader:
    """Reads a stream in a thread, or in a task, while the test does something else."""

    def __init__(self, connect, stream):
        self._connect, self._stream = connect, stream

    def run_while_read(self, is_waiting, action):
        """Read until the server waits, run the action; return what it returns, and what the reader raised."""
        if self._connect.name == "async":
            return self._connect.run(self._run_in_task(is_waiting, action))
        with ThreadPoolExecutor(1) as threads:
            reading = threads.submit(list, self._stream)
            assert is_waiting.wait(HANG_TIMEOUT)
            return action(self._stream), reading.exception(HANG_TIMEOUT)

    async def _run_in_task(self, is_waiting, action):
        async def read():
            return [item async for item in self._stream]

        task = asyncio.create_task(read())
        await asyncio.sleep(0)  # it begins: from Python 3.14 on, a thread that is fast suspends nothing
        assert await asyncio.to_thread(is_waiting.wait, HANG_TIMEOUT)
        result = await action(self._stream)
        await asyncio.wait([task], timeout=HANG_TIMEOUT)
        return result, task.exception()


@pytest.fixture
def close_while_read(connect, raised_errors):
    """Close a stream while it is read; return what the reader raised."""

    def run(stream, is_waiting):
        close = (lambda item: item.aclose()) if connect.name == "async" else (lambda item: item.close())
        _, error = Reader(connect, stream).run_while_read(is_waiting, close)
        raised_errors.append(error)
        assert type(error) is PolarGridError
        assert "the stream was closed" in str(error)
        return error

    return run


@pytest.mark.parametrize("state", ["headers", "body", "chunk"])
@for_each_stream
@fault(
    "usage",
    "You close a stream in another thread, or task, while it is read",
    result="its connection is closed at once; the reader gets an error that says so",
    line=None,
)
def test_close(connect_to, close_while_read, create, state):
    media_type = "audio/mpeg" if create in AUDIO else EVENT_STREAM
    head = response_head(media_type=media_type)
    data = {"headers": (), "body": (head,), "chunk": (head, chunk("a"))}[state]
    script = WaitingServer(*data)
    client = connect_to(script, send(HEALTHY), max_retries=3)
    error = close_while_read(create(client.native), script.is_waiting)
    assert error.meta.attempts == 1
    assert script.is_closed.wait(HANG_TIMEOUT)
    assert client.health().status == "healthy"
    assert client.server.connections == 2


@fault(
    "usage",
    "You close a stream in another thread, or task, before its retry",
    result="it is not retried, at once",
    line=None,
)
def test_close_before_a_retry(connect_to, close_while_read):
    script = WaitingServer(response(b"{}", "retry-after: 50", status="503 Service Unavailable"))
    client = connect_to(script, max_retries=3)
    close_while_read(client.native.chat_completion_stream(CHAT), script.is_waiting)
    assert len(client.server.requests) == 1


@fault(
    "usage",
    "You close a stream in another thread, or task, that waits for a connection",
    result="an error at once",
    line=None,
)
def test_close_before_the_connection(connect_to, close_while_read):
    script = WaitingServer(response_head(media_type=EVENT_STREAM), chunk("a"))
    client = connect_to(script, max_connections=1)
    chunks = client.chat_completion_stream(CHAT)
    next(chunks)
    close_while_read(client.native.chat_completion_stream(CHAT), script.is_waiting)
    chunks.close()
    assert len(client.server.requests) == 1


@for_each_stream
@fault(
    "usage",
    "Two threads, or tasks, read one stream at once",
    result="the second gets an error; the first reads on",
    line=None,
)
def test_second_reader(connect_to, connect, create, expect_error):
    is_waiting, is_over = threading.Event(), threading.Event()

    def script():
        yield ReceiveRequest()
        is_waiting.set()
        yield Until(is_over.is_set)
        media_type = "audio/mpeg" if create in AUDIO else EVENT_STREAM
        yield Send(response_head("connection: close", media_type=media_type) + chunk("a", "stop") + DONE)

    async def read_async(stream):
        try:
            with expect_error(PolarGridError, "the stream is already being read"):
                await asyncio.gather(anext(aiter(stream)), anext(stream))
        finally:
            is_over.set()

    def read(stream):
        try:
            with expect_error(PolarGridError, "the stream is already being read"):
                next(iter(stream))
        finally:
            is_over.set()

    stream = create(connect_to(script).native)
    action = read_async if connect.name == "async" else read
    _, error = Reader(connect, stream).run_while_read(is_waiting, action)
    assert error is None


@for_each_stream
@fault(
    "usage",
    "You read on after a stream failed",
    result="the same error again: a part is not the whole",
    line='fake.fault("stream-cut")',
)
def test_read_after_an_error(connect_to, connect, create, expect_error):
    media_type = "audio/mpeg" if create in AUDIO else EVENT_STREAM
    data = response_head(media_type=media_type, length=10_000) + chunk("a")
    stream = create(connect_to(send(data, then=close)))
    with expect_error(StreamInterruptedError) as first:
        list(stream)
    with expect_error(StreamInterruptedError) as second:
        next(stream)
    assert second.value is first.value


@fault(
    "usage", "You read a stream on that was closed in another thread", result="an error: it is not complete", line=None
)
def test_read_after_close(connect_to, connect, expect_error):
    script = send(response_head(media_type=EVENT_STREAM), chunk("a"), then=wait_for_disconnect)
    chunks = connect_to(script).native.chat_completion_stream(CHAT)

    async def read_and_close():
        await anext(chunks)
        await chunks.aclose()

    if connect.name == "async":
        connect.run(read_and_close())
    else:
        next(chunks)
    with ThreadPoolExecutor(1) as threads:
        threads.submit(chunks.close if connect.name == "sync" else lambda: asyncio.run(chunks.aclose())).result()
    with expect_error(PolarGridError, "the stream was closed before its end"):
        connect.run(anext(chunks)) if connect.name == "async" else next(chunks)
