"""A forked child never uses its parent's connections: both would write to the same sockets."""

from __future__ import annotations

import os
import weakref
from typing import Protocol


class ForkAware(Protocol):
    """An object that has connections."""

    def reset_after_fork(self) -> None:
        """Close this process's copies of all sockets. Another thread may have held any lock: none can be taken."""


_registry: weakref.WeakSet[ForkAware] = weakref.WeakSet()


def register(pool: ForkAware) -> None:
    """Reset the pool in every child."""
    _registry.add(pool)


def _reset_all() -> None:
    for pool in list(_registry):
        pool.reset_after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_all)
