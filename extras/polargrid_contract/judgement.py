"""One call of a check, for one operation or for several together, and what it says about each; an outcome of them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from traceback import walk_tb

import httpx

from polargrid_contract.checks.documented import SUCCESS, find_unserved, send_valid_requests
from polargrid_contract.client import NotAlone, OperationMissing, ServerClient
from polargrid_contract.curl import build_curl
from polargrid_contract.exchange import Exchange
from polargrid_contract.registry import Check, CheckSkipped, UnexpectedResponse
from polargrid_contract.results import OperationResult, Outcome, Status, Violation, is_failed

_NOT_IMPLEMENTED = 501
_MAX_VIOLATIONS = 10  # of one operation: more give no new information
_MAX_COUNTING_SECONDS = 10.0  # how long violations are counted that are not kept
_BY_PRIORITY: tuple[Status, ...] = ("failed", "error", "passed", "not_supported", "skipped")
_NOT_SERVED = "the server does not implement it (501)"


@dataclass
class Judgement:
    """What one call of a check found for its operations."""

    operations: tuple[str, ...]
    status: Status = "passed"
    """The status of the operations without a violation."""
    note: str = ""
    violations: list[Violation] = field(default_factory=list)
    omitted: Counter[str] = field(default_factory=Counter)
    """How many violations of each operation are not kept."""
    exchanges: tuple[Exchange, ...] = ()
    seconds: float = 0.0
    seen: dict[str, set[int]] = field(default_factory=dict)
    """The statuses of the responses that were looked at, by operation."""

    def results(self) -> Iterator[OperationResult]:
        """Yield the result of each operation: passed is only one that was looked at."""
        failed = {violation.operation for violation in self.violations if not violation.warning}
        for operation in self.operations:
            statuses = self.seen.get(operation, set())
            status, note = self.status, self.note
            if operation in failed:
                note = note if status == "error" else ""
                status = "failed"
            elif status == "passed" and not statuses:
                status, note = "skipped", "the check sends nothing to it"
            elif status == "passed" and statuses == {_NOT_IMPLEMENTED}:
                status, note = "not_supported", _NOT_SERVED
            exchanges = self.exchanges if self.status == "error" else ()
            seconds = self.seconds / len(self.operations)
            yield OperationResult(operation, status, note, seconds, self.omitted[operation], exchanges)


def judge(client: ServerClient, check: Check, operation: str | None, *, until: float = float("inf")) -> Judgement:
    """Call a check for one operation, or for all of its operations together.

    A call that would start after `until`, a reading of time.monotonic, is skipped. Raises NotAlone if it must be made
    again when no other call is.
    """
    view = client.view(operation)
    names = (operation,) if operation else check.operations(client.profile_operations)
    judgement = Judgement(names)
    started = time.monotonic()
    if reason := _reason_to_skip(client, check, until):
        judgement.status, judgement.note = "skipped", reason
        return judgement
    try:
        _run(view, check, operation, judgement)
    except CheckSkipped as reason_:
        judgement.status, judgement.note = "skipped", str(reason_)
    except OperationMissing as missing:
        _handle_missing(client, judgement, missing)
    except UnexpectedResponse as unexpected:
        _handle_unexpected(judgement, unexpected.violation)
    except httpx.ConnectError as error:  # the server responded before
        exchange = view.trace.current.recent[-1] if view.trace.current.recent else None
        name, curl = (exchange.operation, build_curl(exchange)) if exchange else (names[0], "")
        _add(judgement, Violation(name, "a connection", f"{type(error).__name__}: {error}", exchange, curl))
    except NotAlone:
        raise
    except Exception as error:  # noqa: BLE001 - the run continues after any failure of a check
        judgement.status, judgement.note = "error", _describe(error)
        judgement.exchanges = _find_exchanges(error) or tuple(view.trace.current.recent)
    judgement.seconds = max(0.0, time.monotonic() - started - view.trace.waited)
    judgement.seen = view.trace.current.statuses
    return judgement


def build_outcome(check: Check, judgements: Sequence[Judgement]) -> Outcome:
    """Build the outcome of a check from its calls."""
    violations = tuple(_without_repetitions(it for judgement in judgements for it in judgement.violations))
    results = tuple(result for judgement in judgements for result in judgement.results())
    statuses: set[Status] = {result.status for result in results}
    statuses |= {"failed"} if is_failed(violations) else set()
    by_priority: list[Status] = [it for it in _BY_PRIORITY if it in statuses]
    status: Status = by_priority[0] if by_priority else "skipped"
    notes = [result.note for result in results if result.status == status != "failed" and result.note]
    notes = notes or [judgement.note for judgement in judgements if not results and judgement.note]
    return Outcome(
        "behaviour",
        check.name,
        check.rationale,
        check.reference,
        tuple(name for judgement in judgements for name in judgement.operations),
        status,
        violations,
        "; ".join(dict.fromkeys(notes)),
        sum(judgement.seconds for judgement in judgements),
        results,
    )


def _run(view: ServerClient, check: Check, operation: str | None, judgement: Judgement) -> None:
    if view.target.profile == "openai" and operation and not send_valid_requests(view):
        raise OperationMissing("the server does not offer it", operation)
    counting_until = None
    for violation in check.run(view):
        if _is_of_unserved(view, check, violation):
            judgement.status, judgement.note = "not_supported", _NOT_SERVED
            continue
        is_kept = _add(judgement, violation)
        counting_until = counting_until or (None if is_kept else time.monotonic() + _MAX_COUNTING_SECONDS)
        if counting_until and time.monotonic() > counting_until:
            break
    failed = [violation.operation for violation in judgement.violations if not violation.warning]
    if operation and failed and operation not in failed:
        judgement.status, judgement.note = "failed", f"a violation at {failed[0]}"


def _add(judgement: Judgement, violation: Violation) -> bool:
    """Keep a violation, unless there are enough of its operation; whether it is kept."""
    is_kept = sum(it.operation == violation.operation for it in judgement.violations) < _MAX_VIOLATIONS
    if is_kept:
        judgement.violations.append(violation)
    else:
        judgement.omitted[violation.operation] += 1
    return is_kept


def _is_of_unserved(view: ServerClient, check: Check, violation: Violation) -> bool:
    """Whether an operation responds to every request with 501: one check reports it, for all of them."""
    status = violation.exchange.status if violation.exchange else 0
    return status == _NOT_IMPLEMENTED and check.name != SUCCESS and violation.operation in find_unserved(view)


def _handle_missing(client: ServerClient, judgement: Judgement, missing: OperationMissing) -> None:
    if client.target.profile == "openai":
        judgement.status, judgement.note = "not_supported", str(missing)
    else:
        operation = missing.operation or judgement.operations[0]
        _add(judgement, Violation(operation, "the operation exists", str(missing)))


def _handle_unexpected(judgement: Judgement, violation: Violation) -> None:
    """Add a violation; the other operations of the call could not be looked at."""
    _add(judgement, violation)
    judgement.status = "skipped"
    judgement.note = f"a response of {violation.operation} is not as documented: {violation.actual}"


def _describe(error: Exception) -> str:
    """The error and where it was raised, for a report of a fault of the contract tester."""
    frames = [frame.f_code for frame, _ in walk_tb(error.__traceback__)]
    lines = [line for _, line in walk_tb(error.__traceback__)]
    location = f"{Path(frames[-1].co_filename).name}:{lines[-1]}" if frames else ""
    return f"{type(error).__name__}: {error} ({location})"


def _find_exchanges(error: Exception) -> tuple[Exchange, ...]:
    """The exchange in a variable of the innermost function that has one: what the check looked at when it failed."""
    for frame, _ in reversed(list(walk_tb(error.__traceback__))):
        values = [getattr(value, "exchange", value) for value in frame.f_locals.values()]
        exchanges = [value for value in values if isinstance(value, Exchange)]
        if exchanges:
            return (exchanges[-1],)
    return ()


def _without_repetitions(violations: Iterable[Violation]) -> Iterator[Violation]:
    """Leave out a violation that another operation's call found as well, in the same exchange."""
    seen: set[tuple[str, str, str, int]] = set()
    for violation in violations:
        identity = (violation.operation, violation.expected, violation.actual, id(violation.exchange))
        if identity not in seen:
            yield violation
        seen.add(identity)


def _reason_to_skip(client: ServerClient, check: Check, until: float) -> str:
    if client.target.profile not in check.profiles:
        return f"not part of the profile {client.target.profile}"
    if check.mutates and client.target.read_only:
        return "--read-only: the check loads, unloads or purges models"
    if not check.operations(client.profile_operations):
        return f"the profile {client.target.profile} has no operation that it is about"
    return "" if time.monotonic() <= until else "the time budget is spent"
