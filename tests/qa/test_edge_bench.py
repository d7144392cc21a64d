"""The edge's bench: its arithmetic, its bounds and its pages, without a model."""

from __future__ import annotations

import json

import pytest

from qa.benchmarks import edge, edge_report


def build_result(first, last, *, tokens=65, seconds=2.0, streams=1):
    """A worker's result with equal streams."""
    stream = {"started_at": 0.0, "first": first, "last": last, "tokens": tokens, "text": "Once"}
    return {"seconds": seconds, "cpu": 1.3, "streams": [stream] * streams}


def build_round(*, first=0.31, rate=99.0):
    """A round in which the model has its first token after 0.3 s, and 100 tokens per second."""
    model = {"first": 0.3, "rate": 100.0, "total": 70.0, "cpu": 0.010}
    through_edge = {"first": first, "rate": rate, "total": 69.0, "cpu": 0.0102, "client_cpu": 0.0002}
    return {"model": model, "edge": through_edge, "model_4": model, "edge_4": through_edge | {"total": 138.0}}


def build_results(*rounds):
    machine = {"cores": 2, "system": "Linux x86_64", "python": "3.11.7", "xllamacpp": "1.0"}
    return {
        "date": "2026-11-22",
        "command": "python -m qa.benchmarks.edge --rounds 1",
        "machine": machine,
        "model": "smollm2-135m",
        "threads": 1,
        "max_tokens": 64,
        "same_texts": len(rounds),
        "rounds": list(rounds),
        "criteria": edge_report.check_criteria(rounds),
    }


def check_rounds(*rounds):
    return [verdict["passed"] for verdict in edge_report.check_criteria(rounds)]


def test_rate_counts_the_tokens_after_the_first():
    """The total counts all tokens, from the request on."""
    figures = edge_report.compute_figures(build_result(0.5, 1.5))
    assert figures == {"first": 0.5, "rate": 64.0, "total": 32.5, "cpu": 0.02}


def test_total_adds_the_tokens_of_concurrent_streams():
    """The time to the first token is the median of the streams."""
    figures = edge_report.compute_figures(build_result(0.5, 1.5, streams=4))
    assert (figures["total"], figures["first"]) == (130.0, 0.5)


def test_cpu_of_the_edge_and_of_its_client_are_separate():
    """Each is per token."""
    figures = edge_report.compute_edge_figures(build_result(0.5, 1.5), 0.65)
    assert (figures["cpu"], figures["client_cpu"]) == (0.01, 0.02)


def test_bounds_apply_to_the_median_of_the_rounds():
    """One slow round changes no verdict."""
    assert check_rounds(build_round(), build_round(first=2.0, rate=1.0), build_round()) == [True, True]
    assert check_rounds(build_round(rate=89.0)) == [False, True]
    assert check_rounds(build_round(first=0.34)) == [True, False]


def test_results_without_rounds_fail():
    """The page is not written."""
    assert check_rounds() == [False]
    assert "failed" in edge_report.render_text(build_results())
    with pytest.raises(ValueError, match="no rounds"):
        edge_report.render_markdown(build_results())


def test_pages_have_the_figures():
    """The text and the page show the same numbers, after a way through JSON."""
    results = json.loads(json.dumps(build_results(build_round(), build_round())))
    text, page = edge_report.render_text(results), edge_report.render_markdown(results)
    assert "first token, after that in process · ≤ 30 ms · 10.0 ms · passed" in text
    assert page.startswith("# The edge\n")
    assert "| through the edge, one | 310 ms ±0% | 99.0 ±0% | 69.0 ±0% | 10.20 ms ±0% | 0.20 ms ±0% |" in page
    assert "`python -m qa.benchmarks.edge --rounds 1`" in page
    assert "2026-11-22, Linux x86_64, 2 cores" in page
    assert "generate 2.00 times the tokens per second" in page


def test_processes_of_the_bench_get_no_proxy_and_no_key(monkeypatch):
    """They get the location of the models."""
    names = {"HTTPS_PROXY", "all_proxy", "POLARGRID_API_KEY", "POLARGRID_CACHE"}
    for name in names:
        monkeypatch.setenv(name, "x")
    assert edge.build_environment().keys() & names == {"POLARGRID_CACHE"}
