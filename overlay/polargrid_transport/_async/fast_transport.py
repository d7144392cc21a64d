"""Sends requests by polargrid_fast, where no proxy is in the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from polargrid_codec.file_stream import iter_chunks
from polargrid_transport._async.response import DRAIN_TIMEOUT, AsyncResponse
from polargrid_transport.attempt import Attempt, TransportOptions
from polargrid_transport.body import encode_form
from polargrid_transport.concurrency import async_within  # unasync: remove
from polargrid_transport.deadline import Deadline
from polargrid_transport.exceptions import raise_mapped
from polargrid_transport.httpx_patches import warn_if_patched
from polargrid_transport.libraries import load_library


class WaitTimeouts:
    """The timeouts of a request of polargrid_fast: a read gets what is left when it starts."""

    def __init__(self, deadline: Deadline) -> None:
        self.connect, _, self.write, self.pool = deadline.timeouts
        self._deadline = deadline

    @property
    def read(self) -> float | None:
        """Seconds until a read that starts now ends."""
        return self._deadline.remaining("read")


class AsyncFastTransport:
    """A pool of polargrid_fast."""

    def __init__(self, options: TransportOptions) -> None:
        self._fast = load_library("polargrid_fast", extra="fast")
        self._pool = self._fast.AsyncPool(ssl_context=options.ssl_context, max_connections=options.max_connections)

    async def send(
        self, attempt: Attempt, build_headers: Callable[[Attempt], dict[str, str]], body: dict[str, Any]
    ) -> AsyncFastResponse:
        """Send the request of an attempt, and return its response as soon as the headers arrive."""
        warn_if_patched()
        try:
            # The request is in no variable, which a traceback may show: it holds the key.
            sending = self._pool.send(
                self._build_request(attempt, build_headers, body),
                WaitTimeouts(attempt.deadline),
                attempt.deadline.ends_at,
                # unasync: add attempt.deadline.on_wait,
            )
            if attempt.request.stream:  # unasync: remove
                sending = async_within(lambda: None, sending, "asyncio", attempt.deadline.on_wait)  # unasync: remove
            return AsyncFastResponse(await sending, attempt, self._pool)
        except BaseException as error:  # noqa: BLE001 - it is raised again
            attempt.deadline.on_wait(None)
            raise_mapped(error, attempt, "read", is_closed=self._pool.is_closed)

    def _build_request(self, attempt: Attempt, build_headers: Any, body: dict[str, Any]) -> Any:
        headers, content, length = build_headers(attempt), body.get("content"), body.get("length")
        if "files" in body:
            content, length, headers["Content-Type"] = encode_form(body)
        elif length is not None:
            content = partial(iter_chunks, content)
        url = attempt.base_url + attempt.request.target
        return self._fast.Request(attempt.request.operation.method, url, list(headers.items()), content, length)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._pool.aclose()


class AsyncFastResponse(AsyncResponse):
    """A response of polargrid_fast."""

    def __init__(self, response: Any, attempt: Attempt, pool: Any) -> None:
        headers: Mapping[str, str] = response.headers
        super().__init__(response.status, headers)
        self._response, self._attempt, self._pool = response, attempt, pool
        attempt.deadline.on_wait(response.interrupt)

    async def read(self) -> bytes:
        self._response.read_timeout = self._attempt.deadline.remaining("read")
        try:
            data: bytes = await self._response.read()
            if not data and self._attempt.deadline.is_interrupted:  # by a shutdown, which looks like the end
                raise TimeoutError
        except BaseException as error:  # noqa: BLE001 - it is raised again
            raise_mapped(error, self._attempt, "read", is_closed=self._pool.is_closed)
        self._attempt.deadline.receive(len(data))
        return data

    async def drain(self) -> None:
        await self._response.drain(DRAIN_TIMEOUT)

    async def discard(self) -> None:
        await self._response.aclose(is_reusable=False)

    async def aclose(self) -> None:
        self._attempt.deadline.on_wait(None)
        await self._response.aclose()
