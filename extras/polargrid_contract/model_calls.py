"""Hands out calls to two threads so that no two of them use models of one kind."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from threading import Lock
from typing import Generic, TypeVar

Call = TypeVar("Call")


class ModelCalls(Generic[Call]):
    """Calls by the kind of the model that they use.

    Those of one kind are made one after another: their requests would wait for each other. A thread stays with a kind,
    beginning with the one with most calls, and goes on with another kind that no thread uses. Calls that measure time
    are the last of all that are free.
    """

    def __init__(self, calls: Mapping[str, Sequence[Call]], measures_time: Callable[[Call], bool]) -> None:
        self._measures_time = measures_time
        self._calls = {kind: deque(sorted(group, key=measures_time)) for kind, group in calls.items()}
        self._used: set[str] = set()
        self._lock = Lock()

    def iterate(self) -> Iterator[Call]:
        """Yield the calls for one thread; the call before is over when the next one is asked for."""
        kind = None
        while (taken := self._take(kind)) is not None:
            kind, call = taken
            try:
                yield call
            finally:
                with self._lock:
                    self._used.discard(kind)

    def _take(self, kind: str | None) -> tuple[str, Call] | None:
        with self._lock:
            free = [name for name, calls in self._calls.items() if calls and name not in self._used]
            untimed = [name for name in free if not self._measures_time(self._calls[name][0])]
            choice = self._choose(untimed or free, kind)
            if choice is None:
                return None
            self._used.add(choice)
            return choice, self._calls[choice].popleft()

    def _choose(self, kinds: Collection[str], previous: str | None) -> str | None:
        if previous in kinds:
            return previous
        return max(kinds, key=lambda kind: len(self._calls[kind]), default=None)
