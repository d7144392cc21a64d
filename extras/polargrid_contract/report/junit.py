"""Report -> JUnit XML: a suite a half, a case for each operation that a check is on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

from polargrid_contract.check import Fault, Half
from polargrid_contract.conduct import Outcome
from polargrid_contract.report.result import Report, concerned, plain, short

_MOST = 10_000  # characters of a fault


def rendered(report: Report) -> str:
    """The report as JUnit XML. Characters that XML forbids stand as escapes."""
    root = ElementTree.Element("testsuites", name=f"polargrid contract {plain(report.url)}")
    suites = [_suite(report, half) for half in report.counts]
    root.extend(suites)
    _count(root, [case for suite in suites for case in suite.iter("testcase")])
    root.set("time", f"{report.seconds:.3f}")
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _suite(report: Report, half: Half) -> ElementTree.Element:
    outcomes = [outcome for outcome in report.outcomes if outcome.half == half]
    suite = ElementTree.Element("testsuite", name=half, timestamp=report.started)
    cases = [case for outcome in outcomes for case in _cases(report, outcome)]
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in (("url", report.url), ("profile", report.profile), ("seed", report.seed)):
        ElementTree.SubElement(properties, "property", name=name, value=plain(str(value)))
    suite.extend(cases)
    _count(suite, cases)
    suite.set("time", f"{sum(outcome.seconds for outcome in outcomes):.3f}")
    return suite


def _count(element: ElementTree.Element, cases: Sequence[ElementTree.Element]) -> None:
    for name, tag in (("failures", "failure"), ("skipped", "skipped")):
        element.set(name, str(sum(1 for case in cases if case.find(tag) is not None)))
    element.set("tests", str(len(cases)))
    element.set("errors", "0")


def _cases(report: Report, outcome: Outcome) -> Iterator[ElementTree.Element]:
    operations = concerned(outcome)
    for operation in operations or ("server",):
        case = ElementTree.Element("testcase")
        case.set("classname", plain(f"{outcome.half}.{report.group(outcome)}.{operation}"))
        case.set("name", f"{outcome.check} [{plain(operation)}]")
        case.set("time", f"{outcome.seconds / max(len(operations), 1):.3f}")
        faults = [fault for fault in outcome.faults if fault.operation == operation]
        if faults:
            _fail(case, outcome, faults)
        elif outcome.verdict in ("not offered", "not run"):
            ElementTree.SubElement(case, "skipped", message=plain(f"{outcome.verdict}: {outcome.note}"))
        yield case


def _fail(case: ElementTree.Element, outcome: Outcome, faults: Sequence[Fault]) -> None:
    """One failure element holds all faults: readers of JUnit XML show no more than one a case."""
    message = plain(short(f"expected {faults[0].expected}; came {faults[0].came}", 300))
    failure = ElementTree.SubElement(case, "failure", type=outcome.check, message=message)
    told = "\n\n".join(
        f"expected: {fault.expected}\ncame: {short(fault.came, _MOST)}\n{fault.curl}" for fault in faults
    )
    failure.text = plain(f"{outcome.why}\nSource: {outcome.source}\n\n{told}")
