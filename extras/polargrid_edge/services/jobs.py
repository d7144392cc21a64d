"""Transcription as a job: it is created, polled, and has its result for an hour."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, ExitStack
from datetime import UTC, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast
from urllib.parse import urlencode

from starlette.responses import Response

from polargrid_edge.errors import EdgeError
from polargrid_edge.http.errors import to_error
from polargrid_edge.http.responses import Json, request_fields, timestamp, to_json_bytes
from polargrid_edge.models.pool import Timing
from polargrid_edge.models.request_queue import RequestQueue
from polargrid_edge.services.job_store import Job, JobStore
from polargrid_edge.services.transcriber import Recording, Transcriber
from polargrid_edge.usage_store import Usage

if TYPE_CHECKING:
    from starlette.datastructures import UploadFile

    from polargrid_edge.backends.transcription import Transcript
    from polargrid_edge.models.pool import ModelPool
    from polargrid_edge.services.context import RequestContext
    from polargrid_edge.settings import EdgeSettings
    from polargrid_edge.usage_store import UsageStore

PATH: Final = "/v1/audio/transcriptions"
_POLL_MILLISECONDS: Final = 500
# How many uploads are read at a time; the decoder of all of them is one process.
_PARALLEL_UPLOADS: Final = 2
# An upload beyond this size is on disk.
_MEMORY_BYTES: Final = 1024 * 1024


class TranscriptionJobService:
    """Jobs run in the queue of transcriptions, in their order. They do not survive the edge."""

    def __init__(
        self,
        settings: EdgeSettings,
        pool: ModelPool,
        transcriber: Transcriber,
        usage: UsageStore,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._pool = pool
        self._transcriber = transcriber
        self._usage = usage
        self._now = now
        self._jobs = JobStore(max_unfinished=settings.waiting, now=now)
        self._tasks: set[asyncio.Task[None]] = set()
        self._uploads = RequestQueue("uploads", max_running=_PARALLEL_UPLOADS, max_waiting=settings.waiting)

    async def create_transcription_job(self, context: RequestContext[Any]) -> Response:
        assert context.upload is not None  # noqa: S101  a form without a file is invalid
        fields = request_fields(context.body)
        model = self._pool.resolve(context.body.model, "transcription")
        upload = context.upload.file
        file = cast("BinaryIO", tempfile.SpooledTemporaryFile(_MEMORY_BYTES))  # noqa: SIM115  lives longer than this
        cleanup = context.closing.enter_context(ExitStack())
        cleanup.callback(file.close)

        def copy(stopped: threading.Event) -> float:
            seconds = self._transcriber.measure(upload.file, stopped.is_set)
            upload.file.seek(0)
            shutil.copyfileobj(upload.file, file)
            return seconds

        with self._jobs.reserve():
            seconds = await self._uploads.run(copy, context.closing)
            metadata = describe_upload(upload, seconds, context.body.model)
            job = self._jobs.add(context.key, metadata)
        cleanup.pop_all()  # the job closes the file
        recording = Recording(file, model, fields)
        task = asyncio.create_task(self._run(job, recording))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        url = f"{PATH}?{urlencode({'job_id': job.id})}"
        message = f"The transcription is job {job.id}"
        body = {"job_id": job.id, "status": "accepted", "message": message, "metadata": metadata}
        return _json_response(body | {"poll_url": url, "result_url": url}, 202)

    async def get_transcription_job(self, context: RequestContext[None]) -> Response:
        job_id = context.parameters.job_id
        job = self._jobs.find(context.key, job_id)
        if job is None:
            message = f"unknown job {job_id!r}; the results of jobs are kept for an hour, and not by another edge"
            raise EdgeError(404, message, "job_not_found", param="job_id")
        if job.result is not None:
            return _json_response(job.result)
        response = _json_response(describe_job(job), 202)
        if not job.is_finished:
            response.headers["retry-after"] = "1"
        return response

    async def list_transcription_jobs(self, context: RequestContext[None]) -> Response:
        jobs = [describe_job(job) for job in self._jobs.list(context.key)]
        return _json_response({"jobs": jobs, "count": len(jobs)})

    async def cancel_all(self) -> None:
        """End all jobs, and wait for their threads."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._uploads.close()

    async def _run(self, job: Job, recording: Recording) -> None:
        timing = Timing(time.perf_counter())
        queue = self._pool.queue(recording.model)
        try:
            async with AsyncExitStack() as closing:
                closing.callback(recording.file.close)
                await closing.enter_async_context(queue.slot(is_bounded=False))
                job.start(self._now())
                transcript = await queue.run(
                    lambda stopped: self._transcriber.transcribe(recording, timing, stopped.is_set), closing
                )
                job.complete(self._now(), build_result(job, transcript))
                seconds = time.perf_counter() - timing.started_at
                usage = Usage(recording.model.id, self._settings.node, 1, 0, seconds)
                self._usage.record(job.key, datetime.now(UTC).date(), usage)
        except asyncio.CancelledError:
            job.cancel(self._now())
            raise
        except Exception as error:  # noqa: BLE001  the client reads it from the job
            failure = to_error(error)
            job.fail(self._now(), failure.message, failure.code)


def describe_upload(upload: UploadFile, seconds: float, model: str) -> Json:
    """The metadata of a job."""
    name = PurePath(upload.filename or "").name
    media_type = (upload.content_type or "").partition(";")[0].strip().lower()
    suffix = PurePath(name).suffix.removeprefix(".").lower()
    return {
        "filename": name,
        "file_size_mb": round((upload.size or 0) / 1024**2, 3),
        "audio_format": suffix or media_type.removeprefix("audio/") or "unknown",
        "estimated_duration_seconds": round(seconds, 2),
        "model": model,
    }


def describe_job(job: Job) -> Json:
    """The state of a job; fields without a value are omitted."""
    fields: Json = {
        "job_id": job.id,
        "type": "transcription",
        "status": job.status,
        "created_at": _format_time(job.created_at),
        "updated_at": _format_time(job.updated_at),
        "started_at": _format_time(job.started_at),
        "completed_at": _format_time(job.completed_at),
        "metadata": job.metadata,
        "has_result": job.result is not None,
        "error": job.error,
        "error_code": job.error_code,
        "poll_interval_ms": None if job.is_finished else _POLL_MILLISECONDS,
        "result_url": f"{PATH}?{urlencode({'job_id': job.id})}",
    }
    return {name: value for name, value in fields.items() if value is not None}


def build_result(job: Job, transcript: Transcript) -> Json:
    return {
        "job_id": job.id,
        "status": "completed",
        "text": transcript.text,
        "language": transcript.language,
        "duration": transcript.duration,
    }


def _format_time(seconds: float | None) -> str | None:
    return None if seconds is None else timestamp(datetime.fromtimestamp(seconds, UTC))


def _json_response(body: Json, status: int = 200) -> Response:
    return Response(to_json_bytes(body), status, media_type="application/json")
