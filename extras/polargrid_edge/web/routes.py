"""The web page: its files, and the paths by which it reads state and renders text. Not part of the API."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from starlette.datastructures import Headers
from starlette.responses import Response

from polargrid_edge.http.responses import to_json_bytes
from polargrid_edge.http.routing import MethodRouter, PathRoute
from polargrid_edge.web.markdown_route import MARKDOWN_PATH, MarkdownRoute
from polargrid_edge.web.options import build_options
from polargrid_edge.web.state_stream import STATE_PATH, StateReader, StateStream

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from polargrid_edge.http.active_requests import ActiveRequests
    from polargrid_edge.http.metrics import Metrics
    from polargrid_edge.services import Services

OPTIONS_PATH: Final = "/_page/options.json"

_MEDIA_TYPES: Final = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
# All content comes from the edge itself; `blob:` is audio that the page has in memory. `markdown` is the one policy by
# which a script may turn text into elements (static/markdown.js).
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types markdown"
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


def static_files(specification: Mapping[str, Any]) -> Mapping[str, StaticFile]:
    """The files of the page by path; the page itself is at the root. They need no API key."""
    folder = resources.files("polargrid_edge.web").joinpath("static")
    names = [file.name for file in folder.iterdir() if PurePath(file.name).suffix in _MEDIA_TYPES]
    files = {name: StaticFile(name, folder.joinpath(name).read_bytes()) for name in names}
    page = {"/" if name == "index.html" else f"/_page/{name}": file for name, file in files.items()}
    return page | {OPTIONS_PATH: StaticFile(OPTIONS_PATH, to_json_bytes(build_options(specification)))}


def iter_page_routes(
    files: Mapping[str, StaticFile], services: Services, metrics: Metrics, active: ActiveRequests
) -> Iterator[PathRoute]:
    """The routes of the page. What it reads by them is in no metrics and no usage."""
    for path, file in files.items():
        yield PathRoute(path, MethodRouter({"GET": file, "HEAD": file}))
    yield PathRoute(STATE_PATH, MethodRouter({"GET": StateStream(StateReader(services, metrics), active)}))
    yield PathRoute(MARKDOWN_PATH, MethodRouter({"POST": MarkdownRoute()}))
