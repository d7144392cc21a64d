"""The bench's arithmetic and pages, and each contender function of the floor against the bench's server."""

from __future__ import annotations

import asyncio
import re
from types import ModuleType

import pytest

from qa.benchmarks import report, responses, workload
from qa.benchmarks.bench import select
from qa.benchmarks.contenders import floor, httpx_transport
from qa.benchmarks.criteria import CRITERIA, check_criteria
from qa.benchmarks.environments import REQUIREMENTS
from qa.benchmarks.figures import FIGURES, Figure, format_value, ratio, spread
from qa.benchmarks.meter import CostMeter
from qa.benchmarks.process import Cores, run_server
from qa.benchmarks.registry import Bench, Task
from qa.benchmarks.results import Results
from qa.benchmarks.roster import load_contenders
from qa.benchmarks.tasks import TASKS


def build_results(*, complete=True):
    """The results of a bench with two contenders."""
    results = Results(pinned=True)
    for contender, cost in (("polargrid", 2e-4), ("openai", 2e-3)):
        results.add_contender(contender, "1.0", "s")
        results.add_figures(contender, {"chat_sync": cost, "import": cost})
        results.add_figures(contender, {"chat_sync": cost * 1.1})
    results.add_error("openai", "chat_async", "TypeError: no")
    return results.as_json(rounds=2, seconds=0.1, complete=complete)


@pytest.fixture(scope="module")
def bench_server():
    """The URL of the bench's server, and the event loop of its process."""
    with asyncio.Runner() as runner:
        server = run_server(Cores([], []))
        yield runner.run(server.__aenter__()), runner
        runner.run(server.__aexit__(None, None, None))


def test_ratio_is_the_median_of_the_rounds():
    """A round in which everything was slow does not change it."""
    rounds = {"a": {"x": [1.0, 10.0, 1.0]}, "b": {"x": [2.0, 20.0, 2.0]}}
    assert ratio(rounds, ("a", "x"), ("b", "x")) == 0.5


def test_ratio_combines_its_baselines():
    """By their sum, or by the smallest of them."""
    rounds = {"a": {"x": [6.0]}, "b": {"x": [1.0], "y": [2.0]}}
    assert ratio(rounds, ("a", "x"), ("b", "x"), ("b", "y")) == 2.0
    assert ratio(rounds, ("a", "x"), ("b", "x"), ("b", "y"), combine=min) == 6.0


def test_ratio_needs_all_its_figures():
    """A baseline that was not measured gives no ratio."""
    rounds = {"a": {"x": [6.0]}, "b": {"x": [1.0]}}
    assert ratio(rounds, ("a", "x"), ("b", "x"), ("b", "y")) is None


def test_spread_is_the_largest_distance_from_the_median():
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
def test_figures_have_units(value, kind, unit, text):
    """The unit depends on the kind of the figure and on its size."""
    assert format_value(value, Figure("", kind), unit) == text


def test_criteria_pass_fail_or_are_not_measured():
    """A criterion without figures does not pass."""
    peers = {name: {"chat_sync": [10.0]} for name in ("openai", "groq", "ollama", "polargrid-sdk")}
    rounds = {**peers, "polargrid": {"chat_sync": [1.0], "construct": [1.0]}}
    passed = {verdict.criterion: verdict.passed for verdict in check_criteria(rounds)}
    assert passed["chat, sync: to the cheapest peer"] is True
    assert passed["another client"] is False
    assert passed["chat, async: to the cheapest peer"] is None


def test_one_cheaper_peer_fails_the_criterion():
    """The default is compared with the cheapest of them."""
    rounds = {name: {"chat_sync": [10.0]} for name in ("polargrid", "openai", "groq", "polargrid-sdk")}
    rounds["ollama"] = {"chat_sync": [9.0]}
    verdict = next(verdict for verdict in check_criteria(rounds) if verdict.criterion.startswith("chat, sync"))
    assert (verdict.measured, verdict.passed) == ("1.11x", False)


def test_criteria_have_existing_contenders_and_figures():
    """An unknown name would never be measured."""
    names = {contender.name for contender in load_contenders()}
    keys = {(criterion.contender, criterion.figure) for criterion in CRITERIA}
    keys |= {key for criterion in CRITERIA for key in criterion.baselines}
    assert {contender for contender, _ in keys} <= names
    assert {figure for _, figure in keys} <= FIGURES.keys()


def test_titles_of_criteria_are_unique():
    """A reader sees which one failed."""
    assert len({criterion.title for criterion in CRITERIA}) == len(CRITERIA)


def test_transports_of_the_sdk_are_contenders():
    """The default is the first row."""
    own = [contender.name for contender in load_contenders() if contender.is_own]
    assert own == ["polargrid", "polargrid on fast", "polargrid on httpx2"]


@pytest.mark.parametrize("contender", load_contenders(), ids=lambda contender: contender.module)
def test_contenders_are_pinned(contender):
    """By exact versions, with hashes, for any index."""
    if contender.requires and not contender.is_own:
        text = (REQUIREMENTS / f"{contender.module}.txt").read_text(encoding="utf-8")
        for requirement in contender.requires:
            package, _, version = requirement.partition("==")
            assert f"\n{package.partition('[')[0]}=={version} " in f"\n{text}"
        assert "--hash=sha256:" in text
        assert "://" not in text


def test_names_select_contenders_and_tasks():
    """The beginning of a task's name selects it."""
    contenders, tasks = select(["floor", "chat_"])
    assert [contender.name for contender in contenders] == ["floor"]
    assert tasks == ["chat_sync", "chat_async", "chat_64", "chat_256"]


def test_unknown_name_is_rejected():
    """The message lists the names."""
    with pytest.raises(SystemExit, match="unknown name 'no-such-name'; expected one of: polargrid, "):
        select(["no-such-name"])


def test_pages_have_the_figures():
    """The text, the page and the README's table show the same numbers."""
    results = build_results()
    assert "2.1 ms ±5% · 10x" in report.render_text(results)
    assert "| openai | 2.1 ms ±5% · 10x |" in report.render_docs(results)
    readme = report.replace_readme_table("a\n<!-- bench -->\nold\n<!-- /bench -->\nb\n", results)
    assert readme.startswith("a\n<!-- bench -->\n\n| SDK |")
    assert "| openai | 2.1 ms · 10x |\n\n`polargrid` is this SDK" in readme
    assert f"\n{results['date']}, " in readme
    assert readme.endswith("\n<!-- /bench -->\nb\n")


def test_readme_has_few_rows():
    """Those that a reader compares; the others are in the page."""
    results = build_results()
    results["versions"]["groq"] = "1.0"
    results["figures"]["chat_sync"]["groq"] = results["figures"]["chat_sync"]["openai"]
    assert "| groq |" in report.render_docs(results)
    readme = report.replace_readme_table("<!-- bench -->\n<!-- /bench -->", results)
    assert re.findall(r"^\| ([a-z]\S*) \|", readme, flags=re.MULTILINE) == ["polargrid", "openai"]


def test_readme_needs_the_markers():
    """Without them, nothing is written."""
    with pytest.raises(ValueError, match="0 times; expected once"):
        report.replace_readme_table("no markers", build_results())


def test_server_responds_to_every_request_of_the_floor(bench_server, tmp_path):
    """Sync and async have the same responses, one after another on one connection."""
    url, runner = bench_server
    audio = tmp_path / "audio.wav"
    audio.write_bytes(bytes(200_000))

    def run_sync():
        with floor.client(url) as client:
            return (
                floor.chat(client),
                sum(1 for text in floor.stream(client, "stream-2000") if text),
                len(floor.speech(client, workload.SMALL_SPEECH)),
                floor.upload(client, audio),
                floor.chat(client),
            )

    async def run_async():
        async with floor.async_client(url) as client:
            return (
                await floor.async_chat(client),
                sum([1 async for text in floor.async_stream(client, "stream-2000") if text]),
                len(await floor.async_speech(client, workload.SMALL_SPEECH)),
                await floor.async_upload(client, audio),
                await floor.async_chat(client),
            )

    results = run_sync()
    assert results == runner.run(run_async())
    assert results[1:3] == (1999, 1 << 20)


def test_bare_transport_receives_the_bytes_of_a_stream(bench_server):
    """The size of the body is known, so that an incomplete stream is an error."""
    url, runner = bench_server
    with httpx_transport.client(url) as client:
        sync_size = sum(map(len, httpx_transport.receive(client, "stream-50")))

    async def receive():
        async with httpx_transport.async_client(url) as client:
            return sum([len(data) async for data in httpx_transport.async_receive(client, "stream-50")])

    assert sync_size == runner.run(receive()) == responses.body_size("stream-50")


def test_chat_of_the_floor_has_a_cost(bench_server, tmp_path):
    """A task returns its figure; one call is enough."""
    bench = Bench(floor, bench_server[0], CostMeter(0.0, "calls", iter(range(10)).__next__), tmp_path, quick=True)
    assert TASKS["chat_sync"].run(bench) == {"chat_sync": 1.0}


def test_tasks_need_the_functions_of_a_contender():
    """A contender without them is left out."""
    contender = ModuleType("contender")
    contender.client = contender.chat = None
    assert Task(lambda _: {}, ("client", "chat")).is_supported(contender)
    assert not Task(lambda _: {}, ("client", "speech")).is_supported(contender)
