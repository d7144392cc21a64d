"""Requests and responses of an upstream server, on the connections of `polargrid_fast`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Final

import httpx

from polargrid_fast import AsyncPool, AsyncResponse, Request, Timeouts

# The queue of a model limits its requests: a request that has left it must not wait again.
_MAX_CONNECTIONS: Final = 1_000_000


class Connections:
    """Connections that are kept open, for each event loop its own.

    A client of httpx would add redirects, cookies and proxies, and half a millisecond until a request is written.
    """

    def __init__(self, timeouts: Timeouts, idle_seconds: float) -> None:
        self._timeouts = timeouts
        self._pool = AsyncPool(max_connections=_MAX_CONNECTIONS, keepalive_expiry=idle_seconds)

    async def send(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> UpstreamResponse:
        """Send a request, and return its response, whose body is not read yet. Raises `FastError`."""
        request = Request(method, url, list(headers.items()), content)
        return UpstreamResponse(await self._pool.send(request, self._timeouts))

    async def aclose(self) -> None:
        await self._pool.aclose()


class UpstreamResponse:
    """A response: `read` returns the next bytes of its body, and none at its end. Raises `FastError`."""

    def __init__(self, response: AsyncResponse) -> None:
        self.status, self.headers = response.status, response.headers
        self.drain, self.aclose = response.drain, response.aclose
        encoding = self.headers.get("content-encoding", "identity")
        self.read: Callable[[], Awaitable[bytes]] = response.read
        if encoding.strip().lower() not in ("identity", ""):  # the server was asked for none
            self.read = _Decoder(response).read

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    async def read_all(self, limit: int) -> bytes:
        """The rest of the body; what is beyond the limit is left out, but for a part."""
        data = bytearray()
        while len(data) <= limit and (chunk := await self.read()):
            data += chunk
        return bytes(data)


class _Decoder:
    """Decompresses a body, by httpx. Raises `httpx.DecodingError`."""

    def __init__(self, response: AsyncResponse) -> None:
        decoded = httpx.Response(response.status, headers=response.headers, stream=_Body(response))
        self._chunks = decoded.aiter_bytes()

    async def read(self) -> bytes:
        return await anext(self._chunks, b"")


class _Body(httpx.AsyncByteStream):
    def __init__(self, response: AsyncResponse) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while data := await self._response.read():
            yield data


def encode_form(fields: Mapping[str, Any], files: Mapping[str, Any]) -> tuple[bytes, dict[str, str]]:
    """A form with files, in the form of httpx, and its headers."""
    request = httpx.Request("POST", "http://form", data=dict(fields), files=dict(files))
    return request.read(), {"content-type": request.headers["content-type"]}
