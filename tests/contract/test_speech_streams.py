"""Streamed speech: a correct server passes, a seeded fault fails a check."""

from __future__ import annotations

import json

import httpx
import pytest

from tests.contract import made_speech
from tests.contract.changes import Change, Send, copy_response, failures, find_violations, names_in, run
from tests.contract.test_audio_checks import only

NAMES = [*names_in("speech_streams"), "speech-speed-streamed"]


def test_a_correct_server_passes():
    """Every check passes."""
    outcomes = run(made_speech.send, NAMES, models={})
    assert failures(outcomes) == []
    assert {outcome.status for outcome in outcomes} == {"passed"}


def declare_mp3(request: httpx.Request, send: Send) -> httpx.Response:
    response = send(request)
    return copy_response(response, content_type="audio/mpeg") if b'"stream": true' in request.content else response


def ignore_streamed_speed(request: httpx.Request, send: Send) -> httpx.Response:
    body = json.loads(request.content) if request.url.path.endswith("/speech") else {}
    if not body.get("stream"):
        return send(request)
    return send(httpx.Request(request.method, request.url, json={**body, "speed": 1}))


FAULTS = [
    ("speech-stream-formats", declare_mp3),
    ("speech-stream-formats", only("mp3", lambda body: body[: len(body) // 50], stream=True)),
    ("speech-stream-formats", only("wav", lambda body: body[44:], stream=True)),
    ("speech-stream-formats", only("pcm", lambda body: bytes(len(body)), stream=True)),
    ("speech-speed-streamed", ignore_streamed_speed),
]


@pytest.mark.parametrize(("name", "change"), FAULTS)
def test_a_fault_fails_its_check(name: str, change: Change):
    """Each fault is reported by the check of its rule."""
    assert find_violations(made_speech.send, name, change)


def test_every_check_has_a_fault():
    """No check passes for every server."""
    assert {name for name, _ in FAULTS} == set(NAMES)
