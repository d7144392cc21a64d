"""Results of a run: violations, outcomes and the report that collects them; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from polargrid_contract.exchange import Exchange

Profile = Literal["polargrid", "openai"]
Suite = Literal["schema", "behaviour"]
Status = Literal["passed", "failed", "not_supported", "skipped"]

SUITES: tuple[Suite, ...] = ("schema", "behaviour")
STATUSES: tuple[Status, ...] = ("passed", "failed", "not_supported", "skipped")
_EXIT_STATUS = {"passed": 0, "failed": 6, "skipped": 1}


@dataclass(frozen=True)
class Violation:
    """One deviation of a server from the contract."""

    operation: str
    expected: str
    actual: str
    exchange: Exchange | None = None
    curl: str = ""


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
    """Why the check was skipped, or what the server does not support."""
    seconds: float = 0.0

    @property
    def operations_in_report(self) -> tuple[str, ...]:
        """The operations of the check, and those at which it found a violation."""
        return tuple(dict.fromkeys((*self.operations, *(violation.operation for violation in self.violations))))

    def status_for(self, operation: str) -> Status:
        """The status for one operation: a violation at another operation does not fail it."""
        if self.status != "failed":
            return self.status
        return "failed" if any(violation.operation == operation for violation in self.violations) else "passed"


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

    @property
    def status(self) -> Literal["passed", "failed", "skipped"]:
        """`failed` if any check failed, `skipped` if none was run."""
        statuses = {outcome.status for outcome in self.outcomes}
        if "failed" in statuses:
            return "failed"
        return "passed" if statuses & {"passed", "not_supported"} else "skipped"

    @property
    def exit_status(self) -> int:
        """0 if the run passed, 6 if it failed, 1 if nothing was checked."""
        return _EXIT_STATUS[self.status]

    @property
    def failures(self) -> tuple[Outcome, ...]:
        """The outcomes of the checks that failed."""
        return tuple(outcome for outcome in self.outcomes if outcome.status == "failed")

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


def sort_by_suite(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Sort the schema suite first; keep the order within a suite."""
    return sorted(outcomes, key=lambda outcome: SUITES.index(outcome.suite))
