"""Sends a request by the transports of a caller's httpx client, with its proxies and certificates, or in its process.

A blocking client runs in a thread, an async one in the event loop that its program runs.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from sniffio import AsyncLibraryNotFoundError, current_async_library

from polargrid_transport.concurrency import shut_down
from polargrid_transport.libraries import library_of

Run = Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]]
_T = TypeVar("_T")
_CLOSE_SECONDS = 1.0  # the event loop of a program may have ended


def capture_loop() -> Run | None:
    """Return a function that runs a coroutine function in the running event loop, from another; None without one.

    The functions of one event loop are equal.
    """
    try:
        library = current_async_library()
    except AsyncLibraryNotFoundError:
        return None
    if library == "asyncio":
        return _RunInAsyncio(asyncio.get_running_loop())
    import trio

    return _RunInTrio(trio.lowlevel.current_trio_token())


@dataclass(frozen=True)
class _RunInAsyncio:
    loop: asyncio.AbstractEventLoop

    async def __call__(self, function: Callable[[], Awaitable[Any]]) -> Any:
        async def call() -> Any:
            return await function()

        coroutine = call()
        try:
            future = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        except RuntimeError:  # the event loop is closed
            coroutine.close()
            raise
        return await asyncio.wrap_future(future)


@dataclass(frozen=True)
class _RunInTrio:
    token: Any

    async def __call__(self, function: Callable[[], Awaitable[Any]]) -> Any:
        import trio

        return await run_in_thread(lambda: trio.from_thread.run(function, trio_token=self.token))


async def run_in_thread(function: Callable[[], _T]) -> _T:
    """Run a function in a thread that the end of the process does not wait for, as its server may never answer."""
    future: Future[_T] = Future()
    future.set_running_or_notify_cancel()  # so that a result that nobody waits for any more can be set

    def call() -> None:
        try:
            future.set_result(function())
        except StopIteration as error:  # of a mock without a further response; a coroutine cannot raise it
            future.set_exception(RuntimeError(f"the transport raised {error!r}"))
        except BaseException as error:  # noqa: BLE001 - the future raises it
            future.set_exception(error)

    threading.Thread(target=call, name="polargrid-testing-client", daemon=True).start()
    return await asyncio.wrap_future(future)


class ClientResponse:
    """A response of a client's transport, read from the event loop of a cassette."""

    def __init__(self, response: Any, run: Run | None) -> None:
        self._response, self._run = response, run
        self._is_complete = False
        self.status_code: int = response.status_code
        self.headers: Any = response.headers

    async def aiter_raw(self) -> AsyncGenerator[bytes, None]:
        """Yield the body as it arrives."""
        stream = iter(self._response.stream) if self._run is None else aiter(self._response.stream)

        async def read() -> bytes | None:
            return await anext(stream, None)

        while True:
            data = await (run_in_thread(lambda: next(stream, None)) if self._run is None else self._run(read))
            if data is None:
                break
            yield data
        self._is_complete = True

    async def aclose(self) -> None:
        """Close it."""
        extensions = self._response.extensions
        if self._run is None and not self._is_complete and extensions.get("http_version") == b"HTTP/1.1":
            shut_down(extensions.get("network_stream"))  # wakes the thread that reads it
        closing = run_in_thread(self._response.close) if self._run is None else self._run(self._response.aclose)
        with suppress(TimeoutError, RuntimeError):
            await asyncio.wait_for(closing, _CLOSE_SECONDS)


async def send_with_client(
    client: Any, run: Run | None, method: str, url: str, *, headers: list[tuple[bytes, bytes]], content: bytes | None
) -> ClientResponse:
    """Send a request, and return its response as soon as the headers arrive."""
    library = library_of(client)
    extensions = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"))}
    request = library.Request(method, url, headers=headers, content=content, extensions=extensions)
    transport = client._transport_for_url(request.url)  # noqa: SLF001 - httpx has no public name for it
    if run is None:
        return ClientResponse(await run_in_thread(lambda: transport.handle_request(request)), None)

    async def send() -> Any:
        return await transport.handle_async_request(request)

    return ClientResponse(await run(send), run)
