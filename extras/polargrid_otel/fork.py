"""Counts the forks of this process: what began before one belongs to the parent."""

from __future__ import annotations

import os

count = 0


def _increment() -> None:
    global count  # noqa: PLW0603 - a counter of the process
    count += 1


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_increment)
