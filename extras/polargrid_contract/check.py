"""What a conduct check is: one function, one rule, one sentence of why.

    @check("usage-adds-up", on=("chat_completion",), why="Bills are made from usage.", source="API overview")
    def usage_adds_up(server: Server) -> Iterator[Fault]:
        ...
        yield server.fault(exchange, expected="total_tokens = 30", came="total_tokens = 31")

It yields a Fault for each thing that is wrong, and nothing where the rule is kept. Asking for an operation that the
server does not have raises NotOffered, which is no fault in the `openai` profile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from polargrid_contract.exchange import Exchange

if TYPE_CHECKING:
    from polargrid_contract.server import Server

Profile = Literal["polargrid", "openai"]
Half = Literal["schema", "conduct"]


@dataclass(frozen=True)
class Fault:
    """One thing that a server does wrong."""

    operation: str
    expected: str
    came: str
    exchange: Exchange | None = None
    curl: str = ""


class NotOffered(Exception):  # noqa: N818 - it is no error
    """The server does not have what a check asks for."""


@dataclass(frozen=True)
class Check:
    """A rule and the function that holds a server to it."""

    name: str
    why: str
    source: str
    operations: tuple[str, ...]
    profiles: tuple[Profile, ...]
    changes: bool
    """Whether it loads, unloads or purges models."""
    run: Callable[[Server], Iterator[Fault]]


_CHECKS: dict[str, Check] = {}


def check(
    name: str,
    *,
    on: tuple[str, ...],
    why: str,
    source: str,
    profiles: tuple[Profile, ...] = ("polargrid", "openai"),
    changes: bool = False,
) -> Callable[[Callable[[Server], Iterator[Fault]]], Callable[[Server], Iterator[Fault]]]:
    """Register a function as a check. `on` names the operations, by operationId, that it is told under."""

    def register(function: Callable[[Server], Iterator[Fault]]) -> Callable[[Server], Iterator[Fault]]:
        if name in _CHECKS:
            raise ValueError(f"two checks are called {name}")
        _CHECKS[name] = Check(name, why, source, on, profiles, changes, function)
        return function

    return register


def checks() -> tuple[Check, ...]:
    """Every conduct check, in the order of the modules of `polargrid_contract.checks`."""
    import polargrid_contract.checks  # registers them

    assert polargrid_contract.checks  # noqa: S101 - it is imported for what it registers
    return tuple(_CHECKS.values())
