"""A job on a server: when it is polled, and when it is done; pure, except for the clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from polargrid import errors
from polargrid_codec import error_responses
from polargrid_runtime.arguments import CallOptions
from polargrid_runtime.operation import Job, Operation
from polargrid_runtime.paths import read_path
from polargrid_runtime.raw_response import RawResponse

#: Seconds for a job and its result, unless the call or the client has a deadline.
JOB_DEADLINE = 3600.0
#: Seconds between two polls, if neither the server nor the document names them.
_INTERVAL = 1.0
_MIN_INTERVAL, _MAX_INTERVAL = 0.05, 60.0
_RUNNING = 202


class JobPoller:
    """Decides what follows each response about a job."""

    def __init__(
        self,
        operation: Operation[Any, Any],
        options: CallOptions,
        deadline: float | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if operation.job is None:
            raise TypeError(f"{operation.name} starts no job")
        self._job: Job = operation.job
        self._name, self._options, self._clock = operation.name, options, clock
        self._seconds = deadline or JOB_DEADLINE
        self._ends_at = clock() + self._seconds
        self._id: Any = None

    @property
    def options(self) -> CallOptions:
        """The options of the next call, whose deadline is what is left. Raises TimeoutError if nothing is."""
        return {**self._options, "deadline": self._remaining()}

    @property
    def poll_options(self) -> CallOptions:
        """The options of the next poll: those of the call, except for what belongs to its request."""
        options = self.options
        options.pop("extra_body", None)
        options.pop("extra_query", None)
        return options

    @property
    def parameters(self) -> dict[str, Any]:
        """The arguments of the next poll."""
        return {self._job.parameter: self._id}

    def start(self, response: RawResponse[Any]) -> float:
        """Read the response that starts the job; return the seconds until the first poll."""
        self._id = read_path(response.parse(), self._job.id)
        if self._id in (None, ""):
            message = f"{self._name}: response without {'/'.join(self._job.id)!r}, the id of its job"
            raise errors.ServerError(message, status_code=response.status_code, request_id=response.request_id)
        self._raise_if_failed(response)
        return self._delay(response)

    def is_done(self, response: RawResponse[Any]) -> bool:
        """Whether a poll returned the result. Raises JobFailedError if the job failed."""
        self._raise_if_failed(response)
        return response.status_code != _RUNNING and not self._matches(self._job.running, response)

    def next_delay(self, response: RawResponse[Any]) -> float:
        """Return the seconds until the next poll. Raises TimeoutError if the deadline is earlier."""
        return self._delay(response)

    def _delay(self, response: RawResponse[Any]) -> float:
        seconds = error_responses.parse_retry_after(response.meta.headers)
        if seconds is None and self._job.interval is not None:
            value = read_path(response.parse(), self._job.interval)
            if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:  # which NaN is not
                seconds = min(value / 1000 if self._job.interval[-1].endswith("_ms") else value, _MAX_INTERVAL)
        delay = max(_MIN_INTERVAL, _INTERVAL if seconds is None else seconds)
        if delay >= self._remaining():
            raise self._timeout_error()
        return delay

    def _remaining(self) -> float:
        remaining = self._ends_at - self._clock()
        if remaining <= 0:
            raise self._timeout_error()
        return remaining

    def _timeout_error(self) -> errors.TimeoutError:
        message = f"{self._name}: deadline of {self._seconds:g} s exceeded; job {self._id!r} may still run"
        return errors.TimeoutError(f"{message}, and {self._job.poll} returns its state")

    def _raise_if_failed(self, response: RawResponse[Any]) -> None:
        if not self._matches(self._job.failed, response):
            return
        job = response.parse()
        values = [read_path(job, path) for path, _ in self._job.failed]
        reason = read_path(job, ("error",)) or read_path(job, ("message",))
        message = f"{self._name}: job {self._id!r} is {', '.join(map(str, values))}"
        message += f": {reason}" if isinstance(reason, str) else ""
        error = errors.JobFailedError(message, status_code=response.status_code, request_id=response.request_id)
        error.job, error.meta = job, response.meta
        raise error

    @staticmethod
    def _matches(rules: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...], response: RawResponse[Any]) -> bool:
        job = response.parse()
        return any(read_path(job, path) in values for path, values in rules)
