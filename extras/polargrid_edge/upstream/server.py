"""One upstream server: its connections, its health, and its load."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from httpx import DecodingError

from polargrid_edge.errors import EdgeError
from polargrid_edge.sources import UpstreamKind, UpstreamSource
from polargrid_edge.upstream.errors import to_edge_error, unavailable_error
from polargrid_edge.upstream.transport import Connections, UpstreamResponse
from polargrid_fast import (
    ConnectError,
    ConnectTimeout,
    FastError,
    ReadError,
    ReadTimeout,
    RemoteProtocolError,
    Timeouts,
    WriteError,
)

_CONNECT_SECONDS: Final = 5.0
_WRITE_SECONDS: Final = 60.0
_IDLE_SECONDS: Final = 30.0
_MAX_ERROR_BYTES: Final = 64 * 1024
_MAX_BODY_BYTES: Final = 256 * 1024 * 1024


class UnreachableError(EdgeError):
    """The server cannot be reached, or the connection to it broke.

    `is_timeout` is whether it may still work on the request, `is_idle_close` whether it closed the connection without
    a response, as one does that was idle for long.
    """

    def __init__(self, server: str, reason: str, *, is_timeout: bool = False, is_idle_close: bool = False) -> None:
        error = unavailable_error(server, reason)
        super().__init__(error.status, error.message, error.code, headers=error.headers)
        self.is_timeout = is_timeout
        self.is_idle_close = is_idle_close


class UpstreamServer:
    """A server of OpenAI's API, for requests from any event loop.

    `kind` is which one it is, `active` the number of requests in progress, and `is_healthy` whether the last contact
    succeeded.
    """

    def __init__(self, source: UpstreamSource, kind: UpstreamKind = "openai") -> None:
        self.source = source
        self.kind: UpstreamKind = source.kind or kind
        self.url = source.base_url
        self.name = f"upstream {self.url}"
        self.active = 0
        self._lock = threading.Lock()
        self.is_healthy = True
        self.checked_at = time.monotonic()
        key = os.environ.get(source.key_env, "").strip()
        self._headers = {
            "user-agent": "polargrid-edge",
            "accept-encoding": "identity",
            **({"authorization": f"Bearer {key}"} if key else {}),
        }
        timeouts = Timeouts(connect=_CONNECT_SECONDS, read=source.timeout, write=_WRITE_SECONDS)
        self._connections = Connections(timeouts, _IDLE_SECONDS)

    async def aclose(self) -> None:
        await self._connections.aclose()

    @asynccontextmanager
    async def open(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, content: bytes | None = None
    ) -> AsyncIterator[UpstreamResponse]:
        """Send a request, and yield its response, whose body is not read yet. Raises `EdgeError`."""
        self._count(1)
        try:
            response = await self._connections.send(method, self.url + path, self._headers | (headers or {}), content)
            try:
                self.is_healthy = True
                if response.status >= 300:
                    body = await response.read_all(_MAX_ERROR_BYTES)
                    raise to_edge_error(self.name, response.status, body[:_MAX_ERROR_BYTES], response.headers)
                yield response
            finally:
                await response.aclose()
        except FastError as error:
            raise self.to_unreachable(error) from error
        except DecodingError as error:
            raise unavailable_error(self.name, f"sent a body that cannot be decompressed: {error}") from None
        finally:
            self._count(-1)

    async def request(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, content: bytes | None = None
    ) -> bytes:
        """Send a request, and return the body of its response. Raises `EdgeError`."""
        async with self.open(method, path, headers=headers, content=content) as response:
            data = await response.read_all(_MAX_BODY_BYTES)
            if len(data) > _MAX_BODY_BYTES:
                raise unavailable_error(self.name, f"sent a response of more than {_MAX_BODY_BYTES:,} bytes")
            return data

    def _count(self, change: int) -> None:
        with self._lock:
            self.active += change

    def to_unreachable(self, error: FastError) -> UnreachableError:
        """The error of a request that failed in transport. A server that cannot be reached is not healthy."""
        if isinstance(error, (ConnectError, ConnectTimeout)):
            self.is_healthy = False
        if isinstance(error, ReadTimeout):
            return UnreachableError(self.name, f"sent nothing for {self.source.timeout:g} s", is_timeout=True)
        reason = str(error) or type(error).__name__
        is_idle_close = isinstance(error, (RemoteProtocolError, ReadError, WriteError))
        return UnreachableError(self.name, f"does not respond: {reason}", is_idle_close=is_idle_close)
