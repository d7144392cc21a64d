"""Registry of behaviour checks: one function, one rule, one sentence of rationale.

    @check("usage-adds-up", on=("chat_completion",), rationale="Billing uses the usage.", reference="API overview")
    def check_usage_sum(client: ServerClient) -> Iterator[Violation]:
        ...
        yield client.violation(exchange, expected="total_tokens = 30", actual="total_tokens = 31")

A check yields a Violation for each deviation. It raises OperationMissing if the server lacks the operation, which the
`openai` profile allows, and CheckSkipped if the server's responses give it nothing to compare.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from polargrid_contract.client import ServerClient
from polargrid_contract.results import Profile, Violation

CheckFunction = Callable[[ServerClient], Iterator[Violation]]


class CheckSkipped(Exception):  # noqa: N818 - a skipped check is not an error
    """A precondition of the check is not met; the message says which."""


@dataclass(frozen=True)
class Check:
    """A rule and the function that applies it to a server."""

    name: str
    rationale: str
    reference: str
    operations: tuple[str, ...]
    profiles: tuple[Profile, ...]
    mutates: bool
    """Whether it loads, unloads or purges models."""
    run: CheckFunction


_CHECKS: dict[str, Check] = {}


def check(
    name: str,
    *,
    on: tuple[str, ...],
    rationale: str,
    reference: str,
    profiles: tuple[Profile, ...] = ("polargrid", "openai"),
    mutates: bool = False,
) -> Callable[[CheckFunction], CheckFunction]:
    """Register a function as a check of the operations `on`, which are operationIds."""

    def register(function: CheckFunction) -> CheckFunction:
        if name in _CHECKS:
            raise ValueError(f"duplicate check name {name!r}; choose another")
        _CHECKS[name] = Check(name, rationale, reference, on, profiles, mutates, function)
        return function

    return register


def list_checks() -> tuple[Check, ...]:
    """Return the registered checks, in the order of their registration."""
    return tuple(_CHECKS.values())
