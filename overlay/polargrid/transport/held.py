"""The connections that are open, known without being kept alive."""

from __future__ import annotations

import weakref
from typing import Generic, TypeVar

One = TypeVar("One")


class Open(Generic[One]):
    """The connections that are open. Other threads may add and take off while they are listed."""

    def __init__(self) -> None:
        self._connections: weakref.WeakValueDictionary[int, One] = weakref.WeakValueDictionary()

    def add(self, connection: One) -> None:
        self._connections[id(connection)] = connection

    def discard(self, connection: One) -> None:
        self._connections.pop(id(connection), None)

    def all(self) -> list[One]:
        return [connection for one in self._connections.valuerefs() if (connection := one()) is not None]
