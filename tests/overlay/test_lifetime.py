"""How long clients and connections live: threads, event loops, the end of a client, of a loop, of the process."""

import asyncio
import gc
import io
import json
import subprocess
import sys
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from textwrap import dedent

import httpx
import pytest

from polargrid import NetworkError, PolarGrid, PolarGridError, PolarGridSync
from polargrid_testing.steps import AwaitClose, AwaitData, ReceiveRequest, Send, Stall, render_chunk
from tests.overlay.conftest import HANG_TIMEOUT
from tests.overlay.faults.scripts import CHAT, COMPLETION, EVENT_STREAM, HEALTHY, chunk, close, response, response_head


def respond():
    """Respond to health checks until the client disconnects."""
    with suppress(ConnectionError):
        while (yield ReceiveRequest()).line:
            yield Send(HEALTHY)


class StreamingServer:
    """A script that streams without an end, and signals when the client disconnects."""

    def __init__(self):
        self.is_closed = threading.Event()

    def __call__(self):
        yield ReceiveRequest()
        yield Send(response_head("transfer-encoding: chunked", media_type=EVENT_STREAM))
        yield Send(render_chunk(chunk("a") + chunk("b")))
        if (yield AwaitClose()):
            self.is_closed.set()


class SilentServer:
    """A script that does not respond, and signals when it gets a request and when the client disconnects."""

    def __init__(self):
        self.is_received, self.is_closed = threading.Event(), threading.Event()

    def __call__(self):
        yield ReceiveRequest()
        self.is_received.set()
        if (yield AwaitClose()):
            self.is_closed.set()


def run_program(text, *arguments):
    """Run a program under -X dev, with warnings as errors; return its exit code, stdout and stderr."""
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", dedent(text), *arguments]
    result = subprocess.run(command, capture_output=True, text=True, timeout=4 * HANG_TIMEOUT, check=False)
    return result.returncode, result.stdout, result.stderr


# Threads and event loops


def test_sync_client_on_many_threads(serve, key):
    """One sync client serves many threads at once, and uses their connections again."""
    server = serve(respond)
    with PolarGridSync(api_key=key, base_url=server.url, max_retries=0) as client, ThreadPoolExecutor(8) as threads:
        assert {health.status for health in threads.map(lambda _: client.health(), range(200))} == {"healthy"}
    server.close()
    assert len(server.requests) == 200
    assert server.connections <= 8


def test_async_client_on_many_threads(serve, key, open_resources, run_loop):
    """One async client serves an event loop in each of many threads; none leaves anything open."""
    run_loop(asyncio.sleep(0))  # the first loop may open files for the whole process
    before = open_resources()
    server = serve(respond)
    client = PolarGrid(api_key=key, base_url=server.url, max_retries=0)

    async def call():
        return [(await client.health()).status for _ in range(10)]

    with ThreadPoolExecutor(6) as threads:
        results = list(threads.map(lambda _: run_loop(call()), range(12)))
    assert results == [["healthy"] * 10] * 12
    assert server.connections == 12
    server.close()
    assert not open_resources() - before


def test_async_client_in_one_loop_after_another(serve, key, open_resources, run_loop):
    """A client that was created outside of a loop serves three loops, and each closes its connections."""
    before = open_resources()
    server = serve(respond)
    client = PolarGrid(api_key=key, base_url=server.url, max_retries=0)

    async def call():
        return [(await client.health()).status for _ in range(2)]

    assert [run_loop(call()) for _ in range(3)] == [["healthy"] * 2] * 3
    run_loop(client.close())
    server.close()
    assert (server.connections, len(server.requests)) == (3, 6)
    assert not open_resources() - before


@pytest.mark.parametrize("transport", ["httpx", "httpx2", "fast"])
def test_client_does_not_keep_ended_loops(serve, key, run_loop, transport):
    """A client that is used in one event loop after another refers to the last one at most."""
    client = PolarGrid(api_key=key, base_url=serve(respond).url, transport=transport)
    loops = []

    async def call():
        await client.health()
        loops.append(weakref.ref(asyncio.get_running_loop()))

    for _ in range(4):
        run_loop(call())
    gc.collect()
    assert [loop() for loop in loops[:-1]] == [None] * 3


def test_many_calls_at_once(serve, key, run_loop):
    """Fifty calls at once share a client, and leave no task."""
    server = serve(respond)

    async def main():
        async with PolarGrid(api_key=key, base_url=server.url, max_retries=0) as client:
            results = await asyncio.gather(*(client.health() for _ in range(50)))
        return {health.status for health in results}, len(asyncio.all_tasks())

    assert run_loop(main()) == ({"healthy"}, 1)


def test_sync_client_inside_a_loop(serve, key, run_loop):
    """The sync client works inside a coroutine, as in a notebook."""
    server = serve(respond)

    async def run_cell():
        with PolarGridSync(api_key=key, base_url=server.url, max_retries=0) as client:
            return client.health().status

    assert run_loop(run_cell()) == "healthy"


# Closing


def respond_with(head, *chunks):
    """Build a script that gives one response to every request."""

    def script():
        while (yield ReceiveRequest()).line:
            yield Send(head + b"\r\ntransfer-encoding: chunked\r\n\r\n")
            for data in (*chunks, b""):
                yield Send(render_chunk(data))

    return script


JSON = b"HTTP/1.1 200 OK\r\ncontent-type: application/json"
EVENTS = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream"
TEAPOT = b"HTTP/1.1 418 I'm a teapot\r\ncontent-type: application/json"


def fail(client):
    with pytest.raises(PolarGridError):
        client.health()


def close_early(client):
    chunks = client.chat_completion_stream(CHAT)
    next(chunks)
    chunks.close()


@pytest.mark.parametrize(
    ("script", "use", "connections"),
    [
        pytest.param(respond_with(JSON, b'{"text": "Hi"}'), None, 1, id="upload"),
        pytest.param(
            respond_with(EVENTS, chunk("a"), b"data: [DONE]\n\n"),
            lambda client: list(client.chat_completion_stream(CHAT)),
            1,
            id="stream",
        ),
        pytest.param(StreamingServer(), close_early, 3, id="stream closed early"),
        pytest.param(respond_with(TEAPOT, b"{}"), fail, 1, id="error"),
    ],
)
def test_close_leaves_nothing(connect, serve, open_resources, tmp_path, script, use, connections):  # noqa: PLR0917
    """After closing, no socket, file or thread is left."""
    connect.run(asyncio.sleep(0))  # the event loop has files of its own
    path = tmp_path / "talk.wav"
    path.write_bytes(b"RIFF" + bytes(100_000))
    before = open_resources()
    server = serve(script)
    client = connect(base_url=server.url)
    for _ in range(3):
        use(client) if use else client.transcribe(path, {"model": "whisper-1"})
    client.close()
    server.close()
    assert not open_resources() - before
    assert server.connections == connections


def test_close_leaves_no_task(serve, key, run_loop):
    """Closing is complete when it returns: no task is left."""
    server = serve(respond)

    async def main():
        async with PolarGrid(api_key=key, base_url=server.url) as client:
            await client.health()
        return len(asyncio.all_tasks())

    assert run_loop(main()) == 1


def test_refused_connection_leaves_nothing(connect, serve, open_resources):
    """Connections that are refused leave nothing open."""
    connect.run(asyncio.sleep(0))
    server = serve(close)
    server.join()
    before = open_resources()
    client = connect(base_url=server.url)
    for _ in range(5):
        with pytest.raises(NetworkError):
            client.health()
    client.close()
    assert not open_resources() - before


UNCLOSED = """
    import asyncio, sys
    from polargrid import PolarGrid, PolarGridSync

    CHAT = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
    OPTIONS = {"api_key": "pg_test", "base_url": sys.argv[1], "max_retries": 0}
    references = []
"""


def test_unclosed_async_client(serve):
    """Clients and streams that are not closed leave nothing at the end of asyncio.run, and print nothing."""
    server = serve(respond, respond, StreamingServer(), StreamingServer())
    program = """
    async def call():
        client = PolarGrid(**OPTIONS)
        await client.health()
        return client

    async def stream():
        chunks = PolarGrid(**OPTIONS).chat_completion_stream(CHAT)
        await anext(chunks)
        return chunks

    async def main(use, keep_reference):
        asyncio.get_running_loop().slow_callback_duration = 60
        used = await use()
        if keep_reference:
            references.append(used)

    for use in (call, stream):
        for keep_reference in (False, True):
            asyncio.run(main(use, keep_reference))
    """
    assert run_program(dedent(UNCLOSED) + dedent(program), server.url) == (0, "", "")
    server.close()


def test_unclosed_sync_client(serve):
    """Sync clients that are not closed print nothing, collected or referenced to the end of the program."""
    server = serve(respond, StreamingServer(), respond, StreamingServer())
    program = """
    def call():
        client = PolarGridSync(**OPTIONS)
        client.health()
        return client

    def stream():
        chunks = PolarGridSync(**OPTIONS).chat_completion_stream(CHAT)
        next(chunks)
        return chunks

    call()
    stream()
    references += [call(), stream()]
    """
    assert run_program(dedent(UNCLOSED) + dedent(program), server.url) == (0, "", "")
    server.close()


def test_collected_client(connect, serve, open_resources):
    """A client that is collected without closing releases its connections."""
    connect.run(asyncio.sleep(0))
    before = open_resources()
    server = serve(respond)
    client = connect.kind(api_key="pg_test", base_url=server.url, max_retries=0)
    connect.run(client.health())
    del client
    gc.collect()
    connect.run(asyncio.sleep(0))
    server.close()
    assert not open_resources() - before


@pytest.mark.parametrize("use", ["call", "stream", "generate"])
@pytest.mark.parametrize("http_client", ["own", "passed", "of the original"])
def test_use_after_close(connect, use, http_client):
    """A closed client says that it is closed, and sends nothing."""
    options = {"http_client": connect.http(httpx.Response(500))} if http_client == "passed" else {}
    original = client = connect(base_url="http://127.0.0.1:9", **options)
    if http_client == "of the original":
        client = type(original)(original.native.with_options(timeout=3), connect.run, [])
    original.close()
    calls = {
        "call": client.health,
        "stream": lambda: list(client.chat_completion_stream(CHAT)),
        "generate": lambda: client.generate({"model": "m", "prompt": "Hi"}),
    }
    with pytest.raises(PolarGridError, match="the client is closed"):
        calls[use]()


def test_stream_after_close(connect):
    """A stream that was created before its client was closed, and is read afterwards, says so."""
    client = connect(base_url="http://127.0.0.1:9")
    chunks = client.chat_completion_stream(CHAT)
    client.close()
    with pytest.raises(PolarGridError, match="the client is closed"):
        next(chunks)


@pytest.mark.parametrize("connection", ["new", "reused"])
def test_close_during_a_call(connect, serve, connection):
    """Closing a client ends its calls at once, with an exception of the SDK."""
    silent = SilentServer()

    def script():
        if connection == "reused":
            yield ReceiveRequest()
            yield Send(HEALTHY)
        yield from silent()

    client = connect(base_url=serve(script).url, max_retries=2)
    if connection == "reused":
        client.health()

    async def close():
        call = asyncio.ensure_future(client.native.health())
        assert await asyncio.to_thread(silent.is_received.wait, HANG_TIMEOUT)
        await client.native.close()
        async with asyncio.timeout(HANG_TIMEOUT):
            await call

    def close_sync():
        with ThreadPoolExecutor(1) as threads:
            call = threads.submit(client.health)
            assert silent.is_received.wait(HANG_TIMEOUT)
            client.close()
            call.result(HANG_TIMEOUT)

    with pytest.raises(PolarGridError, match="closed"):
        connect.run(close()) if connect.name == "async" else close_sync()
    assert silent.is_closed.wait(HANG_TIMEOUT)


class HandshakeServer:
    """A script that reads the ClientHello of TLS, does not respond, and signals when the client disconnects."""

    def __init__(self):
        self.is_received, self.is_closed = threading.Event(), threading.Event()

    def __call__(self):
        yield AwaitData()
        self.is_received.set()
        try:
            yield Stall()
        finally:
            self.is_closed.set()


@pytest.mark.parametrize("end", ["cancelled", "closed"])
def test_end_of_a_tls_handshake(serve, key, run_loop, end):
    """A call that is cancelled, or whose client is closed, during the TLS handshake closes its connection at once."""
    script = HandshakeServer()
    server = serve(script)

    async def main():
        client = PolarGrid(api_key=key, base_url=server.url.replace("http", "https"), max_retries=0)
        call = asyncio.create_task(client.health())
        assert await asyncio.to_thread(script.is_received.wait, HANG_TIMEOUT)
        if end == "cancelled":
            call.cancel()
        else:
            await client.close()
        with pytest.raises(asyncio.CancelledError if end == "cancelled" else PolarGridError):
            await call
        gc.disable()  # not the garbage collector
        try:
            assert await asyncio.to_thread(script.is_closed.wait, HANG_TIMEOUT)
        finally:
            gc.enable()
        await client.close()

    run_loop(main())


def test_close_during_many_calls(serve, key, open_resources):
    """When a client is closed, each of its calls on other threads returns, or raises an exception of the SDK."""
    before = open_resources()
    server = serve(respond)
    client = PolarGridSync(api_key=key, base_url=server.url, max_retries=0)
    start = threading.Barrier(9)

    def call():
        start.wait(HANG_TIMEOUT)
        try:
            while True:
                client.health()
        except PolarGridError as error:
            return error

    with ThreadPoolExecutor(8) as threads:
        results = [threads.submit(call) for _ in range(8)]
        start.wait(HANG_TIMEOUT)
        client.close()
        assert all(isinstance(result.result(HANG_TIMEOUT), PolarGridError) for result in results)
    server.close()
    assert not open_resources() - before


def test_close_while_a_request_is_built(serve, key):
    """A call whose client is closed while its file is examined says so, and nothing is sent."""
    server = serve(respond)
    client = PolarGridSync(api_key=key, base_url=server.url, max_retries=0)

    class File(io.BytesIO):
        def seek(self, offset, whence=0):
            client.close()  # as another thread may do
            return super().seek(offset, whence)

    with pytest.raises(PolarGridError, match="the client is closed"):
        client.transcribe(File(b"RIFF"), {"model": "whisper-1"})
    assert server.connections == 0


# Streams and cancelled calls


@pytest.mark.parametrize("end", ["close", "with", "collected"])
def test_stream_closed_early(connect, serve, end):
    """Closing a stream early closes its connection at once."""
    streaming = StreamingServer()
    client = connect(base_url=serve(streaming).url).native

    async def leave():
        chunks = client.chat_completion_stream(CHAT)
        if end == "with":
            async with chunks:
                await anext(chunks)
        elif end == "close":
            await anext(chunks)
            await chunks.aclose()
        else:
            async for _ in chunks:
                break
            del chunks
        assert await asyncio.to_thread(streaming.is_closed.wait, HANG_TIMEOUT)

    def leave_sync():
        chunks = client.chat_completion_stream(CHAT)
        if end == "with":
            with chunks:
                next(chunks)
        elif end == "close":
            next(chunks)
            chunks.close()
        else:
            for _ in chunks:
                break
            del chunks
        assert streaming.is_closed.wait(HANG_TIMEOUT)

    connect.run(leave()) if connect.name == "async" else leave_sync()


@pytest.mark.parametrize("use", ["call", "stream", "read"])
def test_cancel_closes_the_connection(serve, key, run_loop, use):
    """Cancelling a call, or a read of a stream, closes its connection at once."""
    script = StreamingServer() if use == "read" else SilentServer()
    server = serve(script)
    is_streaming = threading.Event()

    async def call(client):
        if use == "call":
            await client.health()
        async for _ in client.chat_completion_stream(CHAT):
            is_streaming.set()

    async def main():
        async with PolarGrid(api_key=key, base_url=server.url, max_retries=3) as client:
            task = asyncio.create_task(call(client))
            is_due = is_streaming if use == "read" else script.is_received
            assert await asyncio.to_thread(is_due.wait, HANG_TIMEOUT)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await asyncio.to_thread(script.is_closed.wait, HANG_TIMEOUT)

    run_loop(main())
    server.close()
    assert server.connections == 1


def echo():
    """Respond to chats with the text of the request."""
    with suppress(ConnectionError, ValueError):  # ValueError: half of a body
        while (request := (yield ReceiveRequest())).line:
            text = json.loads(request.body)["messages"][0]["content"]
            choice = {**COMPLETION["choices"][0], "message": {"role": "assistant", "content": text}}
            yield Send(response({**COMPLETION, "choices": [choice]}))


def test_response_of_a_cancelled_call(serve, key, run_loop):
    """No call gets the response of one that was cancelled, whenever that was."""
    server = serve(echo)

    async def chat(client, text):
        completion = await client.chat_completion({"model": "m", "messages": [{"role": "user", "content": text}]})
        return completion.choices[0].message.content

    async def main():
        async with PolarGrid(api_key=key, base_url=server.url, max_retries=0) as client:
            for turns in range(40):  # of the event loop, until the call is cancelled
                call = asyncio.create_task(chat(client, f"cancelled {turns}"))
                for _ in range(turns):
                    await asyncio.sleep(0)
                call.cancel()
                (result,) = await asyncio.gather(call, return_exceptions=True)
                assert isinstance(result, asyncio.CancelledError) or result == f"cancelled {turns}"
                assert await chat(client, str(turns)) == str(turns)

    run_loop(main())


# with_options


def test_with_options_shares_connections(connect, serve):
    """A copy of with_options shares the connections, and closing it leaves the original open."""
    server = serve(respond)
    client = connect(base_url=server.url)
    copy = client.with_options(timeout=30, max_retries=5)
    client.health()
    connect.run(copy.health())
    connect.run(copy.close())
    assert client.health().status == "healthy"
    assert server.connections == 1
    client.close()
    with pytest.raises(PolarGridError, match="closed"):
        connect.run(client.native.with_options(timeout=30).health())
