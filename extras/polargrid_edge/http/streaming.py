"""A response whose body is sent in chunks as they are produced."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING

from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from polargrid_edge.errors import EdgeError


class StreamedResponse(Response):
    """A response in chunks.

    `closing_event` builds the last chunk of a stream that the edge must interrupt; without it the stream is cut.
    `is_complete` says whether the body is that of a complete stream, where one that failed has another end.
    """

    started = False

    def __init__(
        self,
        chunks: AsyncIterator[bytes],
        media_type: str,
        headers: Mapping[str, str],
        closing_event: Callable[[EdgeError], bytes] | None = None,
        is_complete: Callable[[bytes], bool] = lambda _: True,
    ) -> None:
        super().__init__(None, headers=dict(headers), media_type=media_type)
        del self.headers["content-length"]
        self.chunks = chunks
        self.closing_event = closing_event
        self.is_complete = is_complete

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        self.started = True
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for chunk in self.chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            # Many chunks may be ready, and `send` may return at once: yield to other tasks, and to the disconnect.
            await asyncio.sleep(0)
        await send({"type": "http.response.body", "body": b""})
