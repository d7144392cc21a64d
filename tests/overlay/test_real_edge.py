"""Both clients with a local edge and a real model; what the model says does not matter."""

from __future__ import annotations

import base64
import struct
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import polargrid
from polargrid import NotFoundError, PolarGridError
from polargrid.types import (
    Base64EmbeddingResponse,
    ChatCompletionChunk,
    ChatCompletionResponse,
    CompletionChunk,
    EmbeddingResponse,
    TranscriptionJobInfo,
    TranscriptionJobResult,
    TranscriptionStreamDelta,
    TranscriptionStreamDone,
)

CHAT: dict[str, Any] = {
    "model": "llama-3.1-8b",
    "messages": [{"role": "user", "content": "Hi"}],
    "max_tokens": 4,
    "seed": 1,
}


@pytest.fixture
def client(connect, edge):
    return connect(base_url=edge.url, api_key="pg_local")


def test_response(client):
    """It matches the model of openapi.yaml, and its usage adds up."""
    response = client.chat.completions.create(**CHAT)
    assert isinstance(response, ChatCompletionResponse)
    assert response.choices[0].finish_reason in ("stop", "length")
    usage = response.usage
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    assert response.meta.status_code == 200


def test_stream(client):
    """It is complete, and the chunks match the model of openapi.yaml."""
    chunks = list(client.chat.completions.create(**CHAT, stream=True))
    assert {type(chunk) for chunk in chunks} == {ChatCompletionChunk}
    reasons = [choice.finish_reason for chunk in chunks for choice in chunk.choices if choice.finish_reason]
    assert len(reasons) == 1


# Embeddings


def test_embeddings(client):
    """A vector for each text; as base64 with the same numbers."""
    request = {"model": "all-minilm-l6-v2", "input": ["Good morning.", "Good evening."]}
    response = client.embeddings.create(**request)
    assert isinstance(response, EmbeddingResponse)
    vectors = [item.embedding for item in response.data]
    assert [len(vector) for vector in vectors] == [384, 384]
    encoded = client.embeddings.create(**request, encoding_format="base64")
    assert isinstance(encoded, Base64EmbeddingResponse)
    data = base64.b64decode(encoded.data[0].embedding)
    assert struct.unpack(f"<{len(data) // 4}f", data) == pytest.approx(vectors[0], abs=1e-6)


# Models, regions and usage


@pytest.mark.parametrize("model", ["whisper-base", "hexgrad/Kokoro-82M"])
def test_model(client, model):
    """An id with a slash is one segment of the path."""
    assert client.models.retrieve(model).id == model


def test_unknown_model(client):
    """It is not found."""
    with pytest.raises(NotFoundError, match=r"unknown model '\.\./models'"):
        client.models.retrieve("../models")


def test_status(client):
    """The edge is one region."""
    status = client.status.retrieve()
    (region,) = status.regions
    assert (status.status, region.status, region.region) == ("healthy", "healthy", "local")
    assert "whisper-base" in {model.model_id for model in region.models}


def test_usage(client):
    """A call is in the usage of its day."""
    today = datetime.now(UTC).date()
    client.embeddings.create(model="all-minilm-l6-v2", input="Good morning.")
    response = client.usage.retrieve(start_date=today, end_date=today + timedelta(days=1))
    assert response.period.start_date == today
    models = {model.model_id: model for model in response.usage.by_model}
    assert models["all-minilm-l6-v2"].tokens >= 5


def test_route(client, edge):
    """The edge names itself."""
    route = client.router.route(scope="global", model="whisper-1")
    assert (route.region, route.endpoint) == ("local", edge.url)


# Streams that have no other form


def test_stream_of_an_operation_that_only_streams(client):
    """It has no argument `stream`."""
    chunks = list(client.stream_completion({"model": "llama-3.1-8b", "prompt": "One, two,", "max_tokens": 4}))
    assert {type(chunk) for chunk in chunks} == {CompletionChunk}
    assert [choice.finish_reason for chunk in chunks for choice in chunk.choices][-1] in ("stop", "length")


# Transcripts


@pytest.fixture(scope="module")
def recording(edge):
    """A sentence, as WAV."""
    with polargrid.PolarGridSync(base_url=edge.url, api_key="pg_local") as client:
        speech = client.audio.speech.create(
            model="tts-1", voice="alloy", input="Hello from the edge.", response_format="wav"
        )
    return ("hello.wav", speech.content)


def test_transcript_as_a_stream(client, recording):
    """The events are their types; the last has the whole text."""
    events = list(client.audio.transcriptions.create(model="whisper-1", file=recording, stream=True))
    assert {type(event) for event in events[:-1]} <= {TranscriptionStreamDelta}
    assert isinstance(events[-1], TranscriptionStreamDone)
    assert "".join(event.delta for event in events[:-1]) == events[-1].text


def test_transcript_with_words(client, recording):
    """Each has its times."""
    transcript = client.audio.transcriptions.create(
        model="whisper-1", file=recording, response_format="verbose_json", timestamp_granularities=["word"]
    )
    assert all(word.start <= word.end <= transcript.duration for word in transcript.words)


def test_transcript_as_a_job(client, recording):
    """The result has the type of a result, and the job is in the list."""
    jobs = client.audio.transcriptions.jobs
    result = jobs.create_and_poll(model="whisper-1", file=recording, deadline=120)
    assert isinstance(result, TranscriptionJobResult)
    assert result.status == "completed"
    assert result.job_id in {job.job_id for job in jobs.list().jobs}
    assert jobs.retrieve(result.job_id) == result


def test_state_of_a_job(client, recording):
    """Until it is complete, the same method returns its state."""
    accepted = client.audio.transcriptions.jobs.create(model="whisper-1", file=recording)
    state = client.audio.transcriptions.jobs.retrieve(accepted.job_id)
    assert isinstance(state, TranscriptionJobInfo | TranscriptionJobResult)
    assert state.status in ("accepted", "processing", "completed")


def test_job_that_fails(client, recording):
    """It is an error with the reason."""
    with pytest.raises(PolarGridError, match="unknown language 'xx'"):
        client.audio.transcriptions.jobs.create_and_poll(model="whisper-1", file=recording, language="xx", deadline=120)


def test_unknown_job(client):
    """It is not found."""
    with pytest.raises(NotFoundError, match="unknown job"):
        client.audio.transcriptions.jobs.retrieve("job_none")
