"""Open answers of httpx and httpcore: their status, their headers, and their bytes as they come.

Below `read`, `asked` and `sent` stand frames of other libraries whose local variables hold the headers, and with them
the key. No exception leaves here with such a frame.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Generic, TypeVar

import httpx

from polargrid import errors
from polargrid.progress import Progress
from polargrid.transport.failures import raise_from
from polargrid.transport.http11 import Asking
from polargrid.transport.httpx_failures import FAILURES, told
from polargrid.transport.origins import DRAINED, Origin
from polargrid.transport.patience import Patience
from polargrid.transport.pools import AsyncLent, AsyncPool, Lent, Pool
from polargrid.transport.seam import request_of

Answer = TypeVar("Answer", bound=httpx.Response | Lent | AsyncLent)


class _Reply(Generic[Answer]):
    """What an answer tells before its body."""

    def __init__(self, answer: Answer, patience: Patience) -> None:
        self.status, self.headers = answer.status_code, answer.headers
        self._answer, self._patience = answer, patience
        # A hook of the user's client may have read it: then it is unpacked, too.
        self._read_already = answer.content if answer.is_stream_consumed else None
        self.encoding = answer.headers.get("content-encoding") if self._read_already is None else None

    def _check_time(self) -> None:
        """A client of the user's does not know of deadlines: they are looked at between two pieces."""
        if self._patience.left("read") == 0:
            raise errors.TimeoutError(self._patience.reason("read"))


class Reply(_Reply[httpx.Response | Lent]):
    """An open answer. All methods raise the SDK's own exceptions."""

    def __init__(self, answer: httpx.Response | Lent, patience: Patience) -> None:
        super().__init__(answer, patience)
        self._pieces = answer.iter_raw() if self._read_already is None else iter([self._read_already])

    @classmethod
    def asked(cls, http: httpx.Client, progress: Progress, asking: Asking) -> Reply:
        """Have the user's client send the call's request, and wait for the head of its answer."""
        with request_of(http, progress, asking) as request:
            try:
                return cls(http.send(request, stream=True, follow_redirects=False), progress.patience)
            except BaseException as error:  # noqa: BLE001 - it is raised again
                raise_from(told(error, progress.patience, is_closed=http.is_closed), error)

    @classmethod
    def sent(cls, pool: Pool, origin: Origin, progress: Progress, asking: Asking) -> Reply:
        """Send it on a connection of httpcore's."""
        try:
            return cls(pool.send(origin, progress, asking), progress.patience)
        except BaseException as error:  # noqa: BLE001 - it is raised again
            raise_from(told(error, progress.patience, is_closed=pool.is_closed), error)

    def read(self) -> bytes:
        """The next bytes of the body as they were sent; none at its end."""
        self._check_time()
        try:
            return next(self._pieces, b"")
        except BaseException as error:  # noqa: BLE001 - it is raised again
            raise_from(told(error, self._patience), error)

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
            self._answer.close()
        except FAILURES:
            return  # it is gone


class AsyncReply(_Reply[httpx.Response | AsyncLent]):
    """The same for event loops."""

    def __init__(self, answer: httpx.Response | AsyncLent, patience: Patience) -> None:
        super().__init__(answer, patience)
        self._pieces = answer.aiter_raw() if self._read_already is None else _once(self._read_already)

    @classmethod
    async def asked(cls, http: httpx.AsyncClient, progress: Progress, asking: Asking) -> AsyncReply:
        """Have the user's client send the call's request, and wait for the head of its answer."""
        with request_of(http, progress, asking) as request:
            try:
                return cls(await http.send(request, stream=True, follow_redirects=False), progress.patience)
            except BaseException as error:  # noqa: BLE001 - it is raised again
                raise_from(told(error, progress.patience, is_closed=http.is_closed), error)

    @classmethod
    async def sent(cls, pool: AsyncPool, origin: Origin, progress: Progress, asking: Asking) -> AsyncReply:
        """Send it on a connection of httpcore's."""
        try:
            return cls(await pool.send(origin, progress, asking), progress.patience)
        except BaseException as error:  # noqa: BLE001 - it is raised again
            raise_from(told(error, progress.patience, is_closed=pool.is_closed), error)

    async def read(self) -> bytes:
        """The next bytes of the body as they were sent; none at its end."""
        self._check_time()
        try:
            return await anext(self._pieces, b"")
        except BaseException as error:  # noqa: BLE001 - it is raised again
            raise_from(told(error, self._patience), error)

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
            await self._answer.aclose()
        except FAILURES:
            return  # it is gone


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
