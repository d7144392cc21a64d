"""Compares a baseline with a run: entries that are gone, and the baseline of the present findings; pure."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date

from polargrid_contract.baseline import PLACEHOLDER, Baseline, Entry, accept_violations
from polargrid_contract.identity import identify
from polargrid_contract.results import Outcome, Report, sort_by_suite

_REASON = f"{PLACEHOLDER}: write why this is accepted"
_JUDGED = ("passed", "failed", "accepted")


@dataclass(frozen=True)
class _Review:
    """What a run says of one entry."""

    matched: frozenset[str]
    """The operations at which a violation matches."""
    gone: tuple[str, ...]
    """The operations of the entry that were looked at, and have no such violation."""
    is_gone: bool
    """Whether all of it was looked at, and nothing matches."""


def apply_baseline(
    report: Report, baseline: Baseline, *, today: date, checks: Collection[str], has_all_operations: bool = True
) -> Report:
    """Return the report with accepted violations, and a warning for each entry that can be removed or has expired.

    `checks` are the names of all checks. `has_all_operations` is False if the run was restricted to some operations.
    """
    outcomes = tuple(accept_violations(outcome, baseline.accepted, today) for outcome in report.outcomes)
    report = replace(report, outcomes=outcomes)
    warnings = tuple(_warn(report, baseline, today, checks, has_all_operations=has_all_operations))
    return replace(report, warnings=(*report.warnings, *warnings))


def build_baseline(report: Report, previous: Baseline | None = None, *, has_all_operations: bool = True) -> str:
    """Return the text of a baseline of the present findings, with a placeholder for each reason.

    Entries of the previous baseline keep their reasons and dates; those that are gone are left out.
    """
    remaining = [
        remaining
        for entry in (previous.accepted if previous else ())
        if (remaining := _without_gone(entry, _review(report, previous, entry, has_all_operations=has_all_operations)))
    ]
    accepted = (*remaining, *_describe_new(report))
    baseline = Baseline.model_construct(schema_version=1, profile=report.profile, accepted=accepted)
    return baseline.model_dump_json(indent=2, exclude_none=True) + "\n"


def _describe_new(report: Report) -> Iterator[Entry]:
    """Yield an entry for each violation without one; the same violation at several operations has one.

    The entries are not validated: a placeholder is not a reason.
    """
    operations: dict[tuple[str, str, str], list[str]] = {}
    for outcome in sort_by_suite(report.outcomes):
        for violation in outcome.violations:
            if violation.acceptance is None and not violation.warning:
                operations.setdefault(identify(outcome, violation), []).append(violation.operation)
    for (check, expected, actual), names in operations.items():
        yield Entry.model_construct(
            check=check,
            operations=tuple(dict.fromkeys(names)),
            expected=expected or None,
            actual=actual or None,
            reason=_REASON,
        )


def _warn(
    report: Report, baseline: Baseline, today: date, checks: Collection[str], *, has_all_operations: bool
) -> Iterator[str]:
    for position, entry in enumerate(baseline.accepted):
        name = f"baseline: accepted[{position}] ({entry.check})"
        if unknown := _find_unknown(report, entry, checks):
            yield f"{name}: {unknown}"
            continue
        review = _review(report, baseline, entry, has_all_operations=has_all_operations)
        if review.matched and entry.accept(today).has_expired:
            operations = ", ".join(sorted(review.matched))
            yield f"{name}: accepted until {entry.until}, which is over, so it counts as new at {operations}"
        if review.is_gone:
            yield f"{name}: gone{_describe_chance(report, entry)}: remove it"
        elif review.gone:
            yield f"{name}: gone{_describe_chance(report, entry)} at {', '.join(review.gone)}: remove them from it"


def _find_unknown(report: Report, entry: Entry, checks: Collection[str]) -> str:
    """Describe the names in an entry that nothing has, so that it never matches; empty if there are none."""
    if entry.check not in checks:
        similar = difflib.get_close_matches(entry.check, sorted(checks), n=1)
        return f"there is no such check{f'; similar is {similar[0]}' if similar else ''}"
    others = {violation.operation for outcome in report.outcomes for violation in outcome.violations}
    unknown = [name for name in entry.operations or () if name not in others.union(report.operations)]
    return f"there is no operation {', '.join(unknown)}" if unknown else ""


def _review(report: Report, baseline: Baseline | None, entry: Entry, *, has_all_operations: bool) -> _Review:
    outcomes = [outcome for outcome in report.outcomes if outcome.check == entry.check]
    matched = frozenset(
        violation.operation
        for outcome in outcomes
        for violation in outcome.violations
        if entry.matches(outcome, violation)
    )
    checked = [(outcome, operation) for outcome in outcomes for operation in outcome.operations_in_report]
    looked_at = {operation for outcome, operation in checked if _was_judged(outcome, operation)}
    if baseline is None or baseline.profile != report.profile:
        return _Review(matched, (), is_gone=False)
    if entry.operations is None:
        is_complete = has_all_operations and bool(checked) and {operation for _, operation in checked} <= looked_at
        return _Review(matched, (), is_gone=is_complete and not matched)
    gone = tuple(name for name in entry.operations if name in looked_at and name not in matched)
    return _Review(matched, gone, is_gone=gone == entry.operations)


def _was_judged(outcome: Outcome, operation: str) -> bool:
    """Whether a check looked at an operation. A suite that ended early has a note."""
    was_cut = outcome.suite == "schema" and bool(outcome.note)
    return outcome.status_for(operation) in _JUDGED and not was_cut


def _without_gone(entry: Entry, review: _Review) -> Entry | None:
    if review.is_gone:
        return None
    if not review.gone or entry.operations is None:
        return entry
    left = tuple(name for name in entry.operations if name not in review.gone)
    return entry.model_copy(update={"operations": left})


def _describe_chance(report: Report, entry: Entry) -> str:
    """The schema suite generates other requests with another seed."""
    suites = {outcome.suite for outcome in report.outcomes if outcome.check == entry.check}
    return f" (not found with seed {report.seed})" if suites == {"schema"} else ""
