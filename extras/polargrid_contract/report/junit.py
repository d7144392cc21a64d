"""Renders a report as JUnit XML: a test suite for each suite, a test case for each operation of a check.

The times add up: those of the cases to that of their suite, and those of the suites to the total. Checks run side by
side, so the total is more than the duration of the run, which is a property of each suite. Elements and attributes are
those of Jenkins's junit-10.xsd, which the readers of GitLab and GitHub's actions accept as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from xml.etree import ElementTree

from polargrid_contract.findings import Finding, find_causes, index_violations
from polargrid_contract.report.text import (
    MEANINGS,
    count,
    describe_acceptance,
    describe_expired,
    escape_controls,
    label,
    shorten,
)
from polargrid_contract.results import Outcome, Report, Status, Suite, Violation

_MAX_ACTUAL = 10_000  # characters
_MAX_MESSAGE = 200  # characters
_Causes = Mapping[int, Finding]


def render(report: Report) -> str:
    """Render the report as JUnit XML. Characters that XML forbids are escaped."""
    root = ElementTree.Element("testsuites", name=f"polargrid contract {escape_controls(report.url)}")
    causes = index_violations(find_causes(report))
    suites = [_build_suite(report, suite, causes) for suite in report.counts]
    root.extend(suites)
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, 0)) for suite in suites)))
    root.set("time", _format_seconds(sum(_milliseconds(suite) for suite in suites)))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _build_suite(report: Report, name: Suite, causes: _Causes) -> ElementTree.Element:
    outcomes = [outcome for outcome in report.outcomes if outcome.suite == name]
    cases = [case for outcome in outcomes for case in _build_cases(report, outcome, causes)]
    suite = ElementTree.Element("testsuite", name=name, timestamp=report.started)
    suite.set("tests", str(len(cases)))
    for counter, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(counter, str(sum(case.find(tag) is not None for case in cases)))
    suite.set("time", _format_seconds(sum(map(_milliseconds, cases))))
    properties = ElementTree.SubElement(suite, "properties")
    facts = {"url": report.url, "profile": report.profile, "seed": report.seed, "version": report.version}
    facts |= {"seconds of the run": f"{report.seconds:.3f}", "findings": len({it.cause for it in causes.values()})}
    facts |= {"files of curl commands": report.saved_in} if report.saved_in else {}
    for fact, value in facts.items():
        ElementTree.SubElement(properties, "property", name=fact, value=escape_controls(str(value)))
    suite.extend(cases)
    return suite


def _build_cases(report: Report, outcome: Outcome, causes: _Causes) -> Iterator[ElementTree.Element]:
    operations = outcome.operations_in_report or ("server",)
    for operation, milliseconds in _split_time(outcome, operations).items():
        case = ElementTree.Element("testcase")
        case.set("classname", escape_controls(f"{outcome.suite}.{report.group(outcome)}.{operation}"))
        case.set("name", f"{outcome.check} [{escape_controls(operation)}]")
        case.set("time", _format_seconds(milliseconds))
        _add_result(case, outcome, operation, causes)
        yield case


def _split_time(outcome: Outcome, operations: Sequence[str]) -> dict[str, int]:
    """Milliseconds for each operation: as measured, else equal parts of the time of the check."""
    measured = {result.operation: round(result.seconds * 1000) for result in outcome.results}
    if any(measured.values()):
        return {operation: measured.get(operation, 0) for operation in operations}
    quotient, remainder = divmod(round(outcome.seconds * 1000), len(operations))
    return {operation: quotient + (position < remainder) for position, operation in enumerate(operations)}


def _format_seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:.3f}"


def _milliseconds(element: ElementTree.Element) -> int:
    return round(float(element.get("time", 0)) * 1000)


def _add_result(case: ElementTree.Element, outcome: Outcome, operation: str, causes: _Causes) -> None:
    status = outcome.status_for(operation)
    at_operation = outcome.violations_at(operation)
    warnings = [violation for violation in at_operation if violation.warning]
    violations = [it for it in at_operation or outcome.violations if not it.warning]  # it may be at another operation
    note = _find_note(outcome, operation)
    if status == "failed":
        _add_failure(case, outcome, [it for it in violations if not it.is_accepted], causes)
    elif status == "accepted":
        reasons = dict.fromkeys(describe_acceptance(it.acceptance) for it in violations if it.acceptance)
        _add_skipped(case, status, "; ".join(reasons))
    elif status == "error":
        _add_error(case, outcome, operation, note)
    elif status in ("not_supported", "skipped"):
        _add_skipped(case, status, note)
    if warnings:
        text = "\n\n".join(f"warning: the server is free to differ\n{_describe_violation(it)}" for it in warnings)
        ElementTree.SubElement(case, "system-out").text = escape_controls(text)


def _find_note(outcome: Outcome, operation: str) -> str:
    notes = (result.note for result in outcome.results if result.operation == operation)
    return next(notes, "") or outcome.note


def _add_error(case: ElementTree.Element, outcome: Outcome, operation: str, note: str) -> None:
    message = escape_controls(shorten(f"{label('error')}: {note}", _MAX_MESSAGE))
    error = ElementTree.SubElement(case, "error", type=label("error"), message=message)
    results = [result for result in outcome.results if result.operation == operation]
    curls = "\n".join(command for result in results for command in result.commands)
    error.text = escape_controls(f"{note}\n{label('error')}: {MEANINGS['error']}.\n{curls}")


def _add_skipped(case: ElementTree.Element, status: Status, note: str) -> None:
    ElementTree.SubElement(case, "skipped", message=escape_controls(f"{label(status)}: {note}"))


def _add_failure(case: ElementTree.Element, outcome: Outcome, violations: Sequence[Violation], causes: _Causes) -> None:
    """Add one failure element with all violations: readers of JUnit XML show only one for each case."""
    message = escape_controls(_describe_cause(violations, causes) if violations else outcome.note)
    failure = ElementTree.SubElement(case, "failure", type=outcome.check, message=message)
    text = "\n\n".join(map(_describe_violation, violations))
    failure.text = escape_controls(f"{outcome.rationale}\nReference: {outcome.reference}\n\n{text}")


def _describe_cause(violations: Sequence[Violation], causes: _Causes) -> str:
    """State what differs, and the finding, which may be that of many cases."""
    first = violations[0]
    differs = shorten(f"expected {first.expected}; actual {first.actual}".replace("\n", " "), _MAX_MESSAGE)
    finding = causes.get(id(first))
    if finding is None or len(finding.parts) == len(finding.operations) == 1:
        return differs
    places = f"{count(len(finding.operations), 'operation')} and {count(len(finding.parts), 'check')}"
    return f"{differs} [{finding.cause}, at {places}]"


def _describe_violation(violation: Violation) -> str:
    new = f"\n{describe_expired(violation.acceptance)}" if violation.acceptance else ""
    actual = shorten(violation.actual, _MAX_ACTUAL)
    files = f"\nfiles: {violation.saved}" if violation.saved else ""
    return f"expected: {violation.expected}\nactual: {actual}{new}{files}\n{violation.curl}"
