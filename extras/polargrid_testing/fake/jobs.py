"""Transcription jobs: accepted, running for some polls, then complete."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from polargrid_edge.errors import EdgeError
from polargrid_testing.fake.text import TIMESTAMP, Json
from polargrid_testing.fake.transcript import TranscriptScript, read_transcript
from polargrid_testing.received import ReceivedRequest
from polargrid_testing.steps import Answer

_INTERVAL_MS = 1
_MIB = 1024 * 1024


@dataclass
class _Job:
    script: TranscriptScript
    metadata: Json
    polls: int


class JobStore:
    """The jobs that a fake accepted."""

    def __init__(self) -> None:
        self._jobs: dict[str, _Job] = {}

    def create(self, value: Any, request: ReceivedRequest, number: int, options: TranscriptScript) -> Answer:
        """Accept a job, and return its id."""
        script = read_transcript(value, options)
        name, url = f"job_{number}", f"/v1/audio/transcriptions?job_id=job_{number}"
        file = request.files.get("file")
        filename, data = (file.filename, file.data) if file else ("", b"")
        metadata = {
            "filename": filename,
            "file_size_mb": round(len(data) / _MIB, 3),
            "audio_format": PurePath(filename).suffix.removeprefix("."),
            "estimated_duration_seconds": script.seconds,
            "model": request.form.get("model", ""),
        }
        self._jobs[name] = _Job(script, metadata, script.polls)
        body: dict[str, Any] = {"job_id": name, "status": "accepted", "message": f"The transcription is job {name}"}
        body |= {"metadata": metadata, "poll_url": url, "result_url": url}
        return Answer.json(
            body, status=202, headers={"retry-after-ms": str(_INTERVAL_MS)}
        )  # clients wait 1 s otherwise

    def answer(self, request: ReceivedRequest) -> Answer:
        """Return the transcript of a job, or its state; without an id, the state of all jobs."""
        names = request.query.get("job_id")
        return self._poll(names[-1]) if names else self._list_all()

    def _poll(self, name: str) -> Answer:
        job = self._jobs.get(name)
        if job is None:
            error = EdgeError(404, f"unknown job {name!r}", "job_not_found", param="job_id")
            return Answer.json(error.envelope(), status=error.status)
        if job.polls > 0:
            job.polls -= 1
            return Answer.json(
                {**self._describe(name, job, "processing"), "poll_interval_ms": _INTERVAL_MS}, status=202
            )
        script = job.script
        body = {"job_id": name, "status": "completed", "text": script.text, "language": script.language}
        return Answer.json({**body, "duration": script.seconds})

    def _list_all(self) -> Answer:
        states = {name: "processing" if job.polls > 0 else "completed" for name, job in self._jobs.items()}
        jobs = [self._describe(name, self._jobs[name], state) for name, state in reversed(states.items())]
        return Answer.json({"jobs": jobs, "count": len(jobs)})

    @staticmethod
    def _describe(name: str, job: _Job, status: str) -> Json:
        is_complete = status == "completed"
        times = dict.fromkeys(("created_at", "updated_at", "started_at"), TIMESTAMP)
        body = {"job_id": name, "type": "transcription", "status": status, **times, "metadata": job.metadata}
        return {**body, "has_result": is_complete, **({"completed_at": TIMESTAMP} if is_complete else {})}
