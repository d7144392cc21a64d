"""The contract tester against the local edge with its models: the only test here that needs them."""

from __future__ import annotations

import functools
from contextlib import ExitStack

import httpx
import pytest

from polargrid_contract.client import TargetServer
from polargrid_contract.runner import Plan, run
from qa.fault_bench.messages import MODEL, Forward, Request, Response
from qa.fault_bench.proxy import run_in_thread
from qa.fault_bench.variations import VARIATIONS

# One check of each kind; `polargrid contract` runs all of them.
CHECKS = (
    "model-echoed",
    "usage-adds-up",
    "json-object-valid",
    "key-required",
    "stream-same-text",
    "stream-usage-requested",
    "speech-wav-header",
    "transcript-segments",
    "transcript-rejects-non-audio",
    "load-updates-status",
    "gpu-responses-consistent",
    "idempotency-key-replayed",
)
# Operations whose conventions and schemas are checked. They are a run of their own: beside the name of a check, an
# operation selects the checks of conventions for all operations, which transcribe and speak for minutes.
OPERATIONS = ("health", "list_models")


def apply_variations(request: Request, forward: Forward) -> Response:
    """Comments in streams, and capital and further headers."""
    names = ("D02", "D11")
    return functools.reduce(lambda send, name: lambda it: VARIATIONS[name].apply(it, send), names, forward)(request)


@pytest.mark.timeout(600)
def test_the_local_edge_follows_the_contract(edge):
    """No check reports a violation, in either suite, even if legal variations are added to the responses."""
    with ExitStack() as stack:
        proxy, url = stack.enter_context(run_in_thread(edge.url))
        proxy.start_run(apply_variations)
        assert httpx.get(f"{url}/health", headers={"authorization": "Bearer pg_local"}, timeout=60).status_code == 200
        target = TargetServer(url, "pg_local", models={"chat": MODEL}, timeout=300)
        reports = [run(Plan(target, only=names, max_examples=1, seed=1)) for names in (CHECKS, OPERATIONS)]
    outcomes = [outcome for report in reports for outcome in report.outcomes]
    assert {outcome.check: outcome.violations for outcome in outcomes if outcome.violations} == {}
    assert {outcome.suite for outcome in outcomes} == {"schema", "behaviour"}
    assert {outcome.status for outcome in outcomes} <= {
        "passed",
        "skipped",
    }  # two operations give some nothing to compare
    assert {outcome.check for outcome in outcomes if outcome.status == "passed"} >= set(CHECKS)
