"""The requests in progress, the scope that ends each of them, and whether the edge accepts further ones."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from anyio import CancelScope

if TYPE_CHECKING:
    from starlette.types import Receive


class ActiveRequests:
    """The requests in progress, so that a stopping edge can wait for them, and cancel them.

    An edge that is `draining` rejects new requests and completes the others; one that is `stopping` cancels them.
    """

    def __init__(self) -> None:
        self.started = False
        self.draining = False
        self.stopping = False
        self._scopes: set[CancelScope] = set()
        self._endless: set[CancelScope] = set()

    def __len__(self) -> int:
        return len(self._scopes)

    @property
    def is_ending(self) -> bool:
        """Whether streams that never end by themselves must end."""
        return self.draining or self.stopping

    def add(self, scope: CancelScope, *, is_endless: bool = False) -> None:
        """Add a request; one that is endless, like a stream of state, is not waited for."""
        self._scopes.add(scope)
        if is_endless:
            self._endless.add(scope)

    def discard(self, scope: CancelScope) -> None:
        self._scopes.discard(scope)
        self._endless.discard(scope)

    def end_streams(self) -> None:
        """Cancel the endless requests of a draining edge."""
        for scope in tuple(self._endless):
            scope.cancel()

    def stop(self) -> None:
        self.stopping = True
        for scope in tuple(self._scopes):
            scope.cancel()

    def find_reasons_not_ready(self) -> list[str]:
        """Why the edge accepts no requests, in words; none if it does."""
        if self.stopping:
            return ["stopping: the edge cancels its last requests"]
        if self.draining:
            return ["draining: the edge completes its last requests and then stops"]
        return [] if self.started else ["starting: the edge is not listening yet"]


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
