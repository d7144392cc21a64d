"""The route by which the page renders Markdown. Not part of the API: it is in no metrics and no usage."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from anyio import CapacityLimiter, to_thread
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from polargrid_edge.errors import EdgeError, invalid_request
from polargrid_edge.http.errors import error_response
from polargrid_edge.http.requests import check_media_type, iter_body
from polargrid_edge.http.responses import to_json_bytes
from polargrid_edge.web.markdown import MAX_CHARACTERS, render_blocks

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

MARKDOWN_PATH: Final = "/_page/markdown"

_MAX_BYTES: Final = 4 * MAX_CHARACTERS  # a character has at most four bytes in UTF-8
_HEADERS: Final = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


class MarkdownRoute:
    """A text in, its blocks as sanitized HTML out, as an ASGI application for the edge's own page only."""

    def __init__(self) -> None:
        # One at a time and on a thread: a long text must delay neither the event loop nor many threads.
        self._limiter = CapacityLimiter(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self._respond(scope, receive)
        except ClientDisconnect:
            return
        except EdgeError as error:
            response = error_response(error)
        await response(scope, receive, send)

    async def _respond(self, scope: Scope, receive: Receive) -> Response:
        headers = Headers(scope=scope)
        if not _is_same_origin(headers):
            raise EdgeError(403, "this path belongs to the page of the edge", "origin_not_allowed")
        check_media_type(headers, ["text/plain"])
        body = b"".join([chunk async for chunk in iter_body(receive, headers, _MAX_BYTES)])
        try:
            text = body.decode("utf-8")
            blocks = await to_thread.run_sync(render_blocks, text, limiter=self._limiter)
        except ValueError as error:
            raise invalid_request(str(error)) from None
        return Response(to_json_bytes([asdict(block) for block in blocks]), 200, _HEADERS, "application/json")


def _is_same_origin(headers: Headers) -> bool:
    """Whether the edge's own page sent the request; origins that CORS allows are not the page."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"  # the browser knows it, also behind a proxy that changes Host
    # Browsers do not send it over http to another machine.
    return headers.get("origin", "").partition("://")[2].lower() == headers.get("host", "").lower()
