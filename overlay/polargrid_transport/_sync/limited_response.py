# Derived from ../_async/limited_response.py by `make generate`
"""An attempt with the option `limiter`: it waits for a place, and its response holds the place until it is closed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from polargrid_runtime import errors
from polargrid_runtime.limiter import Admission, AttemptResult, Limiter
from polargrid_transport._sync.response import SyncResponse
from polargrid_transport.attempt import Attempt
from polargrid_transport.concurrency import SyncWakeUp
from polargrid_transport.deadline import Deadline


def send_limited(limiter: Limiter, attempt: Attempt, send: Callable[[Attempt], Any]) -> SyncResponse:
    """Send an attempt as soon as the limiter gives it a place. Raises TimeoutError if the deadline ends the wait."""
    wake_up = SyncWakeUp()
    admission = limiter.admit(attempt.base_url, wake_up)
    try:
        _wait_for_place(admission, wake_up, attempt.deadline)
        return SyncLimitedResponse(send(attempt), admission, attempt.deadline)
    except BaseException as error:
        admission.end(_create_result(error, attempt.deadline))
        raise


def _wait_for_place(admission: Admission, wake_up: SyncWakeUp, deadline: Deadline) -> None:
    while (seconds := admission.poll()) > 0:
        if deadline.remaining_in_all() == 0:
            reason = "the stream was closed" if deadline.is_interrupted else deadline.timeout_message("pool")
            raise errors.TimeoutError(f"{reason} while the call waited for its limiter", sent=False)
        wake_up.wait(partial(_limit_wait, seconds, deadline), deadline.on_wait)


def _limit_wait(seconds: float, deadline: Deadline) -> float | None:
    remaining = deadline.remaining_in_all()
    seconds = seconds if remaining is None else min(seconds, remaining)
    return None if seconds == math.inf else seconds


def _create_result(error: BaseException, deadline: Deadline) -> AttemptResult:
    is_failure = isinstance(error, Exception) and not deadline.is_interrupted
    return AttemptResult(error=error if is_failure else None)


class SyncLimitedResponse(SyncResponse):
    """A response that gives the place of its attempt back when it is closed."""

    def __init__(self, response: SyncResponse, admission: Admission, deadline: Deadline) -> None:
        super().__init__(response.status, response.headers)
        self.http_version = response.http_version
        self._response, self._admission, self._deadline = response, admission, deadline
        self._result = AttemptResult()
        if not 200 <= self.status < 300:  # its body may be read in part
            self._complete()

    def read(self) -> bytes:
        try:
            data = self._response.read()
        except BaseException as error:
            self._result = _create_result(error, self._deadline)
            raise
        if not data:
            self._complete()
        return data

    def decompress(self, data: bytes) -> Iterable[bytes]:
        return self._response.decompress(data)

    def drain(self) -> None:
        self._complete()
        self._response.drain()

    def close(self) -> None:
        try:
            self._response.close()
        finally:
            self._admission.end(self._result)

    def discard(self) -> None:
        try:
            self._response.discard()
        finally:
            self._admission.end(self._result)

    def _complete(self) -> None:
        self._result = AttemptResult(self.status, self.headers)
