"""State that all views of one server share, and the record of what a check looks at."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from polargrid_contract.exchange import Exchange
from polargrid_contract.operations import DocumentedOperation

#: Statuses of a server that has too much to do, which it might not have if requests came one after another.
BUSY_STATUSES = (429, 503)
_MAX_RECENT = 3  # exchanges


@dataclass
class Glimpse:
    """The last exchanges that are looked at, and all statuses of each operation."""

    recent: deque[Exchange] = field(default_factory=lambda: deque(maxlen=_MAX_RECENT))
    statuses: dict[str, set[int]] = field(default_factory=dict)

    def add(self, exchange: Exchange) -> None:
        """Add an exchange."""
        self.recent.append(exchange)
        self.statuses.setdefault(exchange.operation, set()).add(exchange.status)

    def merge(self, other: Glimpse) -> None:
        """Add all that another one has."""
        self.recent.extend(other.recent)
        for operation, statuses in other.statuses.items():
            self.statuses.setdefault(operation, set()).update(statuses)


class Trace:
    """What one call of a check looks at, new or cached. Views of one call share it."""

    def __init__(self) -> None:
        self._layers = [Glimpse()]
        self.waited = 0.0
        """Seconds of waiting for other checks: for values that they compute, and to send a request."""

    @property
    def current(self) -> Glimpse:
        """What is looked at since `watch`, or since the start."""
        return self._layers[-1]

    @contextmanager
    def watch(self) -> Iterator[Glimpse]:
        """Yield what the block looks at."""
        self._layers.append(Glimpse())
        try:
            yield self.current
        finally:
            layer = self._layers.pop()
            self.current.merge(layer)


class SharedState:
    """Cached values, and whose turn it is to send a request while checks run side by side.

    Requests to models of one kind are sent one after another, since a server that batches them may give another text
    each time. A server that is too busy nevertheless gets all requests one after another from then on.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.values: dict[Hashable, Any] = {}
        """The entries of the cache, by view and name; `lock` guards them."""
        self.models: list[dict[str, Any]] | None = None
        self.models_lock = threading.Lock()
        self.rate_limited: list[Exchange] = []
        """Every response with status 429 to a request that was sent again."""
        self.status_before: Any = None
        """The status of the models that are to be loaded again; None if no check unloaded any."""
        self.is_side_by_side = False
        self._is_narrow = False
        self._locks: dict[str, threading.Lock] = {}

    def narrow(self) -> None:
        """Send requests one after another from now on."""
        self._is_narrow = True

    @contextmanager
    def turn(self, operation: DocumentedOperation) -> Iterator[bool]:
        """Wait until a request to an operation may be sent; yield whether it is the only one."""
        if not self.is_side_by_side:
            yield True
            return
        is_narrow = self._is_narrow
        name = "" if is_narrow else operation.model.kind if operation.model else None
        if name is None:
            yield False
            return
        with self.lock:
            lock = self._locks.setdefault(name, threading.Lock())
        with lock:
            yield is_narrow
