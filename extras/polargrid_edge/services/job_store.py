"""The jobs of an edge, in memory, within bounds of their number and age."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal

from polargrid_edge.errors import EdgeError

Json = dict[str, Any]
Status = Literal["accepted", "processing", "completed", "failed", "cancelled"]

MAX_AGE: Final = 3600.0
"""How long a finished job is kept, in seconds."""
MAX_FINISHED: Final = 256
"""How many finished jobs are kept, of all keys; the oldest are dropped first."""


@dataclass(slots=True)
class Job:
    """A job of the API key `key`; times are in seconds since 1970."""

    id: str
    key: str
    metadata: Json
    created_at: float
    updated_at: float
    status: Status = "accepted"
    started_at: float | None = None
    completed_at: float | None = None
    result: Json | None = None
    error: str | None = None
    error_code: str | None = None

    @property
    def is_finished(self) -> bool:
        return self.completed_at is not None

    def start(self, now: float) -> None:
        self.status, self.started_at, self.updated_at = "processing", now, now

    def complete(self, now: float, result: Json) -> None:
        self.result = result
        self._finish(now, "completed")

    def fail(self, now: float, error: str, code: str) -> None:
        self.error, self.error_code = error, code
        self._finish(now, "failed")

    def cancel(self, now: float) -> None:
        self._finish(now, "cancelled")

    def _finish(self, now: float, status: Status) -> None:
        self.status, self.completed_at, self.updated_at = status, now, now


class JobStore:
    """Use it from one event loop."""

    def __init__(self, *, max_unfinished: int, now: Callable[[], float] = time.time) -> None:
        self._max_unfinished = max(1, max_unfinished)
        self._now = now
        self._jobs: dict[str, Job] = {}  # in the order in which they were created
        self._reserved = 0

    @contextmanager
    def reserve(self) -> Iterator[None]:
        """Reserve a place for a new job. Raises `EdgeError` 429 if too many jobs are not finished."""
        self._drop_old()
        unfinished = sum(not job.is_finished for job in self._jobs.values()) + self._reserved
        if unfinished >= self._max_unfinished:
            message = f"The edge is busy: {unfinished} jobs are not finished; retry in 5 s"
            raise EdgeError(429, message, "rate_limit_exceeded", headers={"Retry-After": "5"})
        self._reserved += 1
        try:
            yield
        finally:
            self._reserved -= 1

    def add(self, key: str, metadata: Json) -> Job:
        """Create a job with an id that nobody can guess."""
        now = self._now()
        job = Job(f"job_{secrets.token_hex(16)}", key, metadata, now, now)
        self._jobs[job.id] = job
        return job

    def find(self, key: str, job_id: str) -> Job | None:
        """The job of the id, if it is one of the key."""
        self._drop_old()
        job = self._jobs.get(job_id)
        return job if job is not None and job.key == key else None

    def list(self, key: str) -> list[Job]:
        """The jobs of the key, the newest first."""
        self._drop_old()
        return [job for job in reversed(self._jobs.values()) if job.key == key]

    def _drop_old(self) -> None:
        finished = [job for job in self._jobs.values() if job.completed_at is not None]
        finished.sort(key=lambda job: job.completed_at or 0.0)
        excess = len(finished) - MAX_FINISHED
        oldest = self._now() - MAX_AGE
        for index, job in enumerate(finished):
            if index < excess or (job.completed_at or 0.0) <= oldest:
                del self._jobs[job.id]
