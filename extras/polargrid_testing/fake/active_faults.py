"""The faults of a fake that were asked for, and not used up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from polargrid_testing.arguments import check_times
from polargrid_testing.errors import UnusedFaultError
from polargrid_testing.received import ReceivedRequest

if TYPE_CHECKING:
    from threading import RLock

    from polargrid_testing.server import LoopbackServer


class ActiveFault:
    """A fault that was asked for. `remove`, or the end of a `with` block, ends it.

    The end of a block raises `UnusedFaultError` if it did not happen.
    """

    def __init__(self, bound: Any, operation: str | None, times: int | None, ending: ExitStack) -> None:
        check_times(times)
        self.bound, self.operation, self._left, self._ending = bound, operation, times, ending
        self._is_removed = False
        self.uses = 0
        """How often it happened."""

    def applies(self, phase: str, request: ReceivedRequest | None = None) -> bool:
        """Whether it may change what happens in a phase."""
        if self.bound.phase != phase or self._left == self.uses:
            return False
        return self.operation is None or request is None or request.operation == self.operation

    @property
    def is_unused(self) -> bool:
        """Whether it could have happened, and did not. What makes a server unreachable is not seen by the server."""
        return not self.uses and self.bound.phase != "server"

    def remove(self) -> None:
        """End it, also if it did not happen."""
        self._is_removed = True
        self._ending.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        is_unused = self.is_unused and not self._is_removed
        self.remove()
        if error is None and is_unused:
            raise build_failure([self], [])


class ActiveFaults:
    """Starts and ends the faults of a fake, which are in a list under a lock."""

    def __init__(self, server: LoopbackServer, faults: list[ActiveFault], lock: RLock) -> None:
        self._server, self._faults, self._lock = server, faults, lock
        self._started: list[ActiveFault] = []

    def start(self, bound: Any, operation: str | None, times: int | None) -> ActiveFault:
        """Start a fault. One of connections ends those that no request uses: the next request opens one."""
        ending = ExitStack()
        active = ActiveFault(bound, operation, times, ending)
        if bound.phase == "server":
            ending.enter_context(bound.start(self._server))
        if bound.phase in ("connect", "server"):
            self._server.close_idle_connections()
        with self._lock:
            self._faults.append(active)
        ending.callback(self._remove, active)
        self._started.append(active)
        return active

    def _remove(self, active: ActiveFault) -> None:
        with self._lock:
            if active in self._faults:
                self._faults.remove(active)
                self._started.remove(active)

    def close(self) -> None:
        """End all faults."""
        for active in reversed(list(self._started)):
            active.remove()

    def list_unused(self) -> list[ActiveFault]:
        """Return the faults that did not happen so far, and were not ended."""
        return [active for active in self._started if active.is_unused]


def build_failure(faults: Iterable[ActiveFault], requests: Iterable[ReceivedRequest]) -> UnusedFaultError:
    """Return the error of a test for faults that did not happen."""
    texts = [f"fault({item.bound}{f', on={item.operation!r}' if item.operation else ''})" for item in faults]
    counts = Counter(item.operation or f"{item.method} {item.path}" for item in requests)
    names = ", ".join(f"{name} ({count} times)" if count > 1 else name for name, count in counts.items())
    received = f"; the requests were: {names}" if names else ""
    return UnusedFaultError(f"did not happen: {', '.join(texts)}{received}; remove it if it need not happen")
