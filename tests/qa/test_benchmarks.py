"""The bench's own arithmetic and pages, and that its server and its floor agree."""

from __future__ import annotations

import asyncio

import pytest

from qa.benchmarks import page, work
from qa.benchmarks.contenders import floor
from qa.benchmarks.criteria import CRITERIA, verdicts
from qa.benchmarks.environments import ROOT
from qa.benchmarks.figures import FIGURES, Figure, ratio, spread, written
from qa.benchmarks.process import Cores, server
from qa.benchmarks.results import Results
from qa.benchmarks.roster import contenders

PINNED = ROOT / "tests" / "benchmarks" / "requirements"


def told(*, whole=True):
    """The results of a bench of two contenders."""
    found = Results(pinned=True)
    for who, cost in (("polargrid", 2e-4), ("openai", 2e-3)):
        found.met(who, "1.0", "s")
        found.add(who, {"chat_sync": cost, "import": cost})
        found.add(who, {"chat_sync": cost * 1.1})
    found.failed("openai", "chat_async", "TypeError: no")
    return found.as_json(rounds=2, seconds=0.1, whole=whole)


def test_a_ratio_is_of_each_round():
    """A round in which all was slow does not change it."""
    rounds = {"a": {"x": [1.0, 10.0, 1.0]}, "b": {"x": [2.0, 20.0, 2.0]}}
    assert ratio(rounds, ("a", "x"), ("b", "x")) == 0.5
    assert ratio(rounds, ("a", "x"), ("b", "y")) is None


def test_the_spread_is_the_farthest_round():
    """As a share of the median."""
    assert spread([9.0, 10.0, 12.0]) == 0.2
    assert spread([0.0, 0.0]) == 0.0


@pytest.mark.parametrize(
    ("value", "kind", "unit", "text"),
    [
        (0.25, "cpu", "s", "0.25 s"),
        (0.0123, "cost", "s", "12.3 ms"),
        (0.0000123, "cost", "s", "12.3 µs"),
        (1_234_567, "cost", "instructions", "1,235 k"),
        (0.5, "cpu", "instructions", "0.50 s"),
        (3 << 20, "memory", "s", "3.0 MiB"),
        (0.0061, "share", "s", "0.61%"),
    ],
)
def test_a_figure_is_written_with_its_unit(value, kind, unit, text):
    """Nobody guesses what a number is."""
    assert written(value, Figure("", kind), unit) == text


def test_a_criterion_is_kept_not_kept_or_not_measured():
    """What was not measured is not kept by silence."""
    rounds = {"polargrid": {"chat_sync": [1.0], "construct": [1.0]}, "openai": {"chat_sync": [10.0]}}
    found = {verdict.criterion: verdict.kept for verdict in verdicts(rounds)}
    assert found["chat, over openai, sync"] is True
    assert found["one client more"] is False
    assert found["chat, over openai, async"] is None


def test_every_criterion_is_about_a_figure_and_a_contender_that_there_are():
    """A name that nobody has would never be measured."""
    names = {who.name for who in contenders()}
    assert {criterion.who for criterion in CRITERIA} | {c.than for c in CRITERIA if c.than} <= names
    assert {criterion.figure for criterion in CRITERIA} | {c.over for c in CRITERIA if c.over} <= FIGURES.keys()


def test_every_contender_is_pinned():
    """By exact versions, with hashes, for any index."""
    for who in contenders():
        if who.requires and not who.ours:
            text = (PINNED / f"{who.module}.txt").read_text(encoding="utf-8")
            assert who.requires[0].partition("[")[0].partition("=")[0] in text
            assert "--hash=sha256:" in text
            assert "://" not in text


def test_the_pages_have_the_figures():
    """The text, the page and the README's table are all of the same numbers."""
    results = told()
    assert "2.1 ms ±5% · 10x" in page.text(results)
    assert "| openai | 2.1 ms ±5% · 10x |" in page.docs(results)
    readme = page.with_table("a\n<!-- bench -->\nold\n<!-- /bench -->\nb\n", results)
    assert readme.startswith("a\n<!-- bench -->\n\n| SDK |")
    assert f"| openai | 2.1 ms · 10x |\n\n{results['date']}, " in readme
    assert readme.endswith("\n<!-- /bench -->\nb\n")
    with pytest.raises(ValueError, match="bench"):
        page.with_table("no markers", results)


def test_the_server_gives_the_floor_what_it_asks_for(tmp_path):
    """Every kind of answer, on a socket and on an event loop, one after another on one connection."""
    audio = tmp_path / "audio.wav"
    audio.write_bytes(bytes(200_000))

    def blocking(url):
        with floor.client(url) as client:
            return (
                floor.chat(client),
                sum(1 for text in floor.stream(client, "stream-2000") if text),
                len(floor.speech(client, work.SMALL_SPEECH)),
                floor.upload(client, audio),
                floor.chat(client),
            )

    async def evented(url):
        async with floor.async_client(url) as client:
            return (
                await floor.async_chat(client),
                sum([1 async for text in floor.async_stream(client, "stream-2000") if text]),
                len(await floor.async_speech(client, work.SMALL_SPEECH)),
                await floor.async_upload(client, audio),
                await floor.async_chat(client),
            )

    async def both():
        async with server(Cores([], [])) as url:
            return await asyncio.to_thread(blocking, url), await evented(url)

    first, second = asyncio.run(both())
    assert first == second
    assert first[1:3] == (1999, 1 << 20)
