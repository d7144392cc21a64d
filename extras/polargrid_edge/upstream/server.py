"""One upstream server: its connections, its health, and its load. Used on the I/O thread."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx

from polargrid_edge.errors import EdgeError
from polargrid_edge.sources import UpstreamKind, UpstreamSource
from polargrid_edge.upstream.errors import to_edge_error, unavailable_error
from polargrid_edge.upstream.transport import FastTransport
from polargrid_fast import Timeouts

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
    """A server of OpenAI's API.

    `kind` is which one it is, `active` the number of requests in progress, and `is_healthy` whether the last contact
    succeeded.
    """

    def __init__(self, source: UpstreamSource, kind: UpstreamKind = "openai") -> None:
        self.source = source
        self.kind: UpstreamKind = source.kind or kind
        self.url = source.base_url
        self.name = f"upstream {self.url}"
        self.active = 0
        self.is_healthy = True
        self.checked_at = time.monotonic()
        key = os.environ.get(source.key_env, "").strip()
        self._headers = {
            "user-agent": "polargrid-edge",
            "accept-encoding": "identity",
            **({"authorization": f"Bearer {key}"} if key else {}),
        }
        timeouts = Timeouts(connect=_CONNECT_SECONDS, read=source.timeout, write=_WRITE_SECONDS)
        self._transport = FastTransport(timeouts, _IDLE_SECONDS)

    async def aclose(self) -> None:
        await self._transport.aclose()

    @asynccontextmanager
    async def open(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **content: Any
    ) -> AsyncIterator[httpx.Response]:
        """Send a request, and yield its response, whose body is not read yet. Raises `EdgeError`."""
        self.active += 1
        request = httpx.Request(method, self.url + path, headers=self._headers | (headers or {}), **content)
        try:
            response = await self._transport.handle_async_request(request)
            response.request = request
            try:
                self.is_healthy = True
                if response.status_code >= 300:
                    raise await self._read_failure(response)
                yield response
            finally:
                await response.aclose()
        except httpx.HTTPError as error:
            raise self.to_unreachable(error) from error
        finally:
            self.active -= 1

    async def request(self, method: str, path: str, **content: Any) -> bytes:
        """Send a request, and return the body of its response. Raises `EdgeError`."""
        async with self.open(method, path, **content) as response:
            data = bytearray()
            async for chunk in response.aiter_bytes():
                data += chunk
                if len(data) > _MAX_BODY_BYTES:
                    raise unavailable_error(self.name, f"sent a response of more than {_MAX_BODY_BYTES:,} bytes")
            return bytes(data)

    async def _read_failure(self, response: httpx.Response) -> EdgeError:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > _MAX_ERROR_BYTES:
                break
        return to_edge_error(self.name, response.status_code, bytes(body[:_MAX_ERROR_BYTES]), response.headers)

    def to_unreachable(self, error: httpx.HTTPError) -> UnreachableError:
        """The error of a request that failed in transport. A server that cannot be reached is not healthy."""
        if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout)):
            self.is_healthy = False
        if isinstance(error, httpx.ReadTimeout):
            return UnreachableError(self.name, f"sent nothing for {self.source.timeout:g} s", is_timeout=True)
        reason = str(error) or type(error).__name__
        is_idle_close = isinstance(error, (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError))
        return UnreachableError(self.name, f"does not respond: {reason}", is_idle_close=is_idle_close)
