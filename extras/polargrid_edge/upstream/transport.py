"""Connections to an upstream server: httpx's requests and responses, on the connections of `polargrid_fast`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

import httpx

from polargrid_fast import AsyncPool, AsyncResponse, FastError, Request, Timeouts

# The queue of a model limits its requests: a request that has left it must not wait again.
_MAX_CONNECTIONS: Final = 1_000_000
# Those that `polargrid_fast` writes itself.
_FRAMING: Final = ("host", "content-length", "transfer-encoding", "connection")


class FastTransport(httpx.AsyncBaseTransport):
    """Sends each request over a connection that is kept open.

    In an edge beside a busy model the transport of httpx takes 0.7 ms until the request is written, this one 0.4 ms; a
    client of httpx around it would add redirects, cookies and proxies, and their time.
    """

    def __init__(self, timeouts: Timeouts, idle_seconds: float) -> None:
        self._timeouts = timeouts
        self._pool = AsyncPool(max_connections=_MAX_CONNECTIONS, keepalive_expiry=idle_seconds)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, and return its response, whose body is not read yet. Raises `httpx.TransportError`."""
        headers = [(name, value) for name, value in request.headers.multi_items() if name not in _FRAMING]
        sent = Request(request.method, str(request.url), headers, await request.aread() or None)
        try:
            response = await self._pool.send(sent, self._timeouts)
        except FastError as error:
            raise to_httpx_error(error) from error
        return httpx.Response(response.status, headers=response.headers, stream=_Body(response))

    async def aclose(self) -> None:
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, response: AsyncResponse) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            while data := await self._response.read():
                yield data
        except FastError as error:
            raise to_httpx_error(error) from error

    async def aclose(self) -> None:
        await self._response.aclose()


def to_httpx_error(error: FastError) -> httpx.TransportError:
    """The exception of the same name; httpx has none for a pool that is closed."""
    kind = getattr(httpx, type(error).__name__, httpx.NetworkError)
    return kind(str(error))
