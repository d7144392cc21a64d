"""The bench of faults itself: what it seeds is seen, what is legal is not reported, and each fault says what it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from polargrid_contract.run import Plan, run
from polargrid_contract.server import Target

from polargrid_edge.server import Edge
from qa.fault_bench.decoys import DECOYS
from qa.fault_bench.faults import FAULTS
from qa.fault_bench.messages import KEY, MODEL
from qa.fault_bench.proxy import Proxy, running

LISTED = (
    "H01 H02 H05 H07 H09 H11 H13 H14 H16 J01 J03 J05 J08 J10 J13 J14 S01 S02 S05 S08 S09 S11 S14 S17 "
    "A01 A04 A06 A08 L02 L03 L05 L08"
)
SEEN = {
    "H01": "key-required",
    "J01": "usage-adds-up",
    "S01": "stream-done-last",
    "A01": "speech-wav-header",
    "L05": "gpu-figures",
}
SEEN_BY_SCHEMA = {
    "H10": "response_header_uniqueness",
    "H22": "request_answered",
    "A14": "response_schema_conformance",
    "L18": "agreement_conformance",
    "S01": "event_stream_conformance",
    "S16": "media_type_agreement",
}
QUIET = {
    "D01": ("stream-framing", "stream-done-last", "stream-same-text"),
    "D10": ("usage-adds-up", "models-listed", "stream-same-text"),
}


@pytest.fixture(scope="module")
def proxy(edge: Edge) -> Iterator[tuple[Proxy, str]]:
    with running(edge.url) as started:
        yield started


def broken(proxy: tuple[Proxy, str], change, *checks: str) -> set[str]:
    """The names of those checks that are broken behind a change."""
    seeded, url = proxy
    seeded.begin(change)
    report = run(Plan(Target(url, KEY, models={"chat": MODEL}), ("conduct",), only=checks))
    assert {outcome.check for outcome in report.outcomes} == set(checks)
    return {outcome.check for outcome in report.broken}


@pytest.mark.parametrize(("name", "check"), SEEN.items())
def test_a_seeded_fault_is_seen(proxy, name, check):
    assert broken(proxy, FAULTS[name].change, check) == {check}


@pytest.mark.parametrize(("name", "checks"), QUIET.items())
def test_a_legal_variation_is_not_reported(proxy, name, checks):
    assert not broken(proxy, DECOYS[name].change, *checks)


def schema_faults(proxy: tuple[Proxy, str], change, *operations: str) -> set[str]:
    """The names of those checks of the schema half that are broken behind a change."""
    seeded, url = proxy
    seeded.begin(change)
    plan = Plan(Target(url, KEY, models={"chat": MODEL}), ("schema",), only=operations, max_examples=1, seed=7)
    return {outcome.check for outcome in run(plan).broken}


@pytest.mark.parametrize(("name", "check"), SEEN_BY_SCHEMA.items())
def test_a_seeded_fault_is_seen_by_schema(proxy, name, check):
    assert check in schema_faults(proxy, FAULTS[name].change, FAULTS[name].on[0])


@pytest.mark.parametrize("name", ["D02", "D11"])
def test_a_legal_variation_is_not_reported_by_schema(proxy, name):
    assert not schema_faults(proxy, DECOYS[name].change, DECOYS[name].on[0])


def test_there_is_one_seen_fault_of_each_kind():
    assert {FAULTS[name].kind for name in SEEN} == {fault.kind for fault in FAULTS.values()}


def test_every_listed_fault_and_as_many_more_are_there():
    assert set(LISTED.split()) <= set(FAULTS)
    assert len(FAULTS) >= 62
    assert len(DECOYS) >= 10


@pytest.mark.parametrize("seeded", [*FAULTS.values(), *DECOYS.values()], ids=lambda seeded: seeded.id)
def test_each_says_in_a_sentence_what_it_is_and_where(seeded):
    assert seeded.what.endswith(".")
    assert seeded.on


def test_no_sentence_is_said_twice():
    sentences = [seeded.what for seeded in (*FAULTS.values(), *DECOYS.values())]
    assert len(set(sentences)) == len(sentences)
