"""The behaviour suite: runs checks one after another; each has an outcome, even if it raises."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice

import httpx

from polargrid_contract.checks.documented import SUCCESS, find_unserved
from polargrid_contract.client import OperationMissing, ServerClient
from polargrid_contract.operations import DocumentedOperation
from polargrid_contract.registry import Check, CheckSkipped
from polargrid_contract.results import Outcome, Status, Violation

_NOT_IMPLEMENTED = 501
_MAX_VIOLATIONS = 10  # of one check: more give no new information


def select_checks(
    checks: Iterable[Check],
    operations: Collection[DocumentedOperation],
    only: Collection[str],
    skip: Collection[str],
) -> Iterator[Check]:
    """Yield the checks that are selected by their name or by an operation.

    A skipped operation skips the checks of its meaning; checks of conventions go on with the other operations.
    """
    for check in checks:
        names = {check.name, *check.operations(operations)}
        skipped = names & set(skip)
        if (not only or names & set(only)) and (not skipped or not (check.name in skip or isinstance(check.on, tuple))):
            yield check


def run_checks(
    client: ServerClient,
    checks: Iterable[Check],
    *,
    until: float = float("inf"),
    on_outcome: Callable[[Outcome], None] | None = None,
) -> list[Outcome]:
    """Run the checks and pass each outcome to `on_outcome`. Checks that would start after `until` are skipped.

    `until` is a reading of time.monotonic.
    """
    outcomes: list[Outcome] = []
    for check in checks:
        outcome = _run_check(client, check, in_time=time.monotonic() <= until)
        outcomes.append(outcome)
        if on_outcome:
            on_outcome(outcome)
    return outcomes


def _run_check(client: ServerClient, check: Check, *, in_time: bool) -> Outcome:
    def build_outcome(status: Status, note: str = "") -> Outcome:
        return Outcome(
            "behaviour",
            check.name,
            check.rationale,
            check.reference,
            operations,
            status,
            tuple(violations),
            note,
            time.monotonic() - started,
        )

    violations: list[Violation] = []
    started = time.monotonic()
    operations = check.operations(client.profile_operations)
    if reason := _reason_to_skip(client, check, in_time=in_time):
        return build_outcome("skipped", reason)
    operation = operations[0]
    try:
        for violation in islice(_leave_out_unserved(client, check, check.run(client)), _MAX_VIOLATIONS):
            violations.append(violation)  # noqa: PERF402 - what was found before an exception counts
    except CheckSkipped as reason:
        if not violations:
            return build_outcome("skipped", str(reason))
    except OperationMissing as missing:
        if client.target.profile == "openai":
            violations.clear()
            return build_outcome("not_supported", str(missing))
        violations.append(Violation(operation, "the operation exists", str(missing)))
    except httpx.HTTPError as error:
        violations.append(Violation(operation, "a response", f"{type(error).__name__}: {error}"))
    except Exception as error:  # noqa: BLE001 - the run continues after any failure of a check
        # A check reads responses by their documented shape; another shape is a violation by the server.
        shape = "a response of the documented shape"
        violations.append(Violation(operation, shape, f"{type(error).__name__}: {error}"))
    return build_outcome("failed" if violations else "passed")


def _leave_out_unserved(client: ServerClient, check: Check, violations: Iterable[Violation]) -> Iterator[Violation]:
    """Leave out an operation that responds to every request with 501: one check reports it, for all of them."""
    for violation in violations:
        status = violation.exchange.status if violation.exchange else 0
        if status != _NOT_IMPLEMENTED or check.name == SUCCESS or violation.operation not in find_unserved(client):
            yield violation


def _reason_to_skip(client: ServerClient, check: Check, *, in_time: bool) -> str:
    if client.target.profile not in check.profiles:
        return f"not part of the profile {client.target.profile}"
    if check.mutates and client.target.read_only:
        return "--read-only: the check loads, unloads or purges models"
    if not check.operations(client.profile_operations):
        return f"the profile {client.target.profile} has no operation that it is about"
    return "" if in_time else "the time budget is spent"
