"""What `python -m qa.drain` compares."""

from __future__ import annotations

import json
from typing import Any

from qa.drain.compare import compare_clients, compare_metrics, parse_log, parse_metrics

LINE = {"operation": "health", "status": 200, "bytes_received": 0, "bytes_sent": 5}
METRICS = """
polargrid_edge_requests_total{operation="health",status="200"} 2.0
polargrid_edge_requests_total{operation="metrics",status="200"} 1.0
polargrid_edge_body_bytes_total{operation="health",direction="received"} 0.0
polargrid_edge_body_bytes_total{operation="health",direction="sent"} 10.0
"""


def lines(*changes: dict[str, Any]) -> list[dict[str, Any]]:
    return parse_log("\n".join(json.dumps(LINE | item) for item in changes))


def test_equal_counts_are_no_problem() -> None:
    """What the run itself asks for does not count."""
    log = lines({}, {}, {"operation": "metrics"}, {"operation": "readyz"})
    assert list(compare_metrics(parse_metrics(METRICS), log)) == []
    assert list(compare_clients({("health", "200"): 2}, log)) == []


def test_a_difference_is_a_problem() -> None:
    """With both numbers; a response that no client got is lost."""
    log = lines({}, {}, {"status": 503, "bytes_sent": 0})
    assert list(compare_clients({("health", "200"): 2}, log)) == [
        "health 503: clients have 0 responses, the access log 1"
    ]
    assert list(compare_metrics(parse_metrics(METRICS), log)) == [
        "requests health 503: the metrics have 0, the access log 1"
    ]
    assert list(compare_metrics(parse_metrics(METRICS), lines({}, {"bytes_sent": 4}))) == [
        "bytes sent health: the metrics have 10, the access log 9"
    ]
