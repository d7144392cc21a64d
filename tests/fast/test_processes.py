"""Forks, event loops and interrupts: what a process does to its connections."""

import asyncio
import gc
import os
import signal
import subprocess
import sys
import threading
import weakref

import pytest

from polargrid_fast import AsyncPool, Request, SyncPool
from polargrid_fast.http1_parser import ResponseParser
from tests.fast.clients import KINDS, TIMEOUTS, new_loop
from tests.fast.raw_server import respond, serves

LOOPS = KINDS[1:]
forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")


def run_in_child(work) -> int:
    """The exit code of a forked child: 0 if `work` returned True."""
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if work() else 1)
        except BaseException:  # noqa: BLE001 - the parent's tests must not run on in the child
            os._exit(2)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


async def fetch(pool, url):
    response = await pool.send(Request("POST", url, body=b"x"), TIMEOUTS)
    body = await response.read()
    await response.aclose()
    return body


@forks
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_forked_child_connects_anew(client, echo_server):
    """The parent's connection goes on; two processes never share one."""
    pool = client.pool()
    response = pool.post(echo_server.url, b"x")
    assert response.read_all() == b"x"
    response.close()

    def work():
        if not client.is_async:
            return pool.fetch(echo_server.url) == b""
        with asyncio.Runner(loop_factory=lambda: new_loop(client.kind)) as runner:
            return runner.run(fetch(pool.native, echo_server.url)) == b"x"

    if client.is_async:  # the child of a loop that is not running
        assert client.run(_in_thread(lambda: run_in_child(work))) == 0
    else:
        assert run_in_child(work) == 0
    assert pool.fetch(echo_server.url) == b""
    assert echo_server.connection_count == 2
    client.close()


async def _in_thread(work):
    return await asyncio.to_thread(work)


@pytest.mark.parametrize("kind", LOOPS)
def test_one_pool_serves_many_loops(kind, echo_server):
    """Connections end with their loop, and the pool does not keep the loop."""
    pool, loops = AsyncPool(), []
    for _ in range(3):
        with asyncio.Runner(loop_factory=lambda: new_loop(kind)) as runner:
            assert [runner.run(fetch(pool, echo_server.url)) for _ in range(2)] == [b"x", b"x"]
            loops.append(weakref.ref(runner.get_loop()))
    del runner
    gc.collect()
    assert [loop() is not None for loop in loops] == [False, False, True]
    assert echo_server.connection_count == 3


@pytest.mark.parametrize("kind", LOOPS)
def test_one_pool_serves_loops_of_many_threads(kind, echo_server):
    pool, bodies = AsyncPool(), []

    def run():
        with asyncio.Runner(loop_factory=lambda: new_loop(kind)) as runner:
            bodies.extend(runner.run(fetch(pool, echo_server.url)) for _ in range(10))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bodies == [b"x"] * 40


@pytest.mark.parametrize("kind", LOOPS)
def test_a_pool_that_is_dropped_closes_its_connections(kind, serve_scripts):
    closed = threading.Event()

    def script(connection):
        connection.read_request()
        connection.send(respond(b"x"))
        connection.wait_for_close()
        closed.set()

    url = serve_scripts(script).url

    async def run():
        await fetch(AsyncPool(), url)
        gc.collect()
        return await asyncio.to_thread(closed.wait, 20)

    with asyncio.Runner(loop_factory=lambda: new_loop(kind)) as runner:
        assert runner.run(run())


@pytest.mark.parametrize("kind", LOOPS)
def test_a_cancelled_request_closes_its_connection(kind, serve_scripts):
    """Its response may still arrive, and must not meet another request."""

    async def run():
        pool, loop, sent = AsyncPool(), asyncio.get_running_loop(), asyncio.Event()

        def never_responds(connection):
            connection.read_request()
            loop.call_soon_threadsafe(sent.set)
            connection.wait_for_close()

        server = serve_scripts(never_responds, serves(respond(b"second")))
        task = asyncio.ensure_future(fetch(pool, server.url))
        await sent.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        body = await fetch(pool, server.url)
        await pool.aclose()
        return body

    with asyncio.Runner(loop_factory=lambda: new_loop(kind)) as runner:
        assert runner.run(run()) == b"second"


def test_ctrl_c_ends_a_request(client, serve):
    """SIGINT interrupts the wait for a response, and the connection is closed."""
    closed = threading.Event()

    def script(connection):
        connection.read_request()
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        connection.wait_for_close()
        closed.set()

    server, pool = serve(script), client.pool()
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)  # the parent may ignore it
    try:
        with pytest.raises(KeyboardInterrupt):
            pool.get(server.url)
    finally:
        signal.signal(signal.SIGINT, handler)
    assert closed.wait(20)


def test_an_interrupt_inside_a_parser_callback_closes_the_connection(client, serve, monkeypatch):
    """KeyboardInterrupt reaches the caller as it is, from whichever line it is raised in."""
    closed = threading.Event()

    def script(connection):
        connection.read_request()
        connection.send(respond(b"first"))
        connection.wait_for_close()
        closed.set()

    def interrupt(self, body):
        raise KeyboardInterrupt

    server, pool = serve(script, serves(respond(b"second"))), client.pool()
    with monkeypatch.context() as patch:
        patch.setattr(ResponseParser, "on_body", interrupt)
        with pytest.raises(KeyboardInterrupt):
            pool.get(server.url).read_all()
    client.run_pending_callbacks()
    assert closed.wait(20)
    assert pool.fetch(server.url) == b"second"


def test_nothing_of_the_sdk_is_imported():
    """The package imports neither the SDK nor httpx."""
    code = "import sys, polargrid_fast; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {"polargrid", "polargrid_generated", "polargrid_runtime", "httpx", "httpcore", "h11"} & set(modules) == set()


def test_pools_that_are_never_closed_are_silent(echo_server):
    """A program that ends without closing its pools prints nothing."""
    code = f"""
import asyncio, gc
from polargrid_fast import AsyncPool, Request, SyncPool
request = Request("GET", {echo_server.url!r})
sync_pool, async_pool = SyncPool(), AsyncPool()
sync_pool.send(request).read()
async def main():
    await (await async_pool.send(request)).read()
asyncio.run(main())
"""
    result = subprocess.run(
        [sys.executable, "-W", "error", "-X", "dev", "-c", code], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_a_pool_without_connections_needs_no_loop():
    """Pools may be made at import time."""
    assert not AsyncPool().is_closed
    assert not SyncPool().is_closed
