"""Open answers: their status, their headers, and their bytes as they come; blocking, and for event loops.

Below `read` and `sent` stand frames of other libraries whose local variables hold the headers, and with them the key.
No exception leaves here with such a frame.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Generic, TypeVar

import httpx

from polargrid import errors
from polargrid.patience import Patience
from polargrid.transport.failures import closed, without_frames
from polargrid.transport.httpx_failures import FAILURES, translated
from polargrid.transport.network import AsyncStream
from polargrid.transport.origins import DRAINED

_LEFT_OVER = 100  # pieces that were received and not read

Client = TypeVar("Client", httpx.Client, httpx.AsyncClient)


class _Reply(Generic[Client]):
    """What an answer tells before its body."""

    def __init__(self, response: httpx.Response, patience: Patience) -> None:
        self.status, self.headers = response.status_code, response.headers
        self._response, self._patience = response, patience
        # A hook of the user's client may have read it: then it is unpacked, too.
        self._is_read = response.is_stream_consumed
        self.encoding = None if self._is_read else response.headers.get("content-encoding")

    def _check_time(self) -> None:
        """A client of the user's does not know of deadlines: they are looked at between two pieces."""
        if self._patience.left("read") == 0:
            raise errors.TimeoutError(self._patience.reason("read"))


class Reply(_Reply[httpx.Client]):
    """An open answer. All methods raise the SDK's own exceptions."""

    def __init__(self, response: httpx.Response, patience: Patience) -> None:
        super().__init__(response, patience)
        self._pieces: Iterator[bytes] = iter([response.content]) if self._is_read else response.iter_raw()

    @classmethod
    def sent(cls, http: httpx.Client, request: httpx.Request, patience: Patience) -> Reply:
        """Send the request, and wait for the head of its answer."""
        try:
            return cls(http.send(request, stream=True, follow_redirects=False), patience)
        except FAILURES as error:
            raise translated(error, patience) from error
        except BaseException as error:
            without_frames(error)
            if isinstance(error, RuntimeError) and http.is_closed:  # meanwhile, by another thread
                raise closed() from error
            raise

    def read(self) -> bytes:
        """The next bytes of the body as they were sent; none at its end."""
        self._check_time()
        try:
            return next(self._pieces, b"")
        except FAILURES as error:
            raise translated(error, self._patience) from error
        except BaseException as error:
            without_frames(error)
            raise

    def drain(self) -> None:
        """Read the rest, if it is there: then the connection can be used again. Else it is closed."""
        self._patience.hurry(DRAINED)
        try:
            while self.read():
                pass
        except errors.PolarGridError:
            return

    def close(self) -> None:
        """Let go of the connection."""
        try:
            self._response.close()
        except FAILURES:
            return  # it is gone


class AsyncReply(_Reply[httpx.AsyncClient]):
    """The same for event loops."""

    def __init__(self, response: httpx.Response, patience: Patience) -> None:
        super().__init__(response, patience)
        self._pieces: AsyncIterator[bytes] = _once(response.content) if self._is_read else response.aiter_raw()

    @classmethod
    async def sent(cls, http: httpx.AsyncClient, request: httpx.Request, patience: Patience) -> AsyncReply:
        """Send the request, and wait for the head of its answer."""
        try:
            return cls(await http.send(request, stream=True, follow_redirects=False), patience)
        except FAILURES as error:
            raise translated(error, patience) from error
        except BaseException as error:
            without_frames(error)
            if isinstance(error, RuntimeError) and http.is_closed:  # meanwhile, by another task
                raise closed() from error
            raise

    async def read(self) -> bytes:
        """The next bytes of the body as they were sent; none at its end."""
        self._check_time()
        try:
            return await anext(self._pieces, b"")
        except FAILURES as error:
            raise translated(error, self._patience) from error
        except BaseException as error:
            without_frames(error)
            raise

    async def drain(self) -> None:
        """Read the rest, if it is there: then the connection can be used again. Else it is closed."""
        self._patience.hurry(DRAINED)
        try:
            while await self.read():
                pass
        except errors.PolarGridError:
            return

    async def aclose(self) -> None:
        """Let go of the connection."""
        try:
            await self._response.aclose()
            if isinstance(self._response.extensions.get("network_stream"), AsyncStream):
                # Our connection is closed: reading on fails, and that ends the generators below, as trio asks for.
                for _ in range(_LEFT_OVER):
                    await anext(self._pieces)
        except StopAsyncIteration:
            return
        except FAILURES:
            return  # it is gone


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
