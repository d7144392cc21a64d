"""From a thread that makes something piece by piece to a client that takes it at its own pace."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from polargrid_edge.errors import EdgeError

Item = TypeVar("Item")

_MOST_UNREAD: Final = 64


@dataclass(frozen=True, slots=True)
class _End:
    failure: Exception | None


class Pipe(Generic[Item]):
    """A bounded queue from a thread to the event loop it is made on.

    The thread calls `put` and, last, `end`; it waits in `put` while the reader is behind. The loop iterates, and
    calls `close` when nobody reads on, which ends the thread's waiting too.
    """

    def __init__(self, most_unread: int = _MOST_UNREAD) -> None:
        self._loop = asyncio.get_running_loop()
        self._items: asyncio.Queue[Item | _End] = asyncio.Queue()
        self._room = threading.Semaphore(most_unread)
        self.closed = False

    def put(self, item: Item) -> bool:
        """Hands the item over; True where nobody wants more. Waits for room."""
        self._room.acquire()
        if self.closed:
            self._room.release()  # the next put must not wait either
            return True
        return not self._hand(item)

    def end(self, failure: Exception | None = None) -> None:
        """Nothing more comes; the reader gets the failure raised, where there is one."""
        self._hand(_End(failure))

    def close(self) -> None:
        self.closed = True
        self._room.release()

    def __aiter__(self) -> AsyncIterator[Item]:
        return self

    async def __anext__(self) -> Item:
        item = await self._items.get()
        if not isinstance(item, _End):
            self._room.release()
            return item
        self._items.put_nowait(item)  # it stays at its end
        if item.failure is not None:
            raise item.failure
        raise StopAsyncIteration

    def _hand(self, item: Item | _End) -> bool:
        with contextlib.suppress(RuntimeError):  # the loop is closed: the edge has stopped
            self._loop.call_soon_threadsafe(self._items.put_nowait, item)
            return True
        return False


class StreamedResponse(Response):
    """An answer that leaves piece by piece.

    `farewell` makes the last words of a stream that the edge must break off; without it the stream is cut.
    """

    started = False

    def __init__(
        self,
        pieces: AsyncIterator[bytes],
        media_type: str,
        headers: Mapping[str, str],
        farewell: Callable[[EdgeError], bytes] | None = None,
    ) -> None:
        super().__init__(None, headers=dict(headers), media_type=media_type)
        del self.headers["content-length"]
        self.pieces = pieces
        self.farewell = farewell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        self.started = True
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for piece in self.pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            # Many may be ready, and `send` need not wait: so others get a turn, and that the client has gone is seen.
            await asyncio.sleep(0)
        await send({"type": "http.response.body", "body": b""})
