"""Text and marks that the renderers share; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from polargrid_contract.findings import Finding
from polargrid_contract.results import Acceptance, Outcome, Report, Status

#: The mark of each status.
MARKS: dict[Status, str] = {
    "passed": "✓",
    "failed": "✗",
    "accepted": "~",
    "error": "!",
    "not_supported": "–",  # noqa: RUF001 - an en dash
    "skipped": "·",
}
#: What each status means.
MEANINGS: dict[Status, str] = {
    "passed": "looked at, and as the contract says",
    "failed": "not as the contract says",
    "accepted": "not as the contract says, and accepted by the baseline",
    "error": "the check itself failed, which says nothing about the server",
    "not_supported": "the server does not have it, as the profile allows",
    "skipped": "not looked at; the notes say why",
}
_HEADLINES = {
    "passed": "The server follows the API contract",
    "failed": "The server violates the API contract",
    "error": "Some checks could not judge the server",
    "skipped": "Nothing was checked",
}


def label(status: Status) -> str:
    """The status as a user reads it."""
    return "could not judge" if status == "error" else status.replace("_", " ")


def summarize(counts: Mapping[Status, int]) -> str:
    """Summarize counts, like `41 passed, 2 failed`."""
    return ", ".join(f"{count} {label(status)}" for status, count in counts.items() if count) or "none"


def count(number: int, noun: str) -> str:
    """Return the number with its noun, like `1 finding` or `2 findings`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def count_findings(findings: Iterable[Finding]) -> str:
    """Summarize findings, like `3 findings, 1 accepted, 1 warning`."""
    findings = list(findings)
    accepted = sum(finding.is_accepted for finding in findings)
    warnings = sum(finding.is_warning for finding in findings)
    parts = [count(len(findings) - accepted - warnings, "finding")]
    parts += [f"{accepted} accepted"] if accepted else []
    return ", ".join(parts + ([count(warnings, "warning")] if warnings else []))


def describe_acceptance(acceptance: Acceptance) -> str:
    """Return the reason, and the date if there is one."""
    until = f" (until {acceptance.until})" if acceptance.until else ""
    return f"{acceptance.reason}{until}"


def describe_expired(acceptance: Acceptance) -> str:
    """State that an acceptance is over."""
    return f"was accepted until {acceptance.until}: {acceptance.reason}"


def headline(report: Report) -> str:
    """State the result of the run as a sentence."""
    if report.status == "passed" and any(outcome.status == "accepted" for outcome in report.outcomes):
        return "The server violates the API contract only as accepted"
    return _HEADLINES[report.status]


def tone(report: Report) -> Status:
    """The status whose mark stands for the run: not ✓ if a violation was accepted."""
    if report.status == "passed" and any(outcome.status == "accepted" for outcome in report.outcomes):
        return "accepted"
    return report.status


def group_notes(outcomes: Iterable[Outcome]) -> dict[tuple[Status, str], list[str]]:
    """Return the checks by status and note; a check that the note concerns at some operations only, with these."""
    notes: dict[tuple[Status, str], list[str]] = {}
    for outcome in outcomes:
        operations: dict[tuple[Status, str], list[str]] = {}
        for result in outcome.results:
            if result.omitted:
                key = (result.status, f"{count(result.omitted, 'more violation')} than the report has")
                operations.setdefault(key, []).append(result.operation)
            if result.note:
                operations.setdefault((result.status, result.note), []).append(result.operation)
        # The note of a check joins those of its operations.
        if outcome.note and not any(note in outcome.note for _, note in operations):
            notes.setdefault((outcome.status, outcome.note), []).append(outcome.check)
        for key, names in operations.items():
            is_all = len(names) == len(outcome.results)
            notes.setdefault(key, []).append(outcome.check if is_all else f"{outcome.check} at {', '.join(names)}")
    return notes


def escape_controls(text: str) -> str:
    """Escape characters that a terminal interprets, XML forbids, or that are invisible."""
    return "".join(
        character
        if character.isprintable() or character in "\n\t"
        else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def shorten(text: str, limit: int) -> str:
    """Truncate a text to `limit` characters, and add its length if it is longer."""
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"
