"""What a forked child does with its parent's connections: it lets go of them, and never speaks on them."""

from __future__ import annotations

import os
import weakref
from typing import Protocol


class Forgetful(Protocol):
    """Something that holds connections."""

    def forget(self) -> None:
        """Close this process's copies of them. Locks may be held for ever: none may be taken."""


_all: weakref.WeakSet[Forgetful] = weakref.WeakSet()


def after_fork(holder: Forgetful) -> None:
    """Let the holder forget its connections in every child."""
    _all.add(holder)


def _forget_all() -> None:
    for holder in list(_all):
        holder.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
