"""What several checks look at is asked for once: the answers of one server, kept for as long as it is tested."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar, cast
from weakref import WeakKeyDictionary

from polargrid_contract.server import Server

Made = TypeVar("Made")

_KEPT: WeakKeyDictionary[Server, dict[Hashable, object]] = WeakKeyDictionary()


def shared(server: Server, name: Hashable, make: Callable[[], Made]) -> Made:
    """What `make` makes, the same for every check that asks for it by this name."""
    kept = _KEPT.setdefault(server, {})
    if name not in kept:
        kept[name] = make()
    return cast("Made", kept[name])
