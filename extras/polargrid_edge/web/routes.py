"""The page in the browser: its files, and what it hears of the edge's traffic. No part of the API."""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from importlib import resources
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final

from anyio import CancelScope
from starlette.datastructures import Headers
from starlette.responses import Response

from polargrid_edge.answers import encoded, event
from polargrid_edge.endpoint import cancel_when_gone
from polargrid_edge.errors import EdgeError
from polargrid_edge.failures import response_of
from polargrid_edge.streaming import StreamedResponse

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from polargrid_edge.endpoint import OpenCalls
    from polargrid_edge.traffic import Traffic

TRAFFIC_PATH: Final = "/_page/traffic"

_MEDIA_TYPES: Final = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
# Everything comes from the edge itself; `blob:` is audio that the page holds already.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)
_HEADERS: Final = {
    # Kept, and asked for before each use: after an upgrade nobody sees the old page.
    "cache-control": "no-cache",
    "content-security-policy": _POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "microphone=(self), camera=(), geolocation=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
_NOT_KEPT: Final = {"cache-control": "no-store"}
_SECONDS_BETWEEN: Final = 1.0


class PageFile:
    """One file as an ASGI application, for GET and HEAD."""

    def __init__(self, name: str, content: bytes) -> None:
        self._content = content
        self._media_type = _MEDIA_TYPES[PurePath(name).suffix]
        self._tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {**_HEADERS, "etag": self._tag}
        if self._is_known(Headers(scope=scope).get("if-none-match", "")):
            await Response(status_code=304, headers=headers)(scope, receive, send)
        else:
            await Response(self._content, headers=headers, media_type=self._media_type)(scope, receive, send)

    def _is_known(self, tags: str) -> bool:
        known = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        return self._tag in known or "*" in known


def files() -> Mapping[str, PageFile]:
    """Each file of the page by its path; the page itself is at the root."""
    folder = resources.files("polargrid_edge").joinpath("page")
    names = [file.name for file in folder.iterdir() if PurePath(file.name).suffix in _MEDIA_TYPES]
    found = {name: PageFile(name, folder.joinpath(name).read_bytes()) for name in names}
    return {"/" if name == "index.html" else f"/_page/{name}": file for name, file in found.items()}


class TrafficStream:
    """The traffic as an ASGI application: an event a second, until the client goes or the edge stops."""

    def __init__(self, traffic: Traffic, calls: OpenCalls) -> None:
        self._traffic = traffic
        self._calls = calls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._calls.stopping:
            stopping = EdgeError(503, "The edge is stopping.", "model_unavailable")
            await response_of(stopping)(scope, receive, send)
            return
        with CancelScope() as while_wanted:
            self._calls.add(while_wanted)
            leaving = asyncio.create_task(cancel_when_gone(receive, while_wanted))
            try:
                async with aclosing(self._events()) as events:
                    await StreamedResponse(events, "text/event-stream", _NOT_KEPT)(scope, receive, send)
            finally:
                leaving.cancel()
                self._calls.discard(while_wanted)
        if self._calls.stopping:
            await send({"type": "http.response.body", "body": b""})

    async def _events(self) -> AsyncGenerator[bytes, None]:
        while True:
            told = self._traffic.told(time.monotonic()) | {"memory": resident_memory()}
            yield event(encoded(told))
            await asyncio.sleep(_SECONDS_BETWEEN)


def resident_memory() -> int | None:
    """The bytes that this process has in memory; None where the system does not tell them in a file (Linux does)."""
    with suppress(OSError, ValueError, IndexError):
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return None
