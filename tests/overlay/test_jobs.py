"""When a job is polled, and when it is done."""

from __future__ import annotations

import pytest

from polargrid import errors
from polargrid._jobs import JOB_DEADLINE, JobPoller
from polargrid_generated import operations
from polargrid_runtime.operation import Job, Operation
from polargrid_runtime.raw_response import RawResponse
from polargrid_runtime.response import ResponseMeta

FAILED, RUNNING = ((("state",), ("failed",)),), ((("state",), ("new",)),)
JOB = Job("poll_it", ("id",), "job", ("wait_ms",), failed=FAILED, running=RUNNING)


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def poller(clock):
    return JobPoller(Operation("do_it", "POST", "/", "", job=JOB), {"timeout": 3, "extra_body": {"a": 1}}, 10.0, clock)


def response(status=202, headers=None, **state):
    return RawResponse({"id": "j", **state}, ResponseMeta("req_1", status, headers=headers or {}))


@pytest.mark.parametrize(
    ("headers", "state", "delay"),
    [
        ({}, {}, 1.0),
        ({}, {"wait_ms": 2500}, 2.5),
        ({}, {"wait_ms": "soon"}, 1.0),
        ({}, {"wait_ms": True}, 1.0),
        ({}, {"wait_ms": 0}, 0.05),
        ({}, {"wait_ms": float("nan")}, 1.0),
        ({"retry-after": "4"}, {"wait_ms": 2500}, 4.0),
        ({"retry-after-ms": "700"}, {}, 0.7),
    ],
)
def test_delay(poller, headers, state, delay):
    """Retry-After, else the interval of the job, else a second; never a busy loop."""
    assert poller.start(response(headers=headers, **state)) == delay
    assert poller.next_delay(response(headers=headers, **state)) == delay


def test_interval_in_seconds(clock):
    """Without `_ms`."""
    poller = JobPoller(Operation("do_it", "POST", "/", "", job=Job("p", ("id",), "job", ("wait",))), {}, None, clock)
    assert poller.start(response(wait=2)) == 2.0
    assert poller.options["deadline"] == JOB_DEADLINE


def test_calls_share_the_deadline(poller, clock):
    """Each has what is left of it; the polls have no fields of the request."""
    assert poller.options == {"timeout": 3, "extra_body": {"a": 1}, "deadline": 10.0}
    poller.start(response())
    clock.now += 4
    assert (poller.poll_options, poller.parameters) == ({"timeout": 3, "deadline": 6.0}, {"job": "j"})


def test_deadline(poller, clock):
    """A wait that would end behind it is not begun; the message names the job and the operation that returns it."""
    poller.start(response())
    with pytest.raises(errors.TimeoutError, match="deadline of 10 s exceeded; job 'j' may still run, and poll_it"):
        poller.next_delay(response(headers={"retry-after": "10"}))
    clock.now += 11
    with pytest.raises(errors.TimeoutError):
        _ = poller.poll_options


@pytest.mark.parametrize(
    ("status", "state", "is_done"),
    [(202, {}, False), (200, {}, True), (201, {"state": "other"}, True), (200, {"state": "new"}, False)],
)
def test_end(poller, status, state, is_done):
    """Any success but 202, unless the state says that the job runs."""
    poller.start(response())
    assert poller.is_done(response(status, **state)) is is_done


@pytest.mark.parametrize("is_first", [True, False])
def test_failed_job(poller, is_first):
    """The error has the state, and the message what the state says."""
    failed = response(state="failed", error="no memory")
    with pytest.raises(errors.JobFailedError) as caught:
        poller.start(failed)
    if not is_first:
        poller.start(response())
        with pytest.raises(errors.JobFailedError) as caught:
            poller.is_done(response(status=200, error="no memory") if False else failed)
    error = caught.value
    assert (error.message, error.job) == ("do_it: job 'j' is failed: no memory", failed.parse())
    assert (error.request_id, error.meta) == ("req_1", failed.meta)


@pytest.mark.parametrize("value", [None, ""])
def test_job_without_an_id(poller, value):
    """It cannot be polled."""
    with pytest.raises(errors.ServerError, match="without 'id'"):
        poller.start(response(id=value))


def test_operation_without_a_job():
    """Generated code calls no other."""
    with pytest.raises(TypeError, match="health"):
        JobPoller(operations.HEALTH, {}, None)
