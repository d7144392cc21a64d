"""What event loops and threads do in different ways. `_async/` uses the first of each pair, `_sync/` the second."""

from __future__ import annotations

import asyncio
import math
import selectors
import socket
import threading
import time
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


OnWait = Callable[[Callable[[], object] | None], object]


def _ignore(_end_wait: Callable[[], object] | None) -> None:
    """The OnWait of a wait that is not interrupted."""


async def async_within(
    remaining: Callable[[], float | None],
    awaitable: Awaitable[T],
    library: str | None = None,
    on_wait: OnWait = _ignore,
) -> T:
    """Await for the remaining seconds at most. Raises TimeoutError; it never cancels what the caller does afterwards.

    `library` is what sniffio says, for callers that ask often. `on_wait` gets a function that ends the wait,
    and None after it. Without an event loop there is no counterpart: only a socket's own timeout
    ends a wait.
    """
    if (library or sniffio.current_async_library()) != "asyncio":
        with anyio.fail_after(remaining()) as scope:
            on_wait(lambda: setattr(scope, "deadline", anyio.current_time()))
            try:
                return await awaitable
            finally:
                on_wait(None)
    steps = awaitable.__await__()
    try:
        waits_for = next(steps)
    except StopIteration as finished:  # most of the time the bytes were received already, and a scope costs 3 µs
        return cast(T, finished.value)
    return await async_continue(steps, waits_for, remaining, on_wait)


async def async_continue(
    steps: Generator[Any, Any, T], waits_for: Any, remaining: Callable[[], float | None], on_wait: OnWait = _ignore
) -> T:
    """Await for the remaining seconds at most, on asyncio, what has run up to its first wait."""
    async with asyncio.timeout(remaining()) as timeout:
        on_wait(partial(_end_now, timeout, asyncio.get_running_loop()))
        try:
            return await _continue(steps, waits_for)
        finally:
            on_wait(None)


def _end_now(timeout: asyncio.Timeout, loop: asyncio.AbstractEventLoop) -> None:
    with suppress(RuntimeError):  # it ends already
        timeout.reschedule(loop.time())


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


async def async_sleep(seconds: float, on_wait: OnWait = _ignore) -> None:
    """Suspend the task."""
    with suppress(TimeoutError):
        await async_within(lambda: seconds, anyio.sleep_forever(), on_wait=on_wait)


def sync_sleep(seconds: float, on_wait: OnWait = _ignore) -> None:
    """Suspend the thread."""
    is_interrupted = threading.Event()
    on_wait(is_interrupted.set)
    try:
        is_interrupted.wait(seconds)
    finally:
        on_wait(None)


class AsyncWakeUp:
    """Ends a wait of a task, from any thread."""

    def __init__(self) -> None:
        self._event, self._owner = anyio.Event(), async_owner()

    def __call__(self) -> None:
        """End the wait, or the next one."""
        schedule = getattr(self._owner, "call_soon_threadsafe", None) or self._owner.run_sync_soon
        with suppress(RuntimeError):  # the event loop has ended, and the task with it
            schedule(self._event.set)

    async def wait(self, remaining: Callable[[], float | None], on_wait: OnWait) -> None:
        """Wait for the remaining seconds at most."""
        on_wait(self)
        try:
            with suppress(TimeoutError):
                await async_within(remaining, self._event.wait())
        finally:
            on_wait(None)
        self._event = anyio.Event()


class SyncWakeUp:
    """Ends a wait of a thread, from any thread."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def __call__(self) -> None:
        """End the wait, or the next one."""
        self._event.set()

    def wait(self, remaining: Callable[[], float | None], on_wait: OnWait) -> None:
        """Wait for the remaining seconds at most."""
        on_wait(self)  # first, so that no interrupt is missed
        try:
            self._event.wait(remaining())
        finally:
            on_wait(None)
        self._event.clear()


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


async def async_forget(pool: Any) -> None:
    """End the generator of a pool that was closed: trio reports one that is collected before the event loop ends."""
    closer: types.AsyncGeneratorType[None, None] | None = getattr(pool, "closer", None)
    if closer is not None and not closer.ag_running:
        await closer.aclose()


def sync_close_at_end(pool: Any) -> None:
    """Close the connections when the pool is collected, or the process ends."""
    weakref.finalize(pool, _close_all, pool.open)


def _close_all(connections: set[Any]) -> None:
    for pooled in list(connections):
        pooled.transport.close()


class ConnectError(OSError):
    """The host has no address."""


class BlockingConnect:
    """What a blocking connect of httpx does not do: it looks up the name in time, and each address gets a part of it.

    `on_event` is the extension `trace` of a request, on a transport with `retries=1`. httpx connects to the address
    that is set here, and a second time if that fails.
    """

    def __init__(self, remaining: Callable[[], float | None]) -> None:
        self._remaining, self._end = remaining, math.inf
        self._addresses: list[str] | None = None
        self._error: Exception | None = None

    def on_event(self, event: str, info: dict[str, Any]) -> None:
        """Set host and timeout of what httpx is about to do. Raises TimeoutError and ConnectError."""
        if event.endswith("connect_tcp.started"):
            info["host"], info["timeout"] = self._next_address(info["host"], info["port"])
        elif event.endswith("start_tls.started"):
            info["timeout"] = self._remaining()
        elif event.endswith((".connect_tcp.failed", ".start_tls.failed")):
            self._error = info["exception"]
        elif event.endswith("retry.started") and not self._addresses and self._error is not None:
            raise self._error

    def _next_address(self, host: str, port: int) -> tuple[str, float | None]:
        if self._addresses is None:
            seconds = self._remaining()
            self._end = math.inf if seconds is None else time.monotonic() + seconds
            self._addresses = look_up(host, port, seconds)
        else:
            while len(self._addresses) > 1 and not self._is_open(self._addresses[0], port):
                del self._addresses[0]
        seconds = self._share()
        return self._addresses.pop(0), seconds

    def _is_open(self, address: str, port: int) -> bool:
        with suppress(OSError), socket.create_connection((address, port), self._share()):
            return True
        return False

    def _share(self) -> float | None:
        """Seconds for the next address. Raises TimeoutError if there are none."""
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return None if seconds == math.inf else seconds / len(self._addresses or ("",))


def look_up(host: str, port: int, seconds: float | None) -> list[str]:
    """Return the addresses of a host. The system's lookup has no timeout, so a thread waits for it."""
    results: list[Any] = []

    def run() -> None:
        try:
            addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            results.append(dict.fromkeys(address[4][0] for address in addresses))
        except (OSError, UnicodeError) as error:
            results.append(error)

    if seconds is None or host.replace(".", "").isdigit() or ":" in host:
        run()
    else:
        thread = threading.Thread(target=run, name="polargrid-lookup", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # there are too many threads, or the interpreter shuts down
            run()
        else:
            thread.join(seconds)
    if not results:
        raise TimeoutError
    if not isinstance(results[0], Exception):
        return list(results[0])
    try:
        raise results[0]
    except (OSError, UnicodeError) as error:  # the context: httpcore raises `from None`, which removes a cause
        raise ConnectError(str(error)) from error


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
