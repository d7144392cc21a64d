"""The checks of time, near and far: a right server passes at any distance, and each fault is found at any distance."""

from __future__ import annotations

import math
from functools import partial

import pytest

from polargrid_contract.checks.stream_timing import find_stall, is_late
from polargrid_contract.results import Outcome
from tests.contract import made_speech
from tests.contract.changes import names_in, run, run_one
from tests.contract.recorded_edge import Chunk, build_response, chunks_of
from tests.contract.test_lifecycle_checks import MadeServer
from tests.contract.timed_server import TimedServer, put_network_before

# Seconds of constant and of random delay.
NETWORKS = [(0.0, 0.0), (0.3, 0.03), (0.9, 0.09), (2.0, 0.2)]
BAD_NETWORKS = [(0.3, 0.3), (0.9, 0.9), (0.0, 2.0), (2.0, 2.0), (2.0, 0.5)]
STREAM_CHECKS = names_in("stream_timing")
CANCELLATION_CHECKS = names_in("cancellation")


def run_checks(server: TimedServer, names: list[str], network: tuple[float, float], seed: int = 1) -> list[Outcome]:
    send = put_network_before(server.send, *network, seed)
    return run(send, names, clock=server.clock, models={"chat": "gpt-mini"})


def buffer(times: list[float]) -> list[float]:
    """Everything at the end."""
    return [times[-1]] * len(times)


def replay(times: list[float]) -> list[float]:
    """The generated text, word by word, as if it was generated now."""
    return [times[-1] + 0.2 * seconds for seconds in times]


def hold_back(times: list[float]) -> list[float]:
    """The first half, when it is complete."""
    return [max(seconds, times[len(times) // 2]) for seconds in times]


def send_in_bursts(times: list[float]) -> list[float]:
    """Each half, when it is complete."""
    middle = times[len(times) // 2]
    return [middle if seconds <= middle else times[-1] for seconds in times]


def stall(times: list[float]) -> list[float]:
    """Nothing for the middle of the generation, which goes on; then what was missed, and the rest in time."""
    begin, end = times[-1] * 0.25, times[-1] * 0.75
    return [end if begin < seconds < end else seconds for seconds in times]


def hesitate(times: list[float]) -> list[float]:
    """A machine that is busy with something else for a tenth of the generation, and in batches of four tokens."""
    times = [times[min(len(times) - 1, position | 3)] for position in range(len(times))]
    return [seconds + (0.1 * times[-1] if seconds > times[-1] / 2 else 0) for seconds in times]


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("schedule", [list, hesitate])
def test_a_stream_in_time_passes(network, schedule):
    """At any distance, also if the machine hesitates."""
    outcomes = run_checks(TimedServer(schedule=schedule), STREAM_CHECKS, network)
    assert {outcome.check: (outcome.status, outcome.violations) for outcome in outcomes} == dict.fromkeys(
        STREAM_CHECKS, ("passed", ())
    )


@pytest.mark.parametrize("network", BAD_NETWORKS)
@pytest.mark.parametrize("tokens_per_second", [40.0, 160.0, 400.0])
@pytest.mark.parametrize("seed", range(4))
def test_a_stream_over_a_bad_network_passes(network, tokens_per_second, seed):
    """Where the random delay exceeds the generation, times prove nothing."""
    server = TimedServer(tokens_per_second=tokens_per_second)
    assert not [it.violations for it in run_checks(server, STREAM_CHECKS, network, seed) if it.violations]


def test_times_that_chance_explains_are_not_judged():
    """Of a fault that a distance hides; the reason says how much equal responses vary, and what takes how long."""
    server = TimedServer(tokens_per_second=160, schedule=hold_back)
    outcomes = [run_checks(server, ["stream-first-chunk"], (2.0, 0.5), seed)[0] for seed in range(20)]
    notes = [it.note for it in outcomes if it.status == "skipped"]
    assert any(note.startswith("equal responses vary by 0.") for note in notes)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize(
    ("schedule", "name"),
    [
        (buffer, "stream-incremental"),
        (replay, "stream-first-chunk"),
        (hold_back, "stream-first-chunk"),
        (stall, "stream-steady"),
    ],
)
def test_a_stream_out_of_time_fails_one_check(network, schedule, name):
    """Each fault is one violation for each operation, at any distance."""
    outcomes = run_checks(TimedServer(tokens_per_second=20, schedule=schedule), STREAM_CHECKS, network)
    assert {it.check: {violation.operation for violation in it.violations} for it in outcomes if it.violations} == {
        name: {"chat_completion", "completion"}
    }


def test_a_stream_in_two_bursts_fails_both_checks():
    """It starts late, and stands still."""
    outcomes = run_checks(TimedServer(schedule=send_in_bursts), STREAM_CHECKS, (0.9, 0.09))
    assert [it.check for it in outcomes if it.violations] == ["stream-first-chunk", "stream-steady"]


@pytest.mark.parametrize("network", [*NETWORKS, *BAD_NETWORKS])
@pytest.mark.parametrize("slots", [1, 4])
def test_a_slot_that_is_freed_passes(network, slots):
    """The next client does not wait for texts that nobody reads."""
    outcomes = run_checks(TimedServer(slots=slots), CANCELLATION_CHECKS, network)
    assert {outcome.status for outcome in outcomes} == {"passed"}, [outcome.violations for outcome in outcomes]


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("slots", [1, 4])
@pytest.mark.parametrize(
    ("kind", "name"), [("stream", "stream-cancelled-on-disconnect"), ("plain", "plain-cancelled-on-disconnect")]
)
def test_a_slot_that_is_not_freed_fails_its_check(network, slots, kind, name):
    """A text of 2048 tokens takes 51 s, and occupies a slot although its client left."""
    (outcome,) = run_checks(TimedServer(slots=slots, ignores_leaving_of=(kind,)), [name], network)
    assert outcome.violations


def test_a_busy_server_fails_after_clients_left():
    """A status of 429 instead of waiting is a slot that is not freed as well."""
    server = TimedServer()
    left = iter(range(3))

    def send(request):
        response = server.send(request)
        if b'"max_tokens": 2048' in request.content and next(left, None) is None:
            return build_response(429, [("content-type", "application/json")], [Chunk(0.0, b'{"error": {}}')])
        return response

    outcome = run_one(send, CANCELLATION_CHECKS[0], clock=server.clock, models={"chat": "gpt-mini"})
    assert outcome.violations


def test_texts_in_no_time_occupy_no_slot():
    """There is nothing to measure."""
    outcomes = run_checks(TimedServer(tokens_per_second=1e6), CANCELLATION_CHECKS, (0.0, 0.0))
    assert {outcome.status for outcome in outcomes} == {"skipped"}


# Speech and health


def speak_at_once(request):
    """Send all of a stream when its last byte is generated."""
    response = made_speech.send(request)
    chunks = [Chunk(chunks_of(response)[-1].seconds, chunk.data) for chunk in chunks_of(response)]
    return build_response(response.status_code, response.headers.multi_items(), chunks)


@pytest.mark.parametrize("network", [*NETWORKS, *BAD_NETWORKS])
@pytest.mark.parametrize("seed", range(4))
def test_speech_over_time_passes(network, seed):
    """Whether its first half comes first is seen at any distance, or not judged."""
    outcome = run_one(put_network_before(made_speech.send, *network, seed), "speech-stream-incremental", models={})
    assert outcome.status == ("passed" if network in NETWORKS else outcome.status)
    assert outcome.status in ("passed", "skipped"), outcome.violations


@pytest.mark.parametrize("network", NETWORKS)
def test_a_constant_time_before_speech_is_no_generation(network):
    """A queue before a model that is fast: the response is late, and complete at once."""

    def speak_late(request):
        response = made_speech.send(request)
        chunks = [Chunk(1.0, chunk.data) for chunk in chunks_of(response)]
        return build_response(response.status_code, response.headers.multi_items(), chunks)

    outcome = run_one(put_network_before(speak_late, *network), "speech-stream-incremental", models={})
    assert outcome.status == "skipped"


@pytest.mark.parametrize("network", NETWORKS)
def test_speech_at_once_fails_its_check(network):
    """At any distance."""
    assert run_one(put_network_before(speak_at_once, *network), "speech-stream-incremental", models={}).violations


def transcribe_in_windows(request, *, is_buffered=False):
    """Take a second for each half minute of a recording."""
    response = made_speech.send(request)
    if "/audio/transcriptions" not in request.url.path:
        return response
    last = math.ceil(len(request.content) / (2 * 24_000 * 30))
    parts = [part + b"\n\n" for part in response.content.split(b"\n\n") if part]
    times = [last if is_buffered else min(number, last) for number in range(1, len(parts))]
    chunks = [Chunk(float(seconds), part) for seconds, part in zip([*times, last], parts, strict=True)]
    return build_response(response.status_code, response.headers.multi_items(), chunks)


@pytest.mark.parametrize("network", [*NETWORKS, *BAD_NETWORKS])
@pytest.mark.parametrize("seed", range(2))
def test_a_transcript_over_time_passes(network, seed):
    """Whether its first window comes first is seen at any distance, or not judged."""
    send = put_network_before(transcribe_in_windows, *network, seed)
    outcome = run_one(send, "transcript-stream-incremental", models={})
    assert outcome.status == ("passed" if network in NETWORKS else outcome.status)
    assert outcome.status in ("passed", "skipped"), outcome.violations


@pytest.mark.parametrize("network", NETWORKS)
def test_a_transcript_at_once_fails_its_check(network):
    """At any distance."""
    send = put_network_before(partial(transcribe_in_windows, is_buffered=True), *network)
    assert run_one(send, "transcript-stream-incremental", models={}).violations


@pytest.mark.parametrize("network", [*NETWORKS, *BAD_NETWORKS])
def test_health_is_as_fast_as_the_network(network):
    """The delay is not that of the server; three seconds more are."""

    def send_late(request):
        response = MadeServer().send(request)
        late = 3.0 if request.url.path == "/health" else 0.0
        return build_response(200, response.headers.multi_items(), [Chunk(late, response.content)])

    near, late = (put_network_before(send, *network) for send in (MadeServer().send, send_late))
    assert run_one(near, "health-is-fast").status == "passed"
    if network in NETWORKS:
        assert run_one(late, "health-is-fast").violations


@pytest.mark.parametrize("network", [*NETWORKS, *BAD_NETWORKS])
@pytest.mark.parametrize("seed", range(4))
def test_a_health_beside_a_text_passes(network, seed):
    """However far the server is."""
    (outcome,) = run_checks(TimedServer(), ["health-while-generating"], network, seed)
    assert outcome.status == "passed", (outcome.note, outcome.violations)


@pytest.mark.parametrize("network", NETWORKS)
def test_a_health_behind_a_text_fails_its_check(network):
    """It waits for the end of a text that takes 51 s."""
    (outcome,) = run_checks(TimedServer(health_waits=True), ["health-while-generating"], network)
    assert outcome.violations


def test_a_short_text_keeps_no_health_waiting():
    """Then there is nothing to judge, with a reason."""
    (outcome,) = run_checks(TimedServer(tokens_per_second=2000, health_waits=True), ["health-while-generating"], (0, 0))
    assert (outcome.status, outcome.note) == (
        "skipped",
        "texts that are generated in under 2 s keep no client waiting",
    )


# The rules


def test_a_first_chunk_is_late_by_the_generation():
    """Not by the delay, nor by the time until the first token."""
    assert is_late(first=2.95, first_token_seconds=2.0, generation_seconds=1.0)
    assert not is_late(first=2.1, first_token_seconds=2.0, generation_seconds=1.0)
    assert not is_late(first=2.1, first_token_seconds=2.0, generation_seconds=0.1)


@pytest.mark.parametrize(
    ("times", "gap"),
    [
        ([0.1 * n for n in range(20)], 0.0),
        ([0.1 * n for n in range(10)] + [1.9 + 0.001 * n for n in range(10)], 1.0),
        ([0.5 * (n // 5) for n in range(20)], 0.0),
        ([0.0, 2.0], 0.0),
    ],
    ids=["even", "stall", "batches", "few"],
)
def test_a_stall_is_one_long_gap(times, gap):
    """Batches of equal size and few chunks are none."""
    assert find_stall(times, 2.0) == pytest.approx(gap)
