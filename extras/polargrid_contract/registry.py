"""Registry of behaviour checks: one function, one rule, one sentence of rationale.

    @check("usage-adds-up", on=("chat_completion",), rationale="Billing uses the usage.", reference="API overview")
    def check_usage_sum(client: ServerClient) -> Iterator[Violation]:
        ...
        yield client.violation(exchange, expected="total_tokens = 30", actual="total_tokens = 31")

`on` are operationIds for a rule about the meaning of these operations, or a predicate for a rule about every operation
with some facts: `on=needs_key`. A check yields a Violation for each deviation. It raises OperationMissing if the server
lacks the operation, which the `openai` profile allows, CheckSkipped if the server's responses give it nothing to
compare, and UnexpectedResponse if one of them is not as documented.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from polargrid_contract.client import ServerClient
from polargrid_contract.operations import DocumentedOperation
from polargrid_contract.results import Profile, Violation

Selector = Callable[[DocumentedOperation], bool]
CheckFunction = Callable[[ServerClient], Iterator[Violation]]


class CheckSkipped(Exception):  # noqa: N818 - a skipped check is not an error
    """A precondition of the check is not met; the message says which."""


class UnexpectedResponse(Exception):  # noqa: N818 - an error of the server, not of a program
    """A response that a check needs is not as documented, so it cannot look further."""

    def __init__(self, violation: Violation) -> None:
        super().__init__(f"{violation.operation}: expected {violation.expected}; actual {violation.actual}")
        self.violation = violation


@dataclass(frozen=True)
class Check:
    """A rule and the function that applies it to a server."""

    name: str
    rationale: str
    reference: str
    on: tuple[str, ...] | Selector
    """The operations by name, or the facts of the operations that it is about."""
    profiles: tuple[Profile, ...]
    mutates: bool
    """Whether it loads, unloads or purges models."""
    together: bool
    """Whether it compares operations with each other; otherwise it looks at one operation at a time."""
    exclusive: bool
    """Whether nothing else may be sent while it runs: it measures time, load or state."""
    run: CheckFunction
    tries_beside: bool = False
    """Whether it is nevertheless called beside others first, and requires to be alone unless the result is clear."""

    def operations(self, documented: Iterable[DocumentedOperation]) -> tuple[str, ...]:
        """Return the names of its operations among those of the document."""
        on = self.on
        return tuple(it.name for it in documented if (it.name in on if isinstance(on, tuple) else on(it)))


_CHECKS: dict[str, Check] = {}


def check(
    name: str,
    *,
    on: tuple[str, ...] | Selector,
    rationale: str,
    reference: str,
    profiles: tuple[Profile, ...] = ("polargrid", "openai"),
    mutates: bool = False,
    together: bool = False,
    exclusive: bool = False,
    tries_beside: bool = False,
) -> Callable[[CheckFunction], CheckFunction]:
    """Register a function as a check of the operations `on`: operationIds, or a predicate."""

    def register(function: CheckFunction) -> CheckFunction:
        if name in _CHECKS:
            raise ValueError(f"duplicate check name {name!r}; choose another")
        flags = (mutates, together, exclusive)
        _CHECKS[name] = Check(name, rationale, reference, on, profiles, *flags, function, tries_beside)
        return function

    return register


def list_checks() -> tuple[Check, ...]:
    """Return the registered checks, in the order of their registration."""
    return tuple(_CHECKS.values())


def every_operation(_operation: DocumentedOperation) -> bool:
    """Select every operation."""
    return True


def needs_key(operation: DocumentedOperation) -> bool:
    """Select operations that need an API key."""
    return operation.requires_key


def has_model(operation: DocumentedOperation) -> bool:
    """Select operations that take the name of a model."""
    return operation.model is not None


def has_stream(operation: DocumentedOperation) -> bool:
    """Select operations that have a stream of events as a response."""
    return bool(operation.event_streams)


def takes_idempotency_key(operation: DocumentedOperation) -> bool:
    """Select operations that accept an idempotency key."""
    return operation.accepts_idempotency_key
