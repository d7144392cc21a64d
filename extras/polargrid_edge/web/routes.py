"""The web page: its static files and its stream of metrics. Not part of the API."""

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

from polargrid_edge.errors import stopping_error
from polargrid_edge.http.active_requests import cancel_on_disconnect
from polargrid_edge.http.errors import error_response
from polargrid_edge.http.responses import to_event, to_json_bytes
from polargrid_edge.http.streaming import StreamedResponse

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from polargrid_edge.http.active_requests import ActiveRequests
    from polargrid_edge.http.metrics import Metrics

METRICS_PATH: Final = "/_page/metrics"

_MEDIA_TYPES: Final = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
# All content comes from the edge itself; `blob:` is audio that the page has in memory.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)
_HEADERS: Final = {
    # The browser caches a file and validates it before each use, so an upgrade shows at once.
    "cache-control": "no-cache",
    "content-security-policy": _POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "microphone=(self), camera=(), geolocation=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
_NO_STORE: Final = {"cache-control": "no-store"}
_INTERVAL_SECONDS: Final = 1.0


class StaticFile:
    """A file as an ASGI application, for GET and HEAD."""

    def __init__(self, name: str, content: bytes) -> None:
        self._content = content
        self._media_type = _MEDIA_TYPES[PurePath(name).suffix]
        self._etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {**_HEADERS, "etag": self._etag}
        if self._is_current(Headers(scope=scope).get("if-none-match", "")):
            await Response(status_code=304, headers=headers)(scope, receive, send)
        else:
            await Response(self._content, headers=headers, media_type=self._media_type)(scope, receive, send)

    def _is_current(self, if_none_match: str) -> bool:
        etags = {etag.strip().removeprefix("W/") for etag in if_none_match.split(",")}
        return self._etag in etags or "*" in etags


def static_files() -> Mapping[str, StaticFile]:
    """The files of the page by path; the page itself is at the root."""
    folder = resources.files("polargrid_edge.web").joinpath("static")
    names = [file.name for file in folder.iterdir() if PurePath(file.name).suffix in _MEDIA_TYPES]
    files = {name: StaticFile(name, folder.joinpath(name).read_bytes()) for name in names}
    return {"/" if name == "index.html" else f"/_page/{name}": file for name, file in files.items()}


class MetricsStream:
    """The metrics as an ASGI application: an event per second, until the client disconnects or the edge stops."""

    def __init__(self, metrics: Metrics, active: ActiveRequests) -> None:
        self._metrics = metrics
        self._active = active

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._active.stopping:
            await error_response(stopping_error())(scope, receive, send)
            return
        with CancelScope() as request_scope:
            self._active.add(request_scope)
            try:
                async with aclosing(self._iter_events()) as events:
                    with cancel_on_disconnect(receive, request_scope):
                        await StreamedResponse(events, "text/event-stream", _NO_STORE)(scope, receive, send)
            finally:
                self._active.discard(request_scope)
        if self._active.stopping:
            await send({"type": "http.response.body", "body": b""})

    async def _iter_events(self) -> AsyncGenerator[bytes, None]:
        while True:
            snapshot = self._metrics.snapshot(time.monotonic()) | {"memory": resident_memory()}
            yield to_event(to_json_bytes(snapshot))
            await asyncio.sleep(_INTERVAL_SECONDS)


def resident_memory() -> int | None:
    """The resident memory of this process in bytes; None where the system has no `/proc` (Linux has it)."""
    with suppress(OSError, ValueError, IndexError):
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return None
