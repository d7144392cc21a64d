"""Renders a report as JSON. Fields may be added; `schema_version` changes if a field changes its meaning."""

from __future__ import annotations

import json
from typing import Any

from polargrid_contract.results import Outcome, Report, Violation

SCHEMA_VERSION = 1


def render(report: Report) -> str:
    """Render the report as ASCII, with a line feed at its end."""
    return json.dumps(to_dict(report), indent=2) + "\n"


def to_dict(report: Report) -> dict[str, Any]:
    """Convert the report to plain values."""
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
        "checks": [_outcome_to_dict(report, outcome) for outcome in report.outcomes],
        "matrix": report.matrix,
    }


def _outcome_to_dict(report: Report, outcome: Outcome) -> dict[str, Any]:
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
        "violations": [_violation_to_dict(violation) for violation in outcome.violations],
    }


def _violation_to_dict(violation: Violation) -> dict[str, Any]:
    exchange = violation.exchange
    return {
        "operation": violation.operation,
        "expected": violation.expected,
        "actual": violation.actual,
        "curl": violation.curl,
        "http_status": exchange.status or None if exchange else None,
        "request_id": exchange.response_headers.get("x-request-id") if exchange else None,
    }
