"""The benchmark of tracing measures each variant, and leaves the SDK as it was."""

from __future__ import annotations

import pytest

from polargrid import _call_state
from qa.benchmarks import otel


def test_each_variant_is_measured():
    """A call and a stream, off and on."""
    costs = otel.run(1, 0.001)
    variants = {"off", "traces", "traces and metrics"}
    assert costs.keys() == {f"{what}, {name}" for what in ("call", "stream") for name in variants} | {"call, span"}
    assert min(costs.values()) > 0
    assert _call_state.call_class is _call_state.CallState


@pytest.mark.parametrize(("traced", "is_kept"), [(40.0, True), (99.0, False)])
def test_the_bound_is_that_of_the_package(capsys, traced, is_kept):
    """What the span of OpenTelemetry's SDK costs is not its own."""
    costs = dict.fromkeys(["call, off", "stream, off", "stream, traces", "stream, traces and metrics"], 10.0)
    costs |= {"call, span": 30.0, "call, traces": traced, "call, traces and metrics": 120.0}
    assert otel.report(costs) == is_kept
    verdict = "passed" if is_kept else "failed"
    assert f"polargrid_otel alone: at most 15 µs: {verdict}" in capsys.readouterr().out
