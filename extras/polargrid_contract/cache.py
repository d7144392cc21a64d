"""Cache of values derived from one server, so that checks share responses instead of repeating requests.

A value belongs to a view: that of one operation, or `client.base` for what belongs to the server as a whole. It is
computed once, by the check that needs it first; others wait. No value may need itself, so no two wait for each other.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from polargrid_contract.client import OperationMissing, ServerClient
from polargrid_contract.registry import CheckSkipped, UnexpectedResponse
from polargrid_contract.shared import Glimpse

Value = TypeVar("Value")
Options = ParamSpec("Options")
# Exceptions that say something about the server: a second computation would raise them again.
_FINDINGS = (CheckSkipped, OperationMissing, UnexpectedResponse)


class _Entry:
    """A value, or the finding that its computation raised, with what was looked at for it."""

    def __init__(self) -> None:
        self.is_done = threading.Event()
        self.value: Any = None
        self.finding: Exception | None = None
        self.has_failed = False
        self.glimpse = Glimpse()

    def compute(self, client: ServerClient, compute: Callable[[], Any]) -> None:
        """Compute the value. An exception that is no finding is raised, and there is no value then."""
        try:
            with client.trace.watch() as self.glimpse:
                self.value = compute()
        except _FINDINGS as finding:
            self.finding = finding.with_traceback(None)
        except BaseException:
            self.has_failed = True
            raise
        finally:
            self.is_done.set()

    def read(self) -> Any:
        """Return the value, or raise the finding."""
        if self.finding is not None:
            raise self.finding
        return self.value


def cached(client: ServerClient, name: Hashable, compute: Callable[[], Value]) -> Value:
    """Return the value of this name for the view of the client; compute it on the first use.

    Use `client.base` if the name alone determines the value, which then must not depend on what the view sees.
    """
    key = (client.namespace, client.scope, name)
    while True:
        with client.shared.lock:
            existing: _Entry | None = client.shared.values.get(key)
            entry = existing or client.shared.values.setdefault(key, _Entry())
        if existing is None:
            try:
                entry.compute(client, compute)
            except BaseException:
                with client.shared.lock:
                    del client.shared.values[key]
                raise
            return cast("Value", entry.read())
        started = time.monotonic()
        entry.is_done.wait()
        client.trace.waited += time.monotonic() - started
        if not entry.has_failed:
            client.trace.current.merge(entry.glimpse)
            return cast("Value", entry.read())


def cache_per_client(function: Callable[[ServerClient], Value]) -> Callable[[ServerClient], Value]:
    """Decorate a function so that it runs once for each view of the client."""

    @wraps(function)
    def wrapper(client: ServerClient) -> Value:
        return cached(client, function, lambda: function(client))

    return wrapper


def cache_per_operation(
    function: Callable[Concatenate[ServerClient, Options], list[Value]],
) -> Callable[Concatenate[ServerClient, Options], list[Value]]:
    """Decorate a function so that it runs once for each operation; its lists are joined for a view of several.

    It is for functions that send requests to the operations that `select` returns.
    """

    @wraps(function)
    def wrapper(client: ServerClient, *args: Options.args, **options: Options.kwargs) -> list[Value]:
        name = (function, args, tuple(sorted(options.items())))
        values: list[Value] = []
        for view in client.views():
            values += cached(view, name, partial(function, view, *args, **options))
        return values

    return cast("Callable[Concatenate[ServerClient, Options], list[Value]]", wrapper)
