"""What the option `limiter` of a client takes: who decides when an attempt may be sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol


class AttemptResult(NamedTuple):
    """What came of an attempt; without status and error, it was cancelled, or its stream was closed early."""

    status: int | None = None
    headers: Mapping[str, str] = {}
    """Response headers, with lower-case names."""
    error: BaseException | None = None
    """Of an attempt without a response, or with one that broke."""


class Admission(Protocol):
    """One attempt: it waits for a place, has it, and gives it back."""

    def poll(self) -> float:
        """Return 0 if the attempt has its place, else the seconds after which to ask again; infinity if only after
        `wake`.
        """
        raise NotImplementedError

    def end(self, result: AttemptResult) -> None:
        """Give the place back, or leave the line. Is called at least once; a second call has no effect."""


class Limiter(Protocol):
    """Decides when each attempt is sent; it is called by the threads and event loops of its clients."""

    def admit(self, base_url: str, wake: Callable[[], object]) -> Admission:
        """Line up an attempt to a server. `wake` may be called by any thread, and does not wait."""
        raise NotImplementedError
