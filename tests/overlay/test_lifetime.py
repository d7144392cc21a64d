"""How long a client and its connections live: threads, event loops, forks, ends."""

import asyncio
import gc
import json
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from textwrap import dedent

import httpx
import pytest

from polargrid import NetworkError, PolarGrid, PolarGridError, PolarGridSync
from polargrid.transport import pools

CHAT = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hi"}]}
DONE = b"data: [DONE]\n\n"
PATIENCE = 10


@pytest.fixture
def healthy(spec):
    """A script that answers the health check as long as it is asked."""
    body = json.dumps(spec["health"].answer).encode()

    def script(connection):
        while connection.request().line:
            connection.answer(body)

    return script


@pytest.fixture
def held():
    """What the process holds at this moment: its files and sockets, and its threads."""

    def count():
        gc.collect()
        return sorted(os.listdir("/proc/self/fd")), threading.active_count()

    return count


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


def test_sync_client_on_many_threads(connect, serve, healthy):
    """One sync client serves many threads at once, and uses their connections again."""
    if connect.name == "async":
        pytest.skip("the next test's")
    edge = serve(healthy)
    client = connect(base_url=edge.url)
    client.health()
    with ThreadPoolExecutor(8) as threads:
        assert {answer.status for answer in threads.map(lambda _: client.health(), range(200))} == {"healthy"}
    assert asked(edge) == 201
    assert edge.connections <= 8
    connect.close()


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
    assert held() == before


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
    assert held() == before


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
    """A stream that is open when its process forks goes on in the parent, whatever the child does and however it ends."""
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


@pytest.mark.parametrize("way", ["call", "stream", "stream left early", "error", "upload"])
def test_closing_gives_everything_back(connect, serve, healthy, held, tmp_path, way):
    """After closing no socket, file or thread is left, whatever the client did."""
    connect.run(asyncio.sleep(0))  # the event loop has files of its own
    path = tmp_path / "talk.wav"
    path.write_bytes(b"RIFF" + bytes(100_000))
    before = held()

    def stream(connection):
        while connection.request().line:
            connection.start_stream()
            connection.piece(chunk("a") + chunk("b") + DONE)
            connection.piece(b"")

    def error(connection):
        while connection.request().line:
            connection.answer(b"{}", status="418 I'm a teapot")

    def transcript(connection):
        while connection.request().line:
            connection.answer(b'{"text": "Hi"}')

    edge = serve({"call": healthy, "error": error, "upload": transcript}.get(way, stream))
    client = connect(base_url=edge.url)
    for _ in range(3):
        if way == "call":
            client.health()
        elif way == "error":
            with pytest.raises(PolarGridError):
                client.health()
        elif way == "upload":
            client.transcribe(path, {"model": "whisper-1"})
        elif way == "stream":
            assert len(list(client.chat_completion_stream(CHAT))) == 2
        else:
            chunks = client.chat_completion_stream(CHAT)
            next(chunks)
            chunks.close()
    client.close()
    edge.join()
    assert held() == before
    assert edge.connections == (3 if way == "stream left early" else 1)


def test_closing_leaves_no_task(serve, healthy, key):
    """Nor is a task left: closing is done when it returns."""
    edge = serve(healthy)

    async def main():
        async with PolarGrid(api_key=key, base_url=edge.url) as client:
            await client.health()
        return len(asyncio.all_tasks())

    assert asyncio.run(main()) == 1


@pytest.mark.parametrize("way", ["call", "stream", "client dropped", "stream dropped"])
def test_unclosed_async_client(serve, healthy, way):
    """A client that nobody closes leaves nothing at the end of asyncio.run, and prints nothing."""
    streaming = Streaming()
    edge = serve(streaming if "stream" in way else healthy)
    script = f"""
    import asyncio, sys
    from polargrid import PolarGrid

    CHAT = {{"model": "m", "messages": [{{"role": "user", "content": "Hi"}}]}}
    kept = []

    async def main():
        asyncio.get_running_loop().slow_callback_duration = 60
        client = PolarGrid(api_key="pg_test", base_url=sys.argv[1], max_retries=0)
        if "stream" in {way!r}:
            chunks = client.chat_completion_stream(CHAT)
            await anext(chunks)
            kept.extend([] if "dropped" in {way!r} else [chunks, client])
        else:
            await client.health()
            kept.extend([] if "dropped" in {way!r} else [client])

    asyncio.run(main())
    """
    assert run_script(script, edge.url) == (0, "", "")
    edge.join()


@pytest.mark.parametrize("way", ["call", "stream"])
def test_unclosed_sync_client(serve, healthy, way):
    """Nor does a sync client that nobody closes print anything at the end of the program."""
    edge = serve(Streaming() if way == "stream" else healthy)
    script = f"""
    import sys
    from polargrid import PolarGridSync

    CHAT = {{"model": "m", "messages": [{{"role": "user", "content": "Hi"}}]}}
    client = PolarGridSync(api_key="pg_test", base_url=sys.argv[1], max_retries=0)
    if {way!r} == "stream":
        chunks = client.chat_completion_stream(CHAT)
        next(chunks)
    else:
        client.health()
    """
    assert run_script(script, edge.url) == (0, "", "")
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
    assert held() == before


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


def test_closing_ends_a_call_under_way(connect, serve, key):
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
    assert held() == before


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


def test_cancelling_in_the_tls_handshake(serve, key):
    """Cancelling while an edge is silent in the TLS handshake closes the connection, too."""
    greeted, left = threading.Event(), threading.Event()

    def silent(connection):
        connection._file.read(1)  # of the client's hello
        greeted.set()
        connection._socket.setblocking(True)
        while connection._socket.recv(65536):
            pass
        left.set()

    edge = serve(silent)

    async def main():
        client = PolarGrid(api_key=key, base_url=edge.url.replace("http", "https"), max_retries=0)
        task = asyncio.create_task(client.health())
        assert await asyncio.to_thread(greeted.wait, PATIENCE)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(left.wait, PATIENCE)
        await client.close()

    asyncio.run(main())


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


def test_private_names(connect, serve, healthy):
    """The private names of httpx and httpcore that transport/ relies on are there, and are what they were."""
    told = "has changed: look for its new name in {}, mend the marked lines of overlay/polargrid/transport/, or pin it"
    edge = serve(healthy)
    client = connect(base_url=edge.url).native
    transport = getattr(client._http, "_transport", None)
    assert isinstance(transport, pools.Pools | pools.AsyncPools), f"httpx.Client._transport {told.format('httpx')}"

    async def pool():
        await client.health()
        return _parts(transport._loops[asyncio.get_running_loop()]._pools)

    def pool_sync():
        client.health()
        return _parts(transport._pools)

    backend, sock = connect.run(pool()) if connect.name == "async" else pool_sync()
    where = "httpx.HTTPTransport._pool._network_backend (and that of a proxy's pool)"
    assert isinstance(backend, pools.Backend | pools.AsyncBackend), f"{where} {told.format('httpx and httpcore')}"
    assert sock.fileno() >= 0
    assert sock.getpeername()[1] == int(edge.url.rpartition(":")[2]), f"TransportSocket._sock {told.format('asyncio')}"


def _parts(found):
    (transport,) = found.values()
    (stream,) = transport._pool._network_backend.open
    sock = stream.get_extra_info("socket")
    return transport._pool._network_backend, getattr(sock, "_sock", sock)


def test_private_names_of_a_proxy(monkeypatch):
    """A pool that goes through a proxy has them as well."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    pool = pools.Pools()._pool(httpx.URL("http://edge.example"))
    assert isinstance(pool._pool._network_backend, pools.Backend), "see the test above"
    assert "proxy" in type(pool._pool).__name__.lower(), "httpx.HTTPTransport(proxy=) makes another pool than it did"


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
    assert held() == before
