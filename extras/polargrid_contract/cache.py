"""Cache of values derived from one server, so that checks share responses instead of repeating requests."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from typing import TypeVar, cast
from weakref import WeakKeyDictionary

from polargrid_contract.client import ServerClient

Value = TypeVar("Value")

_CACHE: WeakKeyDictionary[ServerClient, dict[Hashable, object]] = WeakKeyDictionary()


def cached(client: ServerClient, name: Hashable, compute: Callable[[], Value]) -> Value:
    """Return the value of this name for the client; compute it on the first use."""
    values = _CACHE.setdefault(client, {})
    if name not in values:
        values[name] = compute()
    return cast("Value", values[name])


def cache_per_client(function: Callable[[ServerClient], Value]) -> Callable[[ServerClient], Value]:
    """Decorate a function so that it runs once for each client."""

    @wraps(function)
    def wrapper(client: ServerClient) -> Value:
        return cached(client, function, lambda: function(client))

    return wrapper
