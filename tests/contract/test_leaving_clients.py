"""Clients that leave: a right server passes, also with one slot; one that others suffer from fails."""

from __future__ import annotations

from contextlib import closing

import pytest

from polargrid_contract.behaviour import run_checks
from polargrid_contract.checks import all_checks
from polargrid_contract.client import ServerClient, TargetServer
from polargrid_contract.clock import SystemClock
from polargrid_contract.results import Outcome
from tests.contract.recorded_edge import KEY
from tests.contract.streaming_server import Leaving, StreamingServer


class EagerClock(SystemClock):
    """The server of these tests says when it is done, so there is no time to wait for."""

    def sleep(self, seconds: float) -> None:
        """Return at once."""


STREAMS = "streams-outlast-other-clients"


def run_check(name: str, server: StreamingServer, *operations: str) -> Outcome:
    with server.run() as url:
        target = TargetServer(url, KEY, profile="openai", models={"chat": "gpt-mini"})
        with closing(ServerClient(target, only=operations, clock=EagerClock())) as client:
            (outcome,) = run_checks(client, [check for check in all_checks() if check.name == name])
    return outcome


@pytest.mark.parametrize("slots", [1, 4])
def test_a_stream_that_goes_on_passes(slots: int):
    """A client that waits for the only slot may leave as well."""
    server = StreamingServer(slots=slots)
    outcome = run_check(STREAMS, server)
    assert (outcome.status, outcome.violations) == ("passed", ())
    assert set(server.left) == {"stream", "plain", "request"}


@pytest.mark.parametrize("as_if_complete", [False, True])
@pytest.mark.parametrize("leaving", ["stream", "plain", "request"])
def test_a_stream_that_ends_when_another_client_leaves_fails(leaving: Leaving, *, as_if_complete: bool):
    """Whichever way the client leaves, and whether the stream breaks off or ends with all that ends a text."""
    server = StreamingServer(ends_streams_on=leaving, as_if_complete=as_if_complete)
    outcome = run_check(STREAMS, server, "chat_completion", "create_embedding")
    assert outcome.status == "failed"
    assert {it.operation for it in outcome.violations} == {"chat_completion"}


def test_a_text_that_is_over_at_once_is_not_judged():
    """Nothing was seen of what clients do to each other, so it is no pass."""
    outcome = run_check(STREAMS, StreamingServer(tokens=3), "chat_completion")
    assert outcome.status == "skipped"
    assert "over too early" in outcome.note


ABANDONED = "abandoned-response-discarded"


def test_a_response_that_is_thrown_away_passes():
    """Whatever others left, each gets its own."""
    outcome = run_check(ABANDONED, StreamingServer(), "chat_completion", "completion")
    assert (outcome.status, outcome.violations) == ("passed", ())


@pytest.mark.parametrize(
    ("operation", "path"), [("chat_completion", "/v1/chat/completions"), ("completion", "/v1/completions")]
)
def test_a_response_that_goes_to_the_next_client_fails(operation: str, path: str):
    """The next one gets the long text that another one did not wait for."""
    outcome = run_check(ABANDONED, StreamingServer(delivers_abandoned=path), operation)
    assert [it.operation for it in outcome.violations] == [operation]


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        ("create_embedding", "/v1/embeddings"),
        ("text_to_speech", "/v1/audio/speech"),
        ("transcribe", "/v1/audio/transcriptions"),
    ],
)
@pytest.mark.parametrize("delivers", [False, True])
def test_vectors_speech_and_transcripts_are_their_own(operation: str, path: str, *, delivers: bool):
    """The server takes longer for a long request than its client waits."""
    server = StreamingServer(delivers_abandoned=path if delivers else "", waits_for_leaving_at=path)
    outcome = run_check(ABANDONED, server, operation)
    assert outcome.status == ("failed" if delivers else "passed"), outcome.note
