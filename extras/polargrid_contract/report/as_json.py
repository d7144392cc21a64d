"""Renders a report as JSON. Fields may be added; `schema_version` changes if a field changes its meaning."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from polargrid_contract.findings import Finding, find_causes, index_violations
from polargrid_contract.report.text import describe_acceptance
from polargrid_contract.results import Outcome, Report, Violation

SCHEMA_VERSION = 1


def render(report: Report) -> str:
    """Render the report as ASCII, with a line feed at its end."""
    return json.dumps(to_dict(report), indent=2) + "\n"


def to_dict(report: Report) -> dict[str, Any]:
    """Convert the report to plain values."""
    findings = find_causes(report)
    causes = index_violations(findings)
    return {
        "schema_version": SCHEMA_VERSION,
        "version": report.version,
        "url": report.url,
        "profile": report.profile,
        "started": report.started,
        "seconds": round(report.seconds, 3),
        "seed": report.seed,
        "status": report.status,
        "exit_status": report.exit_status,
        "counts": report.counts,
        "operations": list(report.operations),
        "findings": [_finding_to_dict(finding) for finding in findings],
        "warnings": list(report.warnings),
        "saved_in": report.saved_in or None,
        "checks": [_outcome_to_dict(report, outcome, causes) for outcome in report.outcomes],
        "matrix": report.matrix,
    }


def _finding_to_dict(finding: Finding) -> dict[str, Any]:
    """Convert a cause; `checks` have its violations."""
    return {
        "cause": finding.cause,
        "title": finding.title,
        "suites": list(finding.suites),
        "checks": [part.outcome.check for part in finding.parts],
        "operations": list(finding.operations),
        "violations": len(finding.violations),
        "accepted": finding.is_accepted,
        "warning": finding.is_warning,
        "reasons": [describe_acceptance(acceptance) for acceptance in finding.acceptances],
    }


def _outcome_to_dict(report: Report, outcome: Outcome, causes: Mapping[int, Finding]) -> dict[str, Any]:
    return {
        "name": outcome.check,
        "suite": outcome.suite,
        "group": report.group(outcome),
        "rationale": outcome.rationale,
        "reference": outcome.reference,
        "operations": list(outcome.operations_in_report),
        "status": outcome.status,
        "note": outcome.note,
        "seconds": round(outcome.seconds, 3),
        "results": [
            {
                "operation": operation,
                "status": outcome.status_for(operation),
                "note": next((it.note for it in outcome.results if it.operation == operation), ""),
            }
            for operation in outcome.operations_in_report
        ],
        "violations": [_violation_to_dict(violation, causes[id(violation)].cause) for violation in outcome.violations],
    }


def _violation_to_dict(violation: Violation, cause: str) -> dict[str, Any]:
    exchange, acceptance = violation.exchange, violation.acceptance
    return {
        "operation": violation.operation,
        "cause": cause,
        "accepted": violation.is_accepted,
        "warning": violation.warning,
        "reason": acceptance.reason if acceptance else None,
        "until": (acceptance.until or None) if acceptance else None,
        "saved": violation.saved or None,
        "expected": violation.expected,
        "actual": violation.actual,
        "curl": violation.curl,
        "http_status": exchange.status or None if exchange else None,
        "request_id": exchange.response_headers.get("x-request-id") if exchange else None,
    }
