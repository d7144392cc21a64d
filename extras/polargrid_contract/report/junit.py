"""Renders a report as JUnit XML: a test suite for each suite, a test case for each operation of a check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

from polargrid_contract.report.text import escape_controls, label, shorten
from polargrid_contract.results import Outcome, Report, Suite, Violation

_MAX_ACTUAL = 10_000  # characters


def render(report: Report) -> str:
    """Render the report as JUnit XML. Characters that XML forbids are escaped."""
    root = ElementTree.Element("testsuites", name=f"polargrid contract {escape_controls(report.url)}")
    suites = [_build_suite(report, suite) for suite in report.counts]
    root.extend(suites)
    _set_counts(root, [case for suite in suites for case in suite.iter("testcase")])
    root.set("time", f"{report.seconds:.3f}")
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _build_suite(report: Report, name: Suite) -> ElementTree.Element:
    outcomes = [outcome for outcome in report.outcomes if outcome.suite == name]
    suite = ElementTree.Element("testsuite", name=name, timestamp=report.started)
    cases = [case for outcome in outcomes for case in _build_cases(report, outcome)]
    properties = ElementTree.SubElement(suite, "properties")
    for property_name, value in (("url", report.url), ("profile", report.profile), ("seed", report.seed)):
        ElementTree.SubElement(properties, "property", name=property_name, value=escape_controls(str(value)))
    suite.extend(cases)
    _set_counts(suite, cases)
    suite.set("time", f"{sum(outcome.seconds for outcome in outcomes):.3f}")
    return suite


def _set_counts(element: ElementTree.Element, cases: Sequence[ElementTree.Element]) -> None:
    for name, tag in (("failures", "failure"), ("skipped", "skipped")):
        element.set(name, str(sum(1 for case in cases if case.find(tag) is not None)))
    element.set("tests", str(len(cases)))
    element.set("errors", "0")


def _build_cases(report: Report, outcome: Outcome) -> Iterator[ElementTree.Element]:
    operations = outcome.operations_in_report
    for operation in operations or ("server",):
        case = ElementTree.Element("testcase")
        case.set("classname", escape_controls(f"{outcome.suite}.{report.group(outcome)}.{operation}"))
        case.set("name", f"{outcome.check} [{escape_controls(operation)}]")
        case.set("time", f"{outcome.seconds / max(len(operations), 1):.3f}")
        violations = [violation for violation in outcome.violations if violation.operation == operation]
        if violations:
            _add_failure(case, outcome, violations)
        elif outcome.status in ("not_supported", "skipped"):
            message = escape_controls(f"{label(outcome.status)}: {outcome.note}")
            ElementTree.SubElement(case, "skipped", message=message)
        yield case


def _add_failure(case: ElementTree.Element, outcome: Outcome, violations: Sequence[Violation]) -> None:
    """Add one failure element with all violations: readers of JUnit XML show only one for each case."""
    message = escape_controls(shorten(f"expected {violations[0].expected}; actual {violations[0].actual}", 300))
    failure = ElementTree.SubElement(case, "failure", type=outcome.check, message=message)
    text = "\n\n".join(
        f"expected: {violation.expected}\nactual: {shorten(violation.actual, _MAX_ACTUAL)}\n{violation.curl}"
        for violation in violations
    )
    failure.text = escape_controls(f"{outcome.rationale}\nReference: {outcome.reference}\n\n{text}")
