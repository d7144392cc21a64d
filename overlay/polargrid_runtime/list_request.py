"""The call of an async `list`: it is awaited, or iterated."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine, Generator
from typing import Any, Generic, TypeVar

Response = TypeVar("Response")
Item = TypeVar("Item")


class AsyncListRequest(Coroutine[Any, Any, Response], Generic[Response, Item]):
    """`await client.models.list()` returns the response, `async for model in client.models.list()` its items."""

    def __init__(self, coroutine: Coroutine[Any, Any, Response]) -> None:
        self._coroutine = coroutine

    def __await__(self) -> Generator[Any, Any, Response]:
        return self._coroutine.__await__()

    async def __aiter__(self) -> AsyncIterator[Item]:
        items: Any = await self
        for item in items:
            yield item

    def send(self, value: Any) -> Any:
        """Resume the call, as an event loop does."""
        return self._coroutine.send(value)

    def throw(self, *error: Any) -> Any:
        """Raise an exception in the call, as an event loop does."""
        return self._coroutine.throw(*error)

    def close(self) -> None:
        """End the call."""
        self._coroutine.close()
