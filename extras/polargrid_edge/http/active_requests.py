"""The requests in progress, and the scope that ends each of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from anyio import CancelScope

if TYPE_CHECKING:
    from starlette.types import Receive


class ActiveRequests:
    """The requests in progress, so that a stopping edge can cancel them."""

    def __init__(self) -> None:
        self.stopping = False
        self._scopes: set[CancelScope] = set()

    def __len__(self) -> int:
        return len(self._scopes)

    def add(self, scope: CancelScope) -> None:
        self._scopes.add(scope)

    def discard(self, scope: CancelScope) -> None:
        self._scopes.discard(scope)

    def stop(self) -> None:
        self.stopping = True
        for scope in tuple(self._scopes):
            scope.cancel()


@contextmanager
def cancel_on_disconnect(receive: Receive, scope: CancelScope) -> Iterator[None]:
    """Cancel the scope when the client disconnects within the context."""
    task = asyncio.create_task(_cancel_on_disconnect(receive, scope))
    try:
        yield
    finally:
        task.cancel()


async def _cancel_on_disconnect(receive: Receive, scope: CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()
