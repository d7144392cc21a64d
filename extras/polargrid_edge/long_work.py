"""Work whose time grows with the size of a body: on the event loop for a short one, otherwise on a thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol, TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

Result = TypeVar("Result")

# Up to this size parsing takes a fraction of a millisecond, a few for thousands of invalid values: less than a thread.
_SMALL_BODY: Final = 8 * 1024
# Bodies beyond this size are parsed by few threads at a time: the parsed objects need up to 40 times the memory.
_LARGE_BODY: Final = 64 * 1024
_LARGE_BODY_THREADS: Final = 2
_large_body_limiter = RunVar[CapacityLimiter]("large_body_limiter")


class Run(Protocol):
    """Runs work, and returns its result."""

    async def __call__(self, work: Callable[[], Result], /) -> Result: ...


async def run_here(work: Callable[[], Result], /) -> Result:
    """Run it on the event loop."""
    return work()


async def run_on_thread(work: Callable[[], Result], /) -> Result:
    """Run it on a thread."""
    return await to_thread.run_sync(work)


async def _run_on_few_threads(work: Callable[[], Result], /) -> Result:
    return await to_thread.run_sync(work, limiter=_get_large_body_limiter())


def _get_large_body_limiter() -> CapacityLimiter:
    """The limiter of this event loop."""
    limiter = _large_body_limiter.get(None)
    if limiter is None:
        limiter = CapacityLimiter(_LARGE_BODY_THREADS)
        _large_body_limiter.set(limiter)
    return limiter


def choose_run(size: int) -> Run:
    """How to run work on a body of `size` bytes. Cancelling it waits for its end."""
    if size <= _SMALL_BODY:
        return run_here
    return _run_on_few_threads if size > _LARGE_BODY else run_on_thread
