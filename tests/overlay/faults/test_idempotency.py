"""Retries at an edge that honours idempotency keys: a response is lost, and the call is processed once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from polargrid_edge.media.audio import encode
from polargrid_testing.steps import ReceiveRequest, Send, Step
from tests.edge.scripted import ScriptedEdge, ScriptedSpeech, run_scripted_edge
from tests.overlay.conftest import KEY
from tests.overlay.faults.registry import fault
from tests.overlay.faults.scripts import CHAT, Script, close, reset, response

WAV = b"".join(encode(ScriptedSpeech().speak(".", "alloy", 1.0), 24_000, "wav"))
CALLS = {
    "chat": lambda client: client.chat_completion({**CHAT, "max_tokens": 2}).choices[0].message.content,
    "stream": lambda client: [chunk.choices for chunk in client.chat_completion_stream({**CHAT, "max_tokens": 2})][1:],
    "upload": lambda client: client.transcribe(("talk.wav", WAV), {"model": "whisper-1"}).text,
}


@pytest.fixture(scope="module")
def edge() -> Iterator[ScriptedEdge]:
    """A local edge with scripted backends."""
    with run_scripted_edge(keys=frozenset({KEY})) as started:
        yield started


def relay(url: str, end: Script | None = None) -> Script:
    """Pass one request on to an edge, and its response to the client; with `end`, end the connection instead."""

    def script() -> Iterator[Step]:
        request = yield ReceiveRequest()
        method, path, _ = request.line.split()
        headers = {name: value for name, value in request.headers.items() if name not in ("host", "transfer-encoding")}
        relayed = httpx.request(method, url + path, headers=headers, content=request.body, trust_env=False)
        if end is not None:
            yield from end()
            return
        replayed = f"idempotency-replayed: {relayed.headers.get('idempotency-replayed', 'false')}"
        yield Send(response(relayed.content, replayed, media_type=relayed.headers["content-type"]))

    return script


@pytest.mark.parametrize("end", [reset, close])
@pytest.mark.parametrize("call", CALLS)
@fault(
    "retry",
    "The local edge processes the call, and its response is lost",
    result="the response of the first attempt; the model ran once",
    line='fake.fault("empty-response")',
)
def test_lost_response(connect_to, edge, call, end):
    metas: list[Any] = []
    client = connect_to(relay(edge.url, end), relay(edge.url), max_retries=1, on_meta=metas.append, api_key=KEY)
    before = len(edge.text.prompts), len(edge.transcription.calls)
    assert CALLS[call](client)
    assert (metas[0].attempts, metas[0].headers["idempotency-replayed"]) == (2, "true")
    after = len(edge.text.prompts), len(edge.transcription.calls)
    assert sum(after) - sum(before) == 1
