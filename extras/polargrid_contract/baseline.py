"""The baseline: deviations that are accepted, each with a reason, in a JSON file; pure.

An entry, of which there may be any number:

    {"check": "usage-adds-up", "operations": ["completion"], "reason": "fixed in release 12", "until": "2027-01-31"}
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from polargrid_contract.identity import normalize, normalize_actual, normalize_expected
from polargrid_contract.results import Acceptance, Outcome, Profile, Status, Violation, is_failed

#: The start of a reason that nobody has written yet.
PLACEHOLDER = "TODO"


class BaselineError(ValueError):
    """The file is not a baseline; the message has the place in it."""


def _validate_reason(reason: str) -> str:
    if reason.upper().startswith(PLACEHOLDER):
        raise ValueError("write why the deviation is accepted")
    return reason


def _validate_pattern(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"invalid regular expression: {error}") from None
    return pattern


_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Entry(BaseModel):
    """Accepted violations of one check. They match everything that is given."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    check: _Text
    operations: Annotated[tuple[_Text, ...], Field(min_length=1)] | None = None
    """None: all."""
    expected: _Text | None = None
    """The whole text, apart from what varies between runs (`identity.normalize`)."""
    actual: _Text | None = None
    """A part of the text, apart from what varies between runs."""
    actual_pattern: Annotated[_Text, AfterValidator(_validate_pattern)] | None = None
    """A regular expression that matches somewhere in the text."""
    reason: Annotated[_Text, AfterValidator(_validate_reason)]
    until: date | None = None
    """The last day on which it is accepted."""

    def matches(self, outcome: Outcome, violation: Violation) -> bool:
        """Whether a violation is what the entry describes, whatever the day."""
        return (
            self.check == outcome.check
            and (self.operations is None or violation.operation in self.operations)
            and (self.expected is None or _equals(self.expected, violation))
            and (self.actual is None or _is_part(self.actual, outcome, violation))
            and (self.actual_pattern is None or re.search(self.actual_pattern, violation.actual) is not None)
        )

    def accept(self, today: date) -> Acceptance:
        """Return the acceptance of a violation that matches."""
        until = self.until.isoformat() if self.until else ""
        return Acceptance(self.reason, until, has_expired=self.until is not None and today > self.until)


class Baseline(BaseModel):
    """A file of accepted deviations."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    schema_version: Literal[1]
    profile: Profile = "polargrid"
    """The profile of the runs that it is about."""
    accepted: tuple[Entry, ...]


def parse_baseline(data: bytes) -> Baseline:
    """Parse a file. Raises BaselineError, whose message has the place of the first mistake."""
    try:
        return Baseline.model_validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        path = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        others = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        raise BaselineError(f"${path}: {message}{others}") from None


def accept_violations(outcome: Outcome, entries: Sequence[Entry], today: date) -> Outcome:
    """Return the outcome with its accepted violations, and those whose acceptance has expired, marked."""
    violations = tuple(
        replace(violation, acceptance=_find_acceptance(entries, outcome, violation, today))
        for violation in outcome.violations
    )
    if not any(violation.acceptance for violation in violations):
        return outcome
    marked = replace(outcome, violations=violations)
    results = tuple(
        # The call for one operation may find a violation at another one only.
        replace(result, status=_accept_status(result.status, marked.violations_at(result.operation) or violations))
        for result in outcome.results
    )
    status = _accept_status(outcome.status, violations)
    if status == "accepted" and any(result.status == "error" for result in results):
        status = "error"
    return replace(marked, results=results, status=status)


def _accept_status(status: Status, violations: Sequence[Violation]) -> Status:
    failures = [violation for violation in violations if not violation.warning]
    is_accepted = bool(failures) and not is_failed(failures)
    return "accepted" if status == "failed" and is_accepted else status


def _find_acceptance(
    entries: Iterable[Entry], outcome: Outcome, violation: Violation, today: date
) -> Acceptance | None:
    """The acceptance by the first entry that matches and has not expired, else by the first that has."""
    acceptances = list(_iterate_acceptances(entries, outcome, violation, today))
    return min(acceptances, key=lambda it: it.has_expired, default=None)


def _iterate_acceptances(
    entries: Iterable[Entry], outcome: Outcome, violation: Violation, today: date
) -> Iterator[Acceptance]:
    return (entry.accept(today) for entry in entries if entry.matches(outcome, violation))


def _equals(expected: str, violation: Violation) -> bool:
    return normalize_expected(violation) in (expected, normalize(expected))


def _is_part(actual: str, outcome: Outcome, violation: Violation) -> bool:
    texts = (violation.actual, normalize_actual(outcome, violation), normalize(violation.actual))
    return any(actual in text or normalize(actual) in text for text in texts)
