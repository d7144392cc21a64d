"""A response: its headers, and its body as it arrives."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from contextlib import suppress

# unasync: add from functools import partial
from io import BytesIO
from typing import Any

from sniffio import current_async_library  # unasync: remove

from polargrid_runtime import errors
from polargrid_transport._async.connection_pool import AsyncConnectionPool
from polargrid_transport._async.pooled_transport import PooledTransport
from polargrid_transport.attempt import Attempt

# unasync: add from polargrid_transport.concurrency import shut_down, shut_down_after
from polargrid_transport.concurrency import async_continue, async_within  # unasync: remove
from polargrid_transport.decompression import Decompressor
from polargrid_transport.exceptions import raise_mapped

#: Seconds for the end of a stream after [DONE]; then its connection can be used again.
DRAIN_TIMEOUT = 0.05


class AsyncResponse(ABC):
    """An open response. `read` raises the SDK's exceptions only."""

    http_version = "HTTP/1.1"

    def __init__(self, status: int, headers: Mapping[str, str]) -> None:
        self.status, self.headers = status, headers
        encoding = headers.get("content-encoding")
        self._encoding = None if encoding == "identity" else encoding
        self._decompressor: Decompressor | None = None

    @abstractmethod
    async def read(self) -> bytes:
        """Return the next bytes of the body as they were sent; none at its end."""

    @abstractmethod
    async def drain(self) -> None:
        """Read the rest if it arrives at once, so that the connection can be used again."""

    @abstractmethod
    async def aclose(self) -> None:
        """Close the response; its connection is used again if the body was read to its end."""

    async def discard(self) -> None:
        """Close a response that is not read, and its connection."""
        await self.aclose()

    def decompress(self, data: bytes) -> Iterable[bytes]:
        """Decompress what `read` returned; at the end of the body, check that it is complete."""
        if self._encoding is None:
            return (data,)
        self._decompressor = self._decompressor or Decompressor(self._encoding)
        if not data:
            self._decompressor.finish()
        return self._decompressor.feed(data)

    async def read_body(self, limit: int, *, is_excerpt: bool = False) -> bytes:
        """Read the whole body, decompressed. Raises ServerError beyond the limit; an excerpt is what can be read."""
        body, data = BytesIO(), b"..."  # it returns its content without a copy
        try:
            while data:
                data = await self.read()
                for output in self.decompress(data):
                    body.write(output[: limit - body.tell() + 1])
                    if body.tell() > limit:
                        body.truncate(limit)
                        raise errors.ServerError(f"response body exceeds max_body_bytes, {limit} bytes")
        except errors.PolarGridError:
            if not is_excerpt:
                raise
        return body.getvalue()


class AsyncHTTPXResponse(AsyncResponse):
    """A response of httpx or httpx2."""

    def __init__(
        self,
        response: Any,
        attempt: Attempt,
        pool: AsyncConnectionPool | None = None,
        pooled: PooledTransport | None = None,
    ) -> None:
        super().__init__(response.status_code, join_headers(response.headers))
        self._response, self._attempt, self._pool, self._pooled = response, attempt, pool, pooled
        self._is_complete = self._is_guarded = False
        if pooled is not None:
            stream = response.extensions.get("network_stream")
            pooled.start_response(stream, is_chunked="transfer-encoding" in self.headers)
            self._chunks, self._is_guarded = aiter(response.stream), pooled.guard is not None
        elif response.is_stream_consumed:  # a hook of the caller's client has read the body, decompressed
            self._encoding, self._chunks = None, response.aiter_bytes()
        else:
            self._chunks = response.aiter_raw()
        if pool is None:  # a client of the caller may use HTTP/2
            self.http_version = response.http_version
        self._library = current_async_library()  # unasync: remove
        # unasync: add if attempt.request.stream:
        # unasync: add     attempt.deadline.on_wait(partial(shut_down, response.extensions.get("network_stream")))

    async def read(self) -> bytes:
        deadline = self._attempt.deadline
        try:
            if not self._is_guarded and deadline.remaining() == 0:
                raise TimeoutError
            if self._library != "asyncio":  # unasync: remove
                reading = anext(self._chunks, b"")  # unasync: remove
                limit, on_wait = deadline.remaining, deadline.on_wait  # unasync: remove
                data = await async_within(limit, reading, self._library, on_wait)  # unasync: remove
            else:  # the same without a coroutine of its own: a read costs a tenth less  # unasync: remove
                steps = self._chunks.__anext__().__await__()  # unasync: remove
                try:  # unasync: remove
                    waits_for = next(steps)  # unasync: remove
                except StopIteration as finished:  # unasync: remove
                    data = finished.value  # unasync: remove
                else:  # unasync: remove
                    limit, on_wait = deadline.remaining, deadline.on_wait  # unasync: remove
                    data = await async_continue(steps, waits_for, limit, on_wait)  # unasync: remove
        except StopAsyncIteration:  # unasync: remove
            data = b""  # unasync: remove
            # unasync: add data = next(self._chunks, b"")
            # unasync: add if not data and deadline.is_interrupted:  # by a shutdown, which looks like the end
            # unasync: add     raise TimeoutError
        except BaseException as error:  # noqa: BLE001 - it is raised again
            is_own = self._pool is not None
            is_closed = self._pool is not None and self._pool.is_closed
            raise_mapped(error, self._attempt, "read", is_closed=is_closed, is_own=is_own)
        self._is_complete = not data
        if not self._is_guarded:
            deadline.receive(len(data))
        return data

    async def drain(self) -> None:
        self._attempt.deadline.shorten(DRAIN_TIMEOUT)
        # unasync: add timer = None
        # unasync: add if not self._is_guarded:
        # unasync: add     timer = shut_down_after(DRAIN_TIMEOUT, self._response.extensions.get("network_stream"))
        with suppress(errors.PolarGridError):
            while await self.read():
                pass
        # unasync: add if timer is not None:
        # unasync: add     timer.cancel()

    async def aclose(self) -> None:
        # unasync: add if self._attempt.request.stream:
        # unasync: add     self._attempt.deadline.on_wait(None)
        is_complete = False
        try:
            with suppress(Exception):  # the connection is broken, and closed below
                await self._chunks.aclose()
                await self._response.aclose()
                is_complete = self._is_complete  # not if it is cancelled here: httpx would wait for it forever
        finally:
            if self._pool is not None and self._pooled is not None:
                pooled, self._pooled = self._pooled, None
                await self._pool.take_back(pooled, is_complete=is_complete)


def join_headers(headers: Any) -> dict[str, str]:
    """An httpx.Headers as a dict; `dict(headers)` would compare each name with all others."""
    values: dict[str, list[str]] = {}
    for name, value in headers.multi_items():
        values.setdefault(name, []).append(value)
    return {name: ", ".join(items) for name, items in values.items()}
