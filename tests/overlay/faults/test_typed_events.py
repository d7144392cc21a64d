"""Streams of events that have types, and jobs."""

import json

import pytest

from polargrid import (
    JobFailedError,
    ServerError,
    StreamInterruptedError,
    TimeoutError,  # noqa: A004 - the documented name
)
from polargrid.types import TranscriptionStreamDelta, UnknownObject
from tests.overlay.faults.registry import fault
from tests.overlay.faults.scripts import close, end_chunks, response, send_in_turn, stream

REQUEST, RECORDING = {"model": "whisper-1"}, ("a.mp3", b"ID3 recording")
TIMES = dict.fromkeys(("created_at", "updated_at"), "2026-01-31T10:00:00Z")
JOB = {"job_id": "job_1", "type": "transcription", "status": "processing", **TIMES}
ACCEPTED = {
    "job_id": "job_1",
    "status": "accepted",
    "message": "accepted",
    "metadata": {
        "filename": "a.mp3",
        "file_size_mb": 0.1,
        "audio_format": "mp3",
        "estimated_duration_seconds": 1.0,
        "model": "whisper-1",
    },
    "poll_url": "/v1/audio/transcriptions?job_id=job_1",
    "result_url": "/v1/audio/transcriptions?job_id=job_1",
}


def event(**data):
    return b"data: " + json.dumps(data).encode() + b"\n\n"


DELTA = event(type="transcript.text.delta", delta="Hello")
LAST = event(type="transcript.text.done", text="Hello", duration=1.0, language="en")


@fault(
    "stream",
    "An event has a type that the SDK does not know",
    result="an `UnknownObject`; the stream goes on",
    line=r"""fake.fault("stream-event", data='{"type": "transcript.text.word"}')""",
)
def test_unknown_type(connect_to):
    events = connect_to(stream(DELTA, event(type="transcript.text.word", word="Hello"), LAST))
    first, unknown, last = list(events.stream_transcription(RECORDING, REQUEST))
    assert (type(first), type(unknown), unknown.word) == (TranscriptionStreamDelta, UnknownObject, "Hello")
    assert last.text == "Hello"


@pytest.mark.parametrize("end", [end_chunks, close], ids=["end", "close"])
@fault(
    "stream",
    "It ends before the event that is the last",
    result="`StreamInterruptedError` with the text so far",
    line='fake.fault("stream-cut", after=1, end="end")',
)
def test_without_last_event(connect_to, expect_error, end):
    chunks = connect_to(stream(DELTA, then=end)).stream_transcription(RECORDING, REQUEST)
    with expect_error(StreamInterruptedError, "stream_transcription: ", partial="Hello"):
        list(chunks)


@fault(
    "stream",
    "Events follow the one that is the last",
    result="they are not read",
    line='fake.fault("stream-event", data="junk", after=None)',
)
def test_events_after_the_last(connect_to):
    chunks = connect_to(stream(DELTA, LAST + event(type="junk"))).stream_transcription(RECORDING, REQUEST)
    assert [chunk.type for chunk in chunks] == ["transcript.text.delta", "transcript.text.done"]


@fault(
    "stream",
    "An event lacks a field of its type",
    result="`ServerError` that names the field",
    line=r"""fake.fault("stream-event", data='{"type": "transcript.text.delta"}')""",
)
def test_event_without_a_field(connect_to, expect_error):
    chunks = connect_to(stream(DELTA, event(type="transcript.text.delta"))).stream_transcription(RECORDING, REQUEST)
    with expect_error(ServerError, "delta: Field required", partial="Hello"):
        list(chunks)


def poll(connect_to, *states, **options):
    """Start a job, whose polls return these states."""
    started = response(ACCEPTED, "retry-after-ms: 1", status="202 Accepted")
    polled = [response(JOB | state, "retry-after-ms: 1", status="202 Accepted") for state in states]
    client = connect_to(send_in_turn(started, *polled))
    return client.create_transcription_job_and_poll(RECORDING, REQUEST, **options)


@pytest.mark.parametrize("status", ["failed", "cancelled"])
@fault(
    "response",
    "A job fails or is cancelled",
    result="`JobFailedError` with its state in `job`",
    line='fake.fault("job-status", state="failed", retry_after=0.001, times=None)',
)
def test_failed_job(connect_to, expect_error, status):
    with expect_error(JobFailedError, f"job 'job_1' is {status}: no speech"):
        poll(connect_to, {}, {"status": status, "error": "no speech"})


@fault(
    "timeout",
    "A job does not end",
    result="`TimeoutError` at the deadline; the message names the job",
    line='fake.fault("job-status", state="processing", retry_after=60, times=None)',
)
def test_endless_job(connect_to, expect_error):
    started = response(ACCEPTED, "retry-after: 60", status="202 Accepted")
    with expect_error(TimeoutError, "deadline of 5 s exceeded; job 'job_1' may still run"):
        connect_to(send_in_turn(started)).create_transcription_job_and_poll(RECORDING, REQUEST, deadline=5)
