"""The edge's bench: its arithmetic, its criteria and its pages. No model is asked."""

from __future__ import annotations

import json

import pytest

from qa.benchmarks import edge, edge_page


def said(first, last, *, tokens=65, seconds=2.0, streams=1):
    """What a worker tells of streams that are all alike."""
    one = {"began": 0.0, "first": first, "last": last, "tokens": tokens, "text": "Once"}
    return {"seconds": seconds, "cpu": 1.3, "streams": [one] * streams}


def a_round(*, first=0.31, rate=99.0):
    """A round in which the model takes 0.3 s to its first token, and makes 100 a second."""
    model = {"first": 0.3, "rate": 100.0, "total": 70.0, "cpu": 0.010}
    through = {"first": first, "rate": rate, "total": 69.0, "cpu": 0.0102, "client_cpu": 0.0002}
    return {"model": model, "edge": through, "model_4": model, "edge_4": through | {"total": 138.0}}


def told(*rounds):
    machine = {"cores": 2, "system": "Linux x86_64", "python": "3.11.7", "xllamacpp": "1.0"}
    return {
        "date": "2026-11-22",
        "command": "python -m qa.benchmarks.edge --rounds 1",
        "machine": machine,
        "model": "smollm2-135m",
        "threads": 1,
        "max_tokens": 64,
        "alike": len(rounds),
        "rounds": list(rounds),
        "criteria": edge_page.criteria(rounds),
    }


def kept(*rounds):
    return [one["kept"] for one in edge_page.criteria(rounds)]


def test_the_rate_is_of_what_comes_after_the_first_token():
    """And the total of all tokens, from the asking on."""
    found = edge_page.figures(said(0.5, 1.5))
    assert found == {"first": 0.5, "rate": 64.0, "total": 32.5, "cpu": 0.02}


def test_streams_at_once_add_up():
    """Their tokens do; the time to the first is that of the middle one."""
    found = edge_page.figures(said(0.5, 1.5, streams=4))
    assert (found["total"], found["first"]) == (130.0, 0.5)


def test_the_edges_cpu_is_told_apart_from_its_clients():
    """Each is of a token."""
    found = edge_page.through_the_edge(said(0.5, 1.5), 0.65)
    assert (found["cpu"], found["client_cpu"]) == (0.01, 0.02)


def test_a_criterion_is_the_median_of_the_rounds():
    """One round that something disturbed decides nothing."""
    assert kept(a_round(), a_round(first=2.0, rate=1.0), a_round()) == [True, True]
    assert kept(a_round(rate=89.0)) == [False, True]
    assert kept(a_round(first=0.34)) == [True, False]


def test_without_a_round_nothing_is_kept():
    """Silence is no proof."""
    assert kept() == [False]
    assert "not kept" in edge_page.text(told())
    with pytest.raises(ValueError, match="no round"):
        edge_page.section(told())


def test_the_pages_have_the_figures():
    """The text and the section are of the same numbers, as they come back from JSON."""
    results = json.loads(json.dumps(told(a_round(), a_round())))
    text, page = edge_page.text(results), edge_page.section(results)
    assert "first token, later than in process · ≤ 30 ms · 10.0 ms · kept" in text
    assert page.startswith("## The edge\n")
    assert "| through the edge, one | 310 ms ±0% | 99.0 ±0% | 69.0 ±0% | 10.20 ms ±0% | 0.20 ms ±0% |" in page
    assert "`python -m qa.benchmarks.edge --rounds 1`" in page
    assert "2026-11-22, Linux x86_64, 2 cores" in page
    assert "make 2.00 times the tokens a second" in page
    assert edge_page.section(results, heading="#").startswith("# The edge\n")


def test_a_process_of_the_bench_gets_no_proxy_and_no_key(monkeypatch):
    """It does get where the model's file is."""
    for name in ("HTTPS_PROXY", "all_proxy", "POLARGRID_API_KEY", "POLARGRID_CACHE"):
        monkeypatch.setenv(name, "x")
    found = edge._environment()
    assert {name for name in found if found[name] == "x"} & {"HTTPS_PROXY", "all_proxy", "POLARGRID_API_KEY"} == set()
    assert found["POLARGRID_CACHE"] == "x"
