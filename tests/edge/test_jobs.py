"""Transcription jobs: their life, their bounds, and who may read them."""

from __future__ import annotations

import itertools
from typing import Any

import httpx
import pytest

from polargrid_edge.errors import EdgeError
from polargrid_edge.services.job_store import MAX_AGE, MAX_FINISHED, JobStore
from tests.edge.scripted import HEADERS, SEGMENT, ScriptedEdge, run_scripted_edge, wait_until
from tests.edge.test_app import FORM, TONE, is_valid, read_error

PATH = "/v1/audio/transcriptions"
FILES = {"file": ("morning.wav", TONE, "audio/wav")}
OTHER = {"Authorization": "Bearer pg_other"}


@pytest.fixture
def job_edge() -> Any:
    """An edge of its own with two keys, whose transcripts are blocked."""
    with run_scripted_edge(keys=frozenset({"pg_local", "pg_other"}), waiting=3) as edge:
        edge.transcription.segments = [SEGMENT, SEGMENT]
        edge.transcription.hold()
        yield edge


@pytest.fixture
def job_client(job_edge: ScriptedEdge) -> Any:
    with httpx.Client(base_url=job_edge.url, headers=HEADERS, timeout=60) as client:
        yield client


def create(client: httpx.Client, **options: Any) -> httpx.Response:
    return client.post(PATH, params={"sync": "false"}, **{"data": FORM, "files": FILES, **options})


def create_id(client: httpx.Client, **options: Any) -> str:
    response = create(client, **options)
    assert response.status_code == 202, response.text
    job_id: str = response.json()["job_id"]
    return job_id


def read(client: httpx.Client, job_id: str, **options: Any) -> httpx.Response:
    return client.get(PATH, params={"job_id": job_id}, **options)


def status_of(client: httpx.Client, job_id: str) -> str:
    response = read(client, job_id)
    assert is_valid(
        "TranscriptionJobResult" if response.status_code == 200 else "TranscriptionJobInfo", response.json()
    )
    status: str = response.json()["status"]
    return status


# Its life


def test_a_job_is_accepted_before_it_is_done(job_edge: ScriptedEdge, job_client: httpx.Client) -> None:
    """With the facts of the recording, and where to poll."""
    response = create(job_client)
    body = response.json()
    assert response.status_code == 202
    assert is_valid("AsyncTranscriptionJobAccepted", body)
    assert body["metadata"] == {
        "filename": "morning.wav",
        "file_size_mb": round(len(TONE) / 1024**2, 3),
        "audio_format": "wav",
        "estimated_duration_seconds": 0.1,
        "model": "whisper-1",
    }
    assert body["poll_url"] == body["result_url"] == f"{PATH}?job_id={body['job_id']}"
    state = job_client.get(body["poll_url"])
    assert (state.status_code, state.headers["retry-after"]) == (202, "1")
    assert job_edge.transcription.cancelled.acquire(blocking=False) is False


def test_a_job_is_processed_and_has_a_result(job_edge: ScriptedEdge, job_client: httpx.Client) -> None:
    """It is there for every later request."""
    job_id = create_id(job_client)
    wait_until(lambda: status_of(job_client, job_id) == "processing")
    state = read(job_client, job_id).json()
    assert state["started_at"] >= state["created_at"]
    assert (state["has_result"], state["poll_interval_ms"] > 0) == (False, True)
    job_edge.transcription.released.set()
    wait_until(lambda: status_of(job_client, job_id) == "completed")
    for _ in range(2):
        response = read(job_client, job_id)
        assert response.status_code == 200
        assert response.json() == {
            "job_id": job_id,
            "status": "completed",
            "text": "Hello, edge. Hello, edge.",
            "language": "en",
            "duration": 0.1,
        }


def test_jobs_run_in_their_order(job_edge: ScriptedEdge, job_client: httpx.Client) -> None:
    """In the queue of all transcriptions."""
    first, second = create_id(job_client), create_id(job_client)
    wait_until(lambda: status_of(job_client, first) == "processing")
    assert status_of(job_client, second) == "accepted"
    job_edge.transcription.released.set()
    wait_until(lambda: status_of(job_client, second) == "completed")


def test_a_failed_job_says_why(job_edge: ScriptedEdge, job_client: httpx.Client) -> None:
    """Its state has the status 202: there is no transcript."""
    job_id = create_id(job_client, data=FORM | {"language": "xx"})
    wait_until(lambda: status_of(job_client, job_id) == "failed")
    state = read(job_client, job_id)
    assert state.status_code == 202
    assert "unknown language 'xx'" in state.json()["error"]
    assert state.json()["error_code"] == "invalid_value"
    assert "retry-after" not in state.headers
    assert "poll_interval_ms" not in state.json()


def test_a_job_is_usage(job_edge: ScriptedEdge, job_client: httpx.Client) -> None:
    """When it is complete."""
    job_edge.transcription.released.set()
    job_id = create_id(job_client)
    wait_until(lambda: status_of(job_client, job_id) == "completed")
    wait_until(lambda: job_client.get("/v1/usage").json()["usage"]["total_requests"] == 1)
    (model,) = job_client.get("/v1/usage").json()["usage"]["by_model"]
    assert model["model_id"] == "whisper-base"


def test_a_job_outlives_its_connection(job_edge: ScriptedEdge) -> None:
    """The upload is copied."""
    with httpx.Client(base_url=job_edge.url, headers=HEADERS) as client:
        job_id = create_id(client)
    job_edge.transcription.released.set()
    with httpx.Client(base_url=job_edge.url, headers=HEADERS) as client:
        wait_until(lambda: status_of(client, job_id) == "completed")


def test_a_stopping_edge_cancels_its_jobs(job_edge: ScriptedEdge, job_client: httpx.Client) -> None:
    """The one that runs and the one that waits."""
    ids = [create_id(job_client) for _ in range(2)]
    wait_until(lambda: status_of(job_client, ids[0]) == "processing")
    jobs = [job_edge.services.jobs._jobs._jobs[job_id] for job_id in ids]
    job_edge.edge.stop()
    wait_until(lambda: all(job.is_finished for job in jobs))
    assert [job.status for job in jobs] == ["cancelled", "cancelled"]
    assert job_edge.transcription.cancelled.acquire(timeout=60)


# Who may read them


def test_a_job_belongs_to_its_key(job_client: httpx.Client) -> None:
    """Another key does not learn that it exists."""
    job_id = create_id(job_client)
    error = read_error(read(job_client, job_id, headers=OTHER), 404)
    assert (error["code"], error["param"]) == ("job_not_found", "job_id")
    assert job_client.get(PATH, headers=OTHER).json() == {"jobs": [], "count": 0}


def test_jobs_are_listed_newest_first(job_client: httpx.Client) -> None:
    """Those of the key."""
    ids = [create_id(job_client) for _ in range(2)]
    create_id(job_client, headers=OTHER)
    response = job_client.get(PATH).json()
    assert is_valid("TranscriptionJobListResponse", response)
    assert [job["job_id"] for job in response["jobs"]] == ids[::-1]
    assert response["count"] == 2


@pytest.mark.parametrize("job_id", ["job_unknown", "", "%00", "a" * 1000])
def test_an_unknown_job_is_404(fake_client: httpx.Client, job_id: str) -> None:
    """An id is compared and not parsed."""
    assert fake_client.get(PATH, params={"job_id": job_id}).status_code in (400, 404)


# Requests


@pytest.mark.parametrize(
    ("options", "status", "param"),
    [
        ({"files": {"file": ("a.wav", b"noise")}}, 400, "file"),
        ({"data": {"model": "gpt-9"}}, 404, "model"),
        ({"data": {}}, 400, "model"),
        ({"data": FORM | {"temperature": "2"}}, 400, "temperature"),
    ],
)
def test_an_invalid_request_is_rejected_at_once(
    fake_client: httpx.Client, options: dict[str, Any], status: int, param: str
) -> None:
    """A recording that is none does not become a job."""
    assert read_error(create(fake_client, **options), status)["param"] == param


def test_a_retry_gets_the_same_job(job_client: httpx.Client) -> None:
    """By its idempotency key."""
    ids = {create_id(job_client, headers={"Idempotency-Key": "job-1"}) for _ in range(2)}
    assert len(ids) == 1


def test_too_many_jobs_are_429(job_edge: ScriptedEdge, job_client: httpx.Client) -> None:
    """Until one is finished."""
    for _ in range(3):
        create_id(job_client)
    response = create(job_client)
    assert read_error(response, 429)["code"] == "rate_limit_exceeded"
    assert int(response.headers["retry-after"]) > 0
    job_edge.transcription.released.set()
    wait_until(lambda: create(job_client).status_code == 202)


# The store


def test_finished_jobs_are_dropped_after_a_while() -> None:
    """Others are kept as long as they run."""
    clock = itertools.count(1000.0, MAX_AGE / 2)
    store = JobStore(max_unfinished=5, now=lambda: next(clock))
    finished, running = store.add("k", {}), store.add("k", {})
    finished.complete(finished.created_at, {})
    assert store.list("k") == [running]
    assert store.find("k", running.id) is running


def test_the_number_of_finished_jobs_is_bounded() -> None:
    """The oldest are dropped first."""
    store = JobStore(max_unfinished=10**6, now=lambda: 1000.0)
    jobs = [store.add("k", {}) for _ in range(MAX_FINISHED + 3)]
    for number, job in enumerate(jobs):
        job.complete(1000.0 + number, {})
    assert store.list("k") == jobs[:2:-1]


def test_a_reserved_place_counts() -> None:
    """While an upload is read there is no job yet."""
    store = JobStore(max_unfinished=1)
    with store.reserve(), pytest.raises(EdgeError, match="1 jobs are not finished"), store.reserve():
        pass
    with store.reserve():
        store.add("k", {})
    with pytest.raises(EdgeError), store.reserve():
        pass
