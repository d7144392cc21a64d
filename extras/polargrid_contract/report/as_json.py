"""Report -> JSON, for machines. Fields are added to it; where one changes its meaning, `schema_version` rises."""

from __future__ import annotations

import json
from typing import Any

from polargrid_contract.check import Fault
from polargrid_contract.conduct import Outcome
from polargrid_contract.report.result import Report, concerned

SCHEMA_VERSION = 1


def rendered(report: Report) -> str:
    """The report as JSON, in ASCII, with a line feed at its end."""
    return json.dumps(document(report), indent=2) + "\n"


def document(report: Report) -> dict[str, Any]:
    """The report as plain values."""
    return {
        "schema_version": SCHEMA_VERSION,
        "version": report.version,
        "url": report.url,
        "profile": report.profile,
        "started": report.started,
        "seconds": round(report.seconds, 3),
        "seed": report.seed,
        "verdict": report.verdict,
        "exit_status": report.exit_status,
        "counts": report.counts,
        "operations": list(report.operations),
        "checks": [_check(report, outcome) for outcome in report.outcomes],
        "matrix": report.matrix,
    }


def _check(report: Report, outcome: Outcome) -> dict[str, Any]:
    return {
        "name": outcome.check,
        "half": outcome.half,
        "group": report.group(outcome),
        "why": outcome.why,
        "source": outcome.source,
        "operations": list(concerned(outcome)),
        "verdict": outcome.verdict,
        "note": outcome.note,
        "seconds": round(outcome.seconds, 3),
        "faults": [_fault(fault) for fault in outcome.faults],
    }


def _fault(fault: Fault) -> dict[str, Any]:
    answer = fault.exchange
    return {
        "operation": fault.operation,
        "expected": fault.expected,
        "came": fault.came,
        "curl": fault.curl,
        "status": answer.status or None if answer else None,
        "request_id": answer.answer_headers.get("x-request-id") if answer else None,
    }
