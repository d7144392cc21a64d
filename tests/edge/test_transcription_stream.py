"""Transcripts as a stream of events, and words with their times."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import httpx
import pytest

from polargrid_edge.backends.transcription import LazyTranscript, Word
from polargrid_edge.services.transcription import is_complete, iter_events
from tests.edge.scripted import HEADERS, SEGMENT, ScriptedEdge, run_scripted_edge, wait_until
from tests.edge.test_app import FORM, TONE, is_valid, read_error, read_events

PATH = "/v1/audio/transcriptions"
STREAM: dict[str, Any] = {"params": {"stream": "true"}, "data": FORM, "files": {"file": ("a.wav", TONE)}}
GRANULARITIES = "timestamp_granularities[]"


def segment(text: str) -> Any:
    return replace(SEGMENT, text=text)


@pytest.fixture
def segments(fake_edge: ScriptedEdge) -> Any:
    """The segments of the scripted model, for one test."""
    fake_edge.transcription.segments = [segment(" Hello,"), segment(" edge. ")]
    yield fake_edge.transcription.segments
    fake_edge.transcription.segments = [SEGMENT]


def read(response: httpx.Response) -> list[dict[str, Any]]:
    events = [json.loads(event) for event in read_events(response)]
    for event in events:
        if event["type"] != "error":
            assert is_valid("TranscriptionStreamEvent", event)
    return events


# Events


@pytest.mark.parametrize(
    ("texts", "deltas"),
    [
        ([" Hello,", " edge."], ["Hello,", " edge."]),
        ([" One. ", " Two. "], ["One.", "  Two."]),
        ([" ", " One."], ["One."]),
        ([" One.", " "], ["One."]),
        ([" 你好", "。"], ["你好", "。"]),
        ([], []),
    ],
)
def test_the_deltas_are_the_text(texts: list[str], deltas: list[str]) -> None:
    """Without white space at the ends."""
    events = list(iter_events(LazyTranscript("en", 1.5, iter([segment(text) for text in texts]))))
    assert [event["delta"] for event in events[:-1]] == deltas
    assert events[-1] == {
        "type": "transcript.text.done",
        "text": "".join(deltas),
        "duration": 1.5,
        "language": "en",
    }
    assert events[-1]["text"] == "".join(texts).strip()


def test_a_complete_stream_ends_with_the_text() -> None:
    """An error is another end, also if a text looks like the last event."""
    done = b'data: {"type":"transcript.text.done","text":""}\n\n'
    delta = b'data: {"type":"transcript.text.delta","delta":"data: {\\"type\\":\\"transcript.text.done\\""}\n\n'
    assert is_complete(delta + done)
    assert is_complete(done)
    assert not is_complete(delta)
    assert not is_complete(delta + b'data: {"type":"error","error":"x"}\n\n')


# The operation


@pytest.mark.usefixtures("segments")
def test_a_stream_has_the_text_of_each_segment(fake_client: httpx.Client) -> None:
    """And at the end all of it."""
    response = fake_client.post(PATH, **STREAM)
    events = read(response)
    assert [event.get("delta") for event in events] == ["Hello,", " edge.", None]
    assert events[-1]["text"] == "Hello, edge."
    assert response.headers["cache-control"] == "no-cache"


@pytest.mark.usefixtures("segments")
@pytest.mark.parametrize("value", ["true", "True", "1"])
def test_openai_s_clients_ask_in_the_form(fake_client: httpx.Client, value: str) -> None:
    """The field `stream` of the form has the same effect."""
    response = fake_client.post(PATH, data=FORM | {"stream": value}, files=STREAM["files"])
    assert read(response)[-1]["type"] == "transcript.text.done"


@pytest.mark.parametrize("fields", [{}, {"stream": "false"}])
def test_a_form_without_a_flag_is_a_transcript(fake_client: httpx.Client, fields: dict[str, str]) -> None:
    """As OpenAI's clients expect, with any flag of the query that is off."""
    for query in ({}, {"sync": "true"}, {"stream": "false"}):
        response = fake_client.post(PATH, params=query, data=FORM | fields, files=STREAM["files"])
        assert is_valid("TranscriptionResponse", response.json())


@pytest.mark.usefixtures("segments")
def test_a_segment_is_sent_before_the_next_is_computed(fake_edge: ScriptedEdge, fake_client: httpx.Client) -> None:
    """Whisper computes a segment when it is read."""
    fake_edge.transcription.hold()
    with fake_client.stream("POST", PATH, **STREAM) as response:
        chunks = response.iter_raw()
        first = next(chunks)
        assert first.count(b"data: ") == 1
        fake_edge.transcription.released.set()
        assert b"transcript.text.done" in b"".join(chunks)


@pytest.mark.usefixtures("segments")
def test_a_disconnect_ends_the_work(fake_edge: ScriptedEdge, fake_client: httpx.Client) -> None:
    """The next segment is not computed."""
    fake_edge.transcription.hold()
    with fake_client.stream("POST", PATH, **STREAM) as response:
        next(response.iter_raw())
    assert fake_edge.transcription.cancelled.acquire(timeout=60)
    wait_until(fake_edge.is_idle)
    fake_edge.transcription.released.set()


def test_silence_has_only_the_end(fake_client: httpx.Client, segments: list[Any]) -> None:
    """Its text is empty."""
    segments.clear()
    (event,) = read(fake_client.post(PATH, **STREAM))
    assert (event["type"], event["text"]) == ("transcript.text.done", "")


@pytest.mark.parametrize(
    ("changes", "status", "param"),
    [
        ({"files": {"file": ("a.wav", b"noise")}}, 400, "file"),
        ({"data": FORM | {"language": "xx"}}, 400, "language"),
        ({"data": FORM | {"temperature": "warm"}}, 400, "temperature"),
        ({"data": {"model": "tts-1"}}, 404, "model"),
    ],
)
def test_an_invalid_request_has_a_status(
    fake_client: httpx.Client, changes: dict[str, Any], status: int, param: str
) -> None:
    """Nothing is sent before it is known to be valid."""
    assert read_error(fake_client.post(PATH, **STREAM | changes), status)["param"] == param


def test_a_failure_is_the_last_event(fake_client: httpx.Client, segments: list[Any]) -> None:
    """Its message is a text, as the live API sends it."""
    segments[1] = RuntimeError("no memory")
    events = read(fake_client.post(PATH, **STREAM))
    assert [event["type"] for event in events] == ["transcript.text.delta", "error"]
    assert events[-1]["error"].startswith("Internal error of the edge")
    assert events[-1]["code"] == "internal_error"


def test_a_stopping_edge_ends_the_stream_with_an_error() -> None:
    """It is an event."""
    with run_scripted_edge() as edge, httpx.Client(base_url=edge.url, headers=HEADERS, timeout=60) as client:
        edge.transcription.segments = [SEGMENT, SEGMENT]
        edge.transcription.hold()
        with client.stream("POST", PATH, **STREAM) as response:
            chunks = response.iter_raw()
            next(chunks)
            edge.edge.stop()
            last = b"".join(chunks)
    assert json.loads(last.removeprefix(b"data: ")) == {
        "type": "error",
        "error": "The edge is shutting down",
        "code": "model_unavailable",
    }


@pytest.mark.usefixtures("segments")
def test_a_retry_gets_the_events_of_the_first_stream(fake_edge: ScriptedEdge, fake_client: httpx.Client) -> None:
    """A stream that failed is not stored."""
    headers = {"Idempotency-Key": "stream-1"}
    calls = len(fake_edge.transcription.calls)
    responses = [fake_client.post(PATH, **STREAM, headers=headers) for _ in range(2)]
    assert responses[0].content == responses[1].content
    assert responses[1].headers["idempotency-replayed"] == "true"
    assert len(fake_edge.transcription.calls) == calls + 1


def test_a_real_stream_matches_the_specification(client: httpx.Client) -> None:
    """What the model hears does not matter."""
    speech = client.post(
        "/v1/audio/speech",
        json={"model": "tts-1", "voice": "alloy", "input": "Hello from the edge.", "response_format": "wav"},
    )
    events = read(client.post(PATH, **STREAM | {"files": {"file": ("hello.wav", speech.content)}}))
    assert events[-1]["text"] == "".join(event["delta"] for event in events[:-1])
    assert events[-1]["duration"] > 0.5


# Words


WORDS = (Word("Hello,", 0.0, 0.5), Word("edge.", 0.5, 1.5))


def post_words(client: httpx.Client, *granularities: str, response_format: str = "verbose_json") -> httpx.Response:
    data: dict[str, Any] = FORM | {"response_format": response_format, GRANULARITIES: list(granularities)}
    return client.post(PATH, data=data, files=STREAM["files"])


def test_words_are_in_verbose_json(fake_client: httpx.Client, segments: list[Any]) -> None:
    """With their times; the segments are there as well, without words of their own."""
    segments[:] = [replace(SEGMENT, words=WORDS)]
    response = post_words(fake_client, "word", "segment").json()
    assert is_valid("VerboseTranscriptionResponse", response)
    assert response["words"] == [
        {"word": "Hello,", "start": 0.0, "end": 0.5},
        {"word": "edge.", "start": 0.5, "end": 1.5},
    ]
    assert "words" not in response["segments"][0]


def test_words_are_computed_on_request(fake_edge: ScriptedEdge, fake_client: httpx.Client) -> None:
    """They take longer."""
    for granularities, words in (((), False), (("segment",), False), (("word",), True)):
        assert ("words" in post_words(fake_client, *granularities).json()) == words
        assert fake_edge.transcription.calls[-1]["words"] == words


@pytest.mark.parametrize(("granularities", "format"), [(("word",), "json"), (("letter",), "verbose_json")])
def test_an_invalid_granularity_is_400(
    fake_client: httpx.Client,
    granularities: tuple[str, ...],
    format: str,  # noqa: A002
) -> None:
    """Other formats have no times."""
    error = read_error(post_words(fake_client, *granularities, response_format=format), 400)
    assert GRANULARITIES.removesuffix("[]") in error["param"]
