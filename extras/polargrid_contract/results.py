"""Results of a run: violations, outcomes and the report that collects them; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from polargrid_contract.curl import build_curl
from polargrid_contract.exchange import Exchange

Profile = Literal["polargrid", "openai"]
Suite = Literal["schema", "behaviour"]
Status = Literal["passed", "failed", "accepted", "error", "not_supported", "skipped"]

SUITES: tuple[Suite, ...] = ("schema", "behaviour")
STATUSES: tuple[Status, ...] = ("passed", "failed", "accepted", "error", "not_supported", "skipped")
_EXIT_STATUS = {"passed": 0, "failed": 6, "error": 1, "skipped": 1}


@dataclass(frozen=True)
class Acceptance:
    """The entry of a baseline that a violation matches."""

    reason: str
    until: str = ""
    """The last day on which it is accepted, ISO 8601; empty if there is none."""
    has_expired: bool = False


@dataclass(frozen=True)
class Violation:
    """One deviation of a server from the contract."""

    operation: str
    expected: str
    actual: str
    exchange: Exchange | None = None
    curl: str = ""
    warning: bool = False
    """Whether the server is free to differ: the report shows it, and the run does not fail by it."""
    acceptance: Acceptance | None = None
    saved: str = ""
    """The folder with its request and response, relative to that of the report's saved files; empty if not saved."""

    @property
    def is_accepted(self) -> bool:
        """Whether a baseline accepts it today."""
        return self.acceptance is not None and not self.acceptance.has_expired


@dataclass(frozen=True)
class OperationResult:
    """The result of one check for one operation."""

    operation: str
    status: Status
    note: str = ""
    """Why it was skipped or could not be judged, or what the server does not support."""
    seconds: float = 0.0
    omitted: int = 0
    """How many violations were found in addition to those of the outcome."""
    exchanges: tuple[Exchange, ...] = ()
    """If it could not be judged: the exchanges that the check looked at last."""
    curls: tuple[str, ...] = ()
    """The commands that repeat the exchanges, if they read saved files."""

    @property
    def commands(self) -> tuple[str, ...]:
        """The curl command of each exchange."""
        return self.curls or tuple(build_curl(exchange) for exchange in self.exchanges)


@dataclass(frozen=True)
class Outcome:
    """The result of one check."""

    suite: Suite
    check: str
    rationale: str
    reference: str
    operations: tuple[str, ...]
    status: Status
    violations: tuple[Violation, ...] = ()
    note: str = ""
    """Why the check was skipped or could not judge, or what the server does not support."""
    seconds: float = 0.0
    """The sum over the operations; waiting for values that other checks compute does not count."""
    results: tuple[OperationResult, ...] = ()
    """The results by operation; empty for a check of the schema suite."""

    @property
    def operations_in_report(self) -> tuple[str, ...]:
        """The operations of the check, and those at which it found a violation."""
        return tuple(dict.fromkeys((*self.operations, *(violation.operation for violation in self.violations))))

    def violations_at(self, operation: str) -> tuple[Violation, ...]:
        """The violations at one operation."""
        return tuple(violation for violation in self.violations if violation.operation == operation)

    def status_for(self, operation: str) -> Status:
        """The status for one operation: a violation at another operation does not fail it."""
        for result in self.results:
            if result.operation == operation:
                return result.status
        if self.status not in ("failed", "accepted"):
            return self.status
        violations = self.violations_at(operation)
        if is_failed(violations):
            return "failed"
        return "accepted" if any(violation.is_accepted for violation in violations) else "passed"


@dataclass(frozen=True)
class Report:
    """One run against one server. `groups` maps a check to its heading; the default heading is the suite."""

    url: str
    profile: str
    started: str
    """ISO 8601, UTC."""
    seconds: float
    outcomes: tuple[Outcome, ...]
    seed: int | None
    version: str
    operations: tuple[str, ...]
    groups: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    """What is wrong with the baseline; it fails no run."""
    saved_in: str = ""
    """The folder to which `Violation.saved` is relative."""

    @property
    def status(self) -> Literal["passed", "failed", "error", "skipped"]:
        """`failed` if any check failed, else `error` if any could not judge, `skipped` if none was run.

        Accepted violations do not fail it.
        """
        statuses = {outcome.status for outcome in self.outcomes}
        if "failed" in statuses:
            return "failed"
        if "error" in statuses:
            return "error"
        return "passed" if statuses & {"passed", "accepted", "not_supported"} else "skipped"

    @property
    def exit_status(self) -> int:
        """0 if the run passed, 6 if it failed, 1 if a check could not judge or nothing was checked."""
        return _EXIT_STATUS[self.status]

    @property
    def failures(self) -> tuple[Outcome, ...]:
        """The outcomes of the checks that failed."""
        return tuple(outcome for outcome in self.outcomes if outcome.status == "failed")

    @property
    def errors(self) -> tuple[Outcome, ...]:
        """The outcomes of the checks that could not judge an operation; some of them failed for another one."""
        return tuple(
            outcome
            for outcome in self.outcomes
            if outcome.status == "error" or any(result.status == "error" for result in outcome.results)
        )

    @property
    def counts(self) -> dict[Suite, dict[Status, int]]:
        """How many checks of each suite have each status."""
        counts: dict[Suite, dict[Status, int]] = {}
        for outcome in sort_by_suite(self.outcomes):
            counts.setdefault(outcome.suite, dict.fromkeys(STATUSES, 0))[outcome.status] += 1
        return counts

    @property
    def matrix(self) -> dict[str, dict[str, Status]]:
        """Operation -> check -> status, for the operations that were checked."""
        rows: dict[str, dict[str, Status]] = {operation: {} for operation in self.operations}
        for outcome in self.outcomes:
            for operation in outcome.operations_in_report:
                rows.setdefault(operation, {})[outcome.check] = outcome.status_for(operation)
        return {operation: row for operation, row in rows.items() if row}

    @cached_property
    def headings(self) -> tuple[str, ...]:
        """The headings that have outcomes; those of the schema suite are first."""
        return tuple(dict.fromkeys(self.group(outcome) for outcome in sort_by_suite(self.outcomes)))

    def group(self, outcome: Outcome) -> str:
        """Return the heading of a check."""
        return self.groups.get(outcome.check, outcome.suite)

    def cell(self, operation: str, heading: str) -> tuple[Outcome, ...]:
        """Return the outcomes under a heading that concern an operation."""
        outcomes = (outcome for outcome in sort_by_suite(self.outcomes) if self.group(outcome) == heading)
        return tuple(outcome for outcome in outcomes if operation in outcome.operations_in_report)


def is_failed(violations: Iterable[Violation]) -> bool:
    """Whether any of them fails its check."""
    return any(not violation.warning and not violation.is_accepted for violation in violations)


def sort_by_suite(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Sort the schema suite first; keep the order within a suite."""
    return sorted(outcomes, key=lambda outcome: SUITES.index(outcome.suite))
