"""How work on a thread learns at once that nobody wants its result."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import ContextVar


class StopSignal:
    """Calls what the work adds, once, when it should stop. Thread-safe; callbacks must not block."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[], object]] = []
        self._is_set = False

    def add(self, callback: Callable[[], object]) -> None:
        """Call it when the work should stop: at once if that was before."""
        with self._lock:
            if not self._is_set:
                self._callbacks.append(callback)
                return
        callback()

    def set(self) -> None:
        with self._lock:
            self._is_set = True
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()


stop_signal: ContextVar[StopSignal] = ContextVar("stop_signal")
"""The signal of the work that runs in this context."""
