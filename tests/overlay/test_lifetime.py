"""How long a client and its connections live: threads, event loops, forks, ends."""

import asyncio
import gc
import io
import json
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from textwrap import dedent

import httpcore
import httpx
import pytest

from polargrid import NetworkError, PolarGrid, PolarGridError, PolarGridSync
from polargrid.transport import evented_pool
from polargrid.transport.origins import address_of
from polargrid.transport.patience import Patience, Timeouts

CHAT = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hi"}]}
DONE = b"data: [DONE]\n\n"
PATIENCE = 10


@pytest.fixture
def healthy(spec):
    """A script that answers the health check as long as it is asked."""
    body = json.dumps(spec["health"].answer).encode()

    def script(connection):
        with suppress(ConnectionError):  # a client may leave at any moment
            while connection.request().line:
                connection.answer(body)

    return script


@pytest.fixture
def held():
    """What the process holds at this moment: its files and sockets, each by its own name, and its threads."""

    def count():
        gc.collect()
        return {*_files(), *threading.enumerate()}

    return count


def _files():
    for file in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # that of the list itself
            yield str(file.readlink())


def chunk(text):
    """An event of a streamed chat."""
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
    data = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return f"data: {json.dumps(data)}\n\n".encode()


class Streaming:
    """A script that streams without an end, and tells when the client has left."""

    def __init__(self):
        self.left = threading.Event()

    def __call__(self, connection):
        connection.request()
        connection.start_stream()
        connection.piece(chunk("a") + chunk("b"))
        if connection.left():
            self.left.set()


class Silent:
    """A script that takes the request, says nothing, and tells when the client has left."""

    def __init__(self):
        self.asked, self.left = threading.Event(), threading.Event()

    def __call__(self, connection):
        connection.request()
        self.asked.set()
        if connection.left():
            self.left.set()


def asked(edge):
    """The requests that an edge got, without the ends of connections."""
    return len([request for request in edge.requests if request.line])


def run_script(text, *arguments):
    """Run a program under -X dev, with warnings as errors; what it prints, and what it complains of."""
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", dedent(text), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


# Threads and event loops


def test_sync_client_on_many_threads(serve, healthy, key):
    """One sync client serves many threads at once, and uses their connections again."""
    edge = serve(healthy)
    with PolarGridSync(api_key=key, base_url=edge.url, max_retries=0) as client, ThreadPoolExecutor(8) as threads:
        assert {answer.status for answer in threads.map(lambda _: client.health(), range(200))} == {"healthy"}
    edge.join()
    assert asked(edge) == 200
    assert edge.connections <= 8


def test_async_client_in_a_loop_of_each_thread(serve, healthy, key, held):
    """One async client serves an event loop in each of many threads; none leaves anything."""
    before = held()
    edge = serve(healthy)
    client = PolarGrid(api_key=key, base_url=edge.url, max_retries=0)

    async def calls():
        return [(await client.health()).status for _ in range(10)]

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: asyncio.run(calls()), range(12)))
    assert answers == [["healthy"] * 10] * 12
    assert edge.connections == 12
    edge.join()
    assert not held() - before


def test_async_client_in_one_loop_after_another(serve, healthy, key, held):
    """A client made outside any loop serves a first, a second and a third asyncio.run, and each frees its own."""
    before = held()
    edge = serve(healthy)
    client = PolarGrid(api_key=key, base_url=edge.url, max_retries=0)

    async def calls():
        return [(await client.health()).status for _ in range(2)]

    assert [asyncio.run(calls()) for _ in range(3)] == [["healthy"] * 2] * 3
    asyncio.run(client.close())
    edge.join()
    assert (edge.connections, asked(edge)) == (3, 6)
    assert not held() - before


def test_many_calls_at_once_in_a_loop(serve, healthy, key):
    """Fifty calls at once share a client, and leave no task."""
    edge = serve(healthy)

    async def main():
        async with PolarGrid(api_key=key, base_url=edge.url, max_retries=0) as client:
            answers = await asyncio.gather(*(client.health() for _ in range(50)))
        return {answer.status for answer in answers}, len(asyncio.all_tasks())

    assert asyncio.run(main()) == ({"healthy"}, 1)


def test_sync_client_inside_a_running_loop(serve, healthy, key):
    """The sync client works inside a coroutine, as in a notebook."""
    edge = serve(healthy)

    async def cell():
        with PolarGridSync(api_key=key, base_url=edge.url, max_retries=0) as client:
            return client.health().status

    assert asyncio.run(cell()) == "healthy"


# Forks

FORK = """
    import asyncio, os, sys
    from polargrid import PolarGrid, PolarGridSync

    CHAT = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}

    def in_a_child(work, leave):
        child = os.fork()
        if not child:
            work()
            leave(0)
        assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.parametrize("leave", ["os._exit", "sys.exit"])
def test_fork_of_a_sync_client(serve, healthy, leave):
    """A forked child has connections of its own, and the parent goes on with its one, however the child ends."""
    edge = serve(healthy)
    body = f"""
    client = PolarGridSync(api_key="pg_test", base_url=sys.argv[1], max_retries=0)
    client.health()
    in_a_child(client.health, {leave})
    client.health()
    client.close()
    """
    assert run_script(dedent(FORK) + dedent(body), edge.url) == (0, "", "")
    edge.join()
    assert (edge.connections, asked(edge)) == (2, 4 - 1)


def test_fork_of_an_async_client(serve, healthy):
    """So it is with an async client, whose child has an event loop of its own."""
    edge = serve(healthy)
    body = """
    async def main():
        asyncio.get_running_loop().slow_callback_duration = 60
        async with PolarGrid(api_key="pg_test", base_url=sys.argv[1], max_retries=0) as client:
            await client.health()
            in_a_child(lambda: asyncio.run(calls(client)), os._exit)
            await client.health()

    async def calls(client):
        asyncio.get_running_loop().slow_callback_duration = 60
        await client.health()
        await client.health()

    asyncio.run(main())
    """
    assert run_script(dedent(FORK) + dedent(body), edge.url) == (0, "", "")
    edge.join()
    assert (edge.connections, asked(edge)) == (2, 4)


def test_fork_in_the_middle_of_a_stream(serve, spec):
    """A stream that is open when its process forks goes on in the parent, whatever the child does."""
    forked = threading.Event()
    body = json.dumps(spec["health"].answer).encode()

    def streaming(connection):
        connection.request()
        connection.start_stream()
        connection.piece(chunk("a"))
        assert forked.wait(PATIENCE)
        connection.piece(chunk("b") + DONE)
        connection.piece(b"")
        connection.left()

    def child(connection):
        connection.request()
        connection.answer(body)
        connection.left()
        forked.set()

    edge = serve(streaming, child)
    script = """
    client = PolarGridSync(api_key="pg_test", base_url=sys.argv[1], max_retries=0)
    chunks = client.chat_completion_stream(CHAT)
    print(next(chunks).choices[0].delta.content)

    def work():
        client.health()
        client.close()

    in_a_child(work, lambda status: os._exit(status))
    print(next(chunks).choices[0].delta.content, list(chunks))
    client.close()
    """
    assert run_script(dedent(FORK) + dedent(script), edge.url) == (0, "a\nb []\n", "")


# Ends


def answering(head, *pieces):
    """A script that answers every request on its connection like that."""

    def script(connection):
        while connection.request().line:
            connection.send(head + b"\r\ntransfer-encoding: chunked\r\n\r\n")
            for piece in (*pieces, b""):
                connection.piece(piece)

    return script


JSON = b"HTTP/1.1 200 OK\r\ncontent-type: application/json"
EVENTS = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream"
TEAPOT = b"HTTP/1.1 418 I'm a teapot\r\ncontent-type: application/json"


def fail(client):
    with pytest.raises(PolarGridError):
        client.health()


def leave_early(client):
    chunks = client.chat_completion_stream(CHAT)
    next(chunks)
    chunks.close()


@pytest.mark.parametrize(
    ("script", "use", "connections"),
    [
        pytest.param(answering(JSON, b'{"text": "Hi"}'), None, 1, id="upload"),
        pytest.param(
            answering(EVENTS, chunk("a"), DONE), lambda each: [*each.chat_completion_stream(CHAT)], 1, id="stream"
        ),
        pytest.param(Streaming(), leave_early, 3, id="stream left early"),
        pytest.param(answering(TEAPOT, b"{}"), fail, 1, id="error"),
    ],
)
def test_closing_gives_everything_back(connect, serve, held, tmp_path, script, use, connections):  # noqa: PLR0917
    """After closing no socket, file or thread is left, whatever the client did."""
    connect.run(asyncio.sleep(0))  # the event loop has files of its own
    path = tmp_path / "talk.wav"
    path.write_bytes(b"RIFF" + bytes(100_000))
    before = held()
    edge = serve(script)
    client = connect(base_url=edge.url)
    for _ in range(3):
        use(client) if use else client.transcribe(path, {"model": "whisper-1"})
    client.close()
    edge.join()
    assert not held() - before
    if use is leave_early and connect.transport == "auto":  # what was received whole may be used again
        assert edge.connections <= connections
    else:
        assert edge.connections == connections


def test_closing_leaves_no_task(serve, healthy, key):
    """Nor is a task left: closing is done when it returns."""
    edge = serve(healthy)

    async def main():
        async with PolarGrid(api_key=key, base_url=edge.url) as client:
            await client.health()
        return len(asyncio.all_tasks())

    assert asyncio.run(main()) == 1


UNCLOSED = """
    import asyncio, sys
    from polargrid import PolarGrid, PolarGridSync

    CHAT = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
    OPTIONS = {"api_key": "pg_test", "base_url": sys.argv[1], "max_retries": 0}
    kept = []
"""


def test_unclosed_async_client(serve, healthy):
    """Clients and streams that nobody closes leave nothing at the end of asyncio.run, and print nothing."""
    edge = serve(healthy, healthy, Streaming(), Streaming())
    body = """
    async def call():
        client = PolarGrid(**OPTIONS)
        await client.health()
        return client

    async def stream():
        chunks = PolarGrid(**OPTIONS).chat_completion_stream(CHAT)
        await anext(chunks)
        return chunks

    async def main(use, keep):
        asyncio.get_running_loop().slow_callback_duration = 60
        used = await use()
        if keep:
            kept.append(used)

    for use in (call, stream):
        for keep in (False, True):
            asyncio.run(main(use, keep))
    """
    assert run_script(dedent(UNCLOSED) + dedent(body), edge.url) == (0, "", "")
    edge.join()


def test_unclosed_sync_client(serve, healthy):
    """Nor do sync clients that nobody closes print anything, dropped or kept to the end of the program."""
    edge = serve(healthy, Streaming(), healthy, Streaming())
    body = """
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
    kept += [call(), stream()]
    """
    assert run_script(dedent(UNCLOSED) + dedent(body), edge.url) == (0, "", "")
    edge.join()


def test_dropped_client(connect, serve, healthy, held):
    """A client that is dropped unclosed gives back what it held."""
    connect.run(asyncio.sleep(0))
    before = held()
    edge = serve(healthy)
    client = connect.kind(api_key="pg_test", base_url=edge.url, max_retries=0)
    connect.run(client.health())
    del client
    gc.collect()
    connect.run(asyncio.sleep(0))
    edge.join()
    assert not held() - before


@pytest.mark.parametrize("way", ["call", "stream", "generate"])
@pytest.mark.parametrize("http", ["own", "the user's", "with_options"])
def test_use_after_closing(connect, way, http):
    """A closed client says that it is closed, and sends nothing."""
    options = {"http_client": connect.http(httpx.Response(500))} if http == "the user's" else {}
    client = connect(base_url="http://127.0.0.1:9", **options)
    client = client.with_options(timeout=3) if http == "with_options" else client
    client = client if http != "with_options" else type(connect(base_url="http://127.0.0.1:9"))(client, connect.run, [])
    client.close()
    calls = {
        "call": client.health,
        "stream": lambda: list(client.chat_completion_stream(CHAT)),
        "generate": lambda: client.generate({"model": "m", "prompt": "Hi"}),
    }
    with pytest.raises(PolarGridError, match="this client is closed; make another"):
        calls[way]()


def test_stream_after_closing(connect, serve):
    """A stream that was made before its client closed and read after says so, too."""
    client = connect(base_url="http://127.0.0.1:9")
    chunks = client.chat_completion_stream(CHAT)
    client.close()
    with pytest.raises(PolarGridError, match="this client is closed; make another"):
        next(chunks)


def test_closing_ends_a_call_under_way(connect, serve):
    """Closing a client ends the calls under way at once, with an error of our tree."""
    silent = Silent()
    edge = serve(silent)
    client = connect(base_url=edge.url, max_retries=2)

    async def main():
        call = asyncio.ensure_future(client.native.health())
        assert await asyncio.to_thread(silent.asked.wait, PATIENCE)
        await client.native.close()
        async with asyncio.timeout(PATIENCE):
            await call

    def on_threads():
        with ThreadPoolExecutor(1) as threads:
            call = threads.submit(client.health)
            assert silent.asked.wait(PATIENCE)
            client.close()
            call.result(PATIENCE)

    with pytest.raises(PolarGridError, match="closed"):
        connect.run(main()) if connect.name == "async" else on_threads()
    assert silent.left.wait(PATIENCE)


class Greeting:
    """A script that hears the client's TLS hello, says nothing, and tells when the client has left."""

    def __init__(self):
        self.greeted, self.left = threading.Event(), threading.Event()

    def __call__(self, connection):
        connection._file.read(1)
        self.greeted.set()
        with suppress(ConnectionResetError):
            while connection._file.read1():
                pass
        self.left.set()


@pytest.mark.parametrize("way", ["cancelled", "closed"])
def test_leaving_in_the_tls_handshake(serve, key, way):
    """A call that is cancelled, or whose client is closed, in the TLS handshake closes its connection at once."""
    greeting = Greeting()
    edge = serve(greeting)

    async def main():
        client = PolarGrid(api_key=key, base_url=edge.url.replace("http", "https"), max_retries=0)
        task = asyncio.create_task(client.health())
        assert await asyncio.to_thread(greeting.greeted.wait, PATIENCE)
        if way == "cancelled":
            task.cancel()
        else:
            await client.close()
        with pytest.raises(asyncio.CancelledError if way == "cancelled" else PolarGridError):
            await task
        assert await asyncio.to_thread(greeting.left.wait, PATIENCE)
        await client.close()

    asyncio.run(main())


def test_connection_that_is_made_as_the_pool_closes(serve):
    """It is closed, and the call says that the client is."""
    left = threading.Event()
    edge = serve(lambda connection: left.set() if connection.left() else None)

    async def main():
        pool = await evented_pool.Pool.opened()
        pool.is_closed = True
        with pytest.raises(PolarGridError, match="closed"):
            await pool.take(address_of(edge.url).origin, Patience(Timeouts(5, 5, 5, 5), None, None), fresh=True)
        assert await asyncio.to_thread(left.wait, PATIENCE)

    asyncio.run(main())


def test_closing_while_many_threads_call(serve, healthy, key, held):
    """Whatever moment a client is closed at, every call ends with an answer or an error of our tree."""
    before = held()
    edge = serve(healthy)
    client = PolarGridSync(api_key=key, base_url=edge.url, max_retries=0)
    busy = threading.Barrier(9)

    def calls():
        busy.wait(PATIENCE)
        try:
            for _ in range(10_000):
                client.health()
        except PolarGridError as error:
            return error
        return None

    with ThreadPoolExecutor(8) as threads:
        ends = [threads.submit(calls) for _ in range(8)]
        busy.wait(PATIENCE)
        client.close()
        assert all(isinstance(end.result(PATIENCE), PolarGridError) for end in ends)
    edge.join()
    assert not held() - before


def test_closing_while_another_thread_connects(serve, key, monkeypatch):
    """A connection that is made while its client is closed is closed, too."""
    left = threading.Event()

    def script(connection):
        if connection.left():
            left.set()

    edge = serve(script)
    client = PolarGridSync(api_key=key, base_url=edge.url, max_retries=0)
    connect = socket.socket.connect

    def connect_and_close(sock, address):
        connect(sock, address)
        client.close()  # as another thread might

    monkeypatch.setattr(socket.socket, "connect", connect_and_close, raising=False)
    with pytest.raises(PolarGridError):
        client.health()
    assert left.wait(PATIENCE)


def test_closing_while_a_request_is_made(serve, healthy, key):
    """A call whose client is closed while its file is looked at says so, and nothing is sent."""
    edge = serve(healthy)
    client = PolarGridSync(api_key=key, base_url=edge.url, max_retries=0)

    class File(io.BytesIO):
        def seek(self, offset, whence=0):
            client.close()  # as another thread might
            return super().seek(offset, whence)

    with pytest.raises(PolarGridError, match="this client is closed; make another"):
        client.transcribe(File(b"RIFF"), {"model": "whisper-1"})
    assert edge.connections == 0


# Streams and their connections


@pytest.mark.parametrize("way", ["close", "with", "dropped"])
def test_leaving_a_stream_early(connect, serve, way):
    """Leaving a stream early closes its connection at once."""
    streaming = Streaming()
    client = connect(base_url=serve(streaming).url).native

    async def leave():
        chunks = client.chat_completion_stream(CHAT)
        if way == "with":
            async with chunks:
                await anext(chunks)
        elif way == "close":
            await anext(chunks)
            await chunks.aclose()
        else:
            async for _ in chunks:
                break
            del chunks
        assert await asyncio.to_thread(streaming.left.wait, PATIENCE)

    def leave_sync():
        chunks = client.chat_completion_stream(CHAT)
        if way == "with":
            with chunks:
                next(chunks)
        elif way == "close":
            next(chunks)
            chunks.close()
        else:
            for _ in chunks:
                break
            del chunks
        assert streaming.left.wait(PATIENCE)

    connect.run(leave()) if connect.name == "async" else leave_sync()


@pytest.mark.parametrize("way", ["call", "stream", "read"])
def test_cancelling_frees_the_connection(serve, key, way):
    """Cancelling a call, or the wait for a chunk, closes its connection at once."""
    script = Streaming() if way == "read" else Silent()
    edge = serve(script)
    waiting = threading.Event()

    async def use(client):
        if way == "call":
            await client.health()
        async for _ in client.chat_completion_stream(CHAT):
            waiting.set()

    async def main():
        async with PolarGrid(api_key=key, base_url=edge.url, max_retries=3) as client:
            task = asyncio.create_task(use(client))
            assert await asyncio.to_thread((waiting if way == "read" else script.asked).wait, PATIENCE)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await asyncio.to_thread(script.left.wait, PATIENCE)

    asyncio.run(main())
    edge.join()
    assert edge.connections == 1


@pytest.mark.parametrize("end", ["with the stream", "a moment later"])
def test_complete_stream_gives_its_connection_back(connect, serve, end):
    """The connection of a stream that was read to its end is used again."""

    def stream(connection):
        while connection.request().line:
            connection.start_stream()
            if end == "with the stream":
                connection.send(b"%x\r\n%s\r\n0\r\n\r\n" % (len(chunk("a") + DONE), chunk("a") + DONE))
            else:
                connection.piece(chunk("a"))
                connection.piece(DONE)
                connection.piece(b"")

    edge = serve(stream)
    client = connect(base_url=edge.url)
    for _ in range(5):
        assert len(list(client.chat_completion_stream(CHAT))) == 1
    client.close()
    assert edge.connections == 1


@pytest.mark.parametrize("status", ["503 Service Unavailable", "404 Not Found"])
def test_error_gives_its_connection_back(connect, serve, status):
    """So is that of an answer that is an error."""

    def busy(connection):
        while connection.request().line:
            connection.answer(b'{"error": {"message": "no"}}', status=status)

    edge = serve(busy)
    client = connect(base_url=edge.url)
    for _ in range(5):
        with pytest.raises(PolarGridError):
            client.health()
    client.close()
    assert edge.connections == 1


# with_options


def test_with_options_shares(connect, serve, healthy):
    """A client of with_options shares connections and retries left, and closing it leaves the first one open."""
    edge = serve(healthy)
    client = connect(base_url=edge.url)
    other = client.with_options(timeout=3, max_retries=5)
    client.health()
    connect.run(other.health())
    assert other._budget is client.native._budget
    assert other._edges is client.native._edges
    connect.run(other.close())
    assert client.health().status == "healthy"
    assert edge.connections == 1
    client.close()
    with pytest.raises(PolarGridError, match="closed"):
        connect.run(client.native.with_options(timeout=3).health())


# What the SDK uses of other packages that they do not promise


def named(thing, *names):
    """What stands under these private names, or a sentence that says what to do."""
    for name in names:
        assert hasattr(thing, name), (
            f"{type(thing).__module__}.{type(thing).__qualname__} has no {name} any more: look for its new name there,"
            " mend the lines of overlay/polargrid/transport/ that are marked `guarded by a test`, or pin the package"
        )
        thing = getattr(thing, name)
    return thing


@pytest.mark.parametrize("proxy", [None, "http://127.0.0.1:9"])
def test_private_names_of_httpx(proxy):
    """httpx's transports have the private names that transport/ relies on."""
    for kind, backend in (
        (httpx.HTTPTransport, httpcore.NetworkBackend),
        (httpx.AsyncHTTPTransport, httpcore.AsyncNetworkBackend),
    ):
        assert isinstance(named(kind(proxy=proxy), "_pool", "_network_backend"), backend)


def test_private_names_of_an_answer(serve, healthy):
    """An answer has those through which its connection's parser is found."""
    edge = serve(healthy)
    with httpcore.HTTPConnection(httpcore.URL(edge.url).origin) as connection:
        response = connection.handle_request(httpcore.Request("GET", edge.url, headers={"Host": "edge"}))
        parser = named(response.stream, "_connection", "_h11_state")
        response.read()
        assert parser.trailing_data == (b"", False)


def test_private_names_at_work(connect, serve, healthy):
    """Through them every connection is one of ours, and its socket is the one that a forked child has to close."""
    edge = serve(healthy)
    client = connect(base_url=edge.url, transport="httpx").native

    async def pool():
        await client.health()
        return client._transport._cores[asyncio.get_running_loop()]

    def pool_sync():
        client.health()
        return client._transport._core

    (stream,) = (connect.run(pool()) if connect.name == "async" else pool_sync())._backend.open.all()
    sock = stream.get_extra_info("socket")
    sock = named(sock, "_sock") if connect.name == "async" else sock
    assert sock.getpeername()[1] == int(edge.url.rpartition(":")[2])
    connect.close()


def test_refused_connection_leaves_nothing(connect, serve, held):
    """A connection that is refused leaves nothing either."""
    connect.run(asyncio.sleep(0))
    before = held()
    edge = serve(lambda _: None)
    edge.join()
    client = connect(base_url=edge.url)
    for _ in range(5):
        with pytest.raises(NetworkError):
            client.health()
    client.close()
    assert not held() - before
