"""What event loops and threads do in different ways. `_async/` uses the first of each pair, `_sync/` the second."""

from __future__ import annotations

import asyncio
import selectors
import socket
import threading
import types
import weakref
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar, cast

import anyio
import anyio.lowlevel
import sniffio

T = TypeVar("T")


OnWait = Callable[[Callable[..., object] | None], object]


def _ignore(_end_wait: Callable[..., object] | None) -> None:
    """The OnWait of a wait that is not interrupted."""


async def async_within(
    remaining: Callable[[], float | None],
    awaitable: Awaitable[T],
    library: str | None = None,
    on_wait: OnWait = _ignore,
) -> T:
    """Await for the remaining seconds at most. Raises TimeoutError; it never cancels what the caller does afterwards.

    `library` is what sniffio says, for callers that ask often. `on_wait` gets a function that ends the wait, perhaps
    after some seconds, and None after it. Without an event loop there is no counterpart: only a socket's own timeout
    ends a wait.
    """
    if (library or sniffio.current_async_library()) != "asyncio":
        with anyio.fail_after(remaining()) as scope:
            on_wait(lambda seconds=0.0: setattr(scope, "deadline", anyio.current_time() + seconds))
            try:
                return await awaitable
            finally:
                on_wait(None)
    steps = awaitable.__await__()
    try:
        waits_for = next(steps)
    except StopIteration as finished:  # most of the time the bytes were received already, and a scope costs 3 µs
        return cast(T, finished.value)
    async with asyncio.timeout(remaining()) as timeout:
        loop = asyncio.get_running_loop()
        on_wait(lambda seconds=0.0: timeout.reschedule(loop.time() + seconds))
        try:
            return await _continue(steps, waits_for)
        finally:
            on_wait(None)


@types.coroutine
def _continue(steps: Generator[Any, Any, T], waits_for: Any) -> Generator[Any, Any, T]:
    """Go on with a coroutine that has yielded what it waits for."""
    while True:
        try:
            value = yield waits_for
        except BaseException as error:  # noqa: BLE001 - the coroutine handles it
            advance = partial(steps.throw, error)
        else:
            advance = partial(steps.send, value)
        try:
            waits_for = advance()
        except StopIteration as finished:
            return cast(T, finished.value)


async def async_sleep(seconds: float, on_wait: OnWait) -> None:
    """Suspend the task."""
    with suppress(TimeoutError):
        await async_within(lambda: seconds, anyio.sleep_forever(), on_wait=on_wait)


def sync_sleep(seconds: float, on_wait: OnWait) -> None:
    """Suspend the thread."""
    is_interrupted = threading.Event()
    on_wait(is_interrupted.set)
    try:
        is_interrupted.wait(seconds)
    finally:
        on_wait(None)


async def async_wait_readable(file: Any, remaining: Callable[[], float | None]) -> None:
    """Wait until a read of the file does not block. Raises TimeoutError."""
    with anyio.fail_after(remaining()):
        try:
            await anyio.wait_readable(file)
        except PermissionError:  # of epoll: a file that never blocks, such as /dev/zero
            await anyio.lowlevel.checkpoint()


def sync_wait_readable(file: Any, remaining: Callable[[], float | None]) -> None:
    """Wait until a read of the file does not block. Raises TimeoutError."""
    seconds = remaining()
    with selectors.DefaultSelector() as selector:
        is_ready = seconds != 0
        with suppress(PermissionError):
            selector.register(file, selectors.EVENT_READ)
            is_ready = is_ready and bool(selector.select(seconds))
        if not is_ready:
            raise TimeoutError


def async_owner() -> Any:
    """The running event loop, of asyncio or trio: connections belong to it."""
    if sniffio.current_async_library() == "asyncio":
        return asyncio.get_running_loop()
    import trio

    return trio.lowlevel.current_trio_token()


async def async_close_at_end(pool: Any) -> None:
    """Close the connections when the event loop ends: it closes its asynchronous generators while it still runs."""

    async def wait() -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            await pool.aclose()

    pool.closer = wait()
    await anext(pool.closer)  # from now on, the loop knows the generator
    # A pool that is collected earlier is closed by it as well, if its connections are not collected with the pool.
    weakref.finalize(pool, set, pool.open).atexit = False


def sync_close_at_end(pool: Any) -> None:
    """Close the connections when the pool is collected, or the process ends."""
    weakref.finalize(pool, _close_all, pool.open)


def _close_all(connections: set[Any]) -> None:
    for pooled in list(connections):
        pooled.transport.close()


def shut_down_after(seconds: float, network_stream: Any) -> threading.Timer:
    """Shut down a connection after this time: httpx fixes the timeout of a body when its first bytes are read."""
    timer = threading.Timer(seconds, shut_down, [network_stream])
    timer.daemon = True
    try:
        timer.start()
    except RuntimeError:  # there are too many threads, or the interpreter shuts down
        shut_down(network_stream)
    return timer


def shut_down(network_stream: Any) -> None:
    """Wake a thread that waits for the socket of a response; TLS's own shutdown would wait as well."""
    sock = network_stream.get_extra_info("socket") if network_stream is not None else None
    if sock is not None:
        with suppress(OSError):
            socket.socket.shutdown(sock, socket.SHUT_RDWR)
