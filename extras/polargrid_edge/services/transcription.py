"""Transcription and translation."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from starlette.responses import Response

from polargrid_edge.errors import invalid_request
from polargrid_edge.http.responses import Json, request_fields, response_metadata, to_json_bytes, verbose_transcript
from polargrid_edge.media import subtitles
from polargrid_edge.workers.audio import AudioDecoder

if TYPE_CHECKING:
    from polargrid_edge.backends.transcription import Transcript, TranscriptionBackend
    from polargrid_edge.models.catalog import Model
    from polargrid_edge.models.pool import ModelPool
    from polargrid_edge.services.context import RequestContext
    from polargrid_edge.settings import EdgeSettings
    from polargrid_generated.models import TranscriptionRequest, TranslationRequest

Task = Literal["transcribe", "translate"]

_TRUE: Final = ("true", "1")


class TranscriptionService:
    def __init__(self, settings: EdgeSettings, pool: ModelPool) -> None:
        self._settings = settings
        self._pool = pool
        self._decoder = AudioDecoder()

    def close(self) -> None:
        """End the process that decodes uploads."""
        self._decoder.close()

    async def transcribe(self, context: RequestContext[TranscriptionRequest]) -> Response:
        return await self._respond(context, "transcribe")

    async def translate(self, context: RequestContext[TranslationRequest]) -> Response:
        return await self._respond(context, "translate")

    async def _respond(self, context: RequestContext[Any], task: Task) -> Response:
        _reject_stream(context)
        body = request_fields(context.body)
        model = self._pool.resolve(context.body.model, "transcription")
        queue = self._pool.queues["transcription"]
        context.timing.queued = await context.closing.enter_async_context(queue.slot())
        transcript = await queue.run(
            lambda stopped: self._transcribe(context, task, model, body, stopped), context.closing
        )
        metadata = response_metadata(
            self._settings.node, context.body.model, model, context.timing, time.perf_counter()
        )
        return transcript_response(transcript, body["response_format"], task, metadata)

    def _transcribe(
        self, context: RequestContext[Any], task: Task, model: Model, body: Json, stopped: threading.Event
    ) -> Transcript:
        assert context.upload is not None  # noqa: S101  a form without a file is invalid
        samples = self._decoder.decode(
            context.upload.file.file, limit_seconds=self._settings.upload_seconds, is_stopped=stopped.is_set
        )
        with self._pool.lease(model, context.timing) as leased:
            backend = cast("TranscriptionBackend", leased)
            try:
                return backend.transcribe(
                    samples,
                    task=task,
                    language=body.get("language"),
                    prompt=body.get("prompt"),
                    temperature=body.get("temperature"),
                    stopped=stopped.is_set,
                )
            except ValueError as error:
                raise invalid_request(str(error), "language" if "language" in body else None) from error


def _reject_stream(context: RequestContext[Any]) -> None:
    values = [value for name, value in context.query if name == "stream"]
    if context.upload is not None and "stream" in context.upload.fields:
        values.append(context.upload.fields["stream"])
    if any(value.strip().lower() in _TRUE for value in values):
        raise invalid_request("stream: this edge does not stream transcripts; omit it", "stream", "not_supported")


def transcript_response(transcript: Transcript, response_format: str, task: Task, metadata: Json) -> Response:
    """A transcript in the requested format; only the JSON formats carry the metadata."""
    match response_format:
        case "text":
            return Response(_encode(transcript.text), media_type="text/plain")
        case "srt":
            return Response(_encode(subtitles.to_srt(transcript.segments)), media_type="text/plain")
        case "vtt":
            return Response(_encode(subtitles.to_vtt(transcript.segments)), media_type="text/vtt")
        case "verbose_json":
            body = verbose_transcript(task, transcript)
        case _:
            body = {"text": transcript.text}
    return Response(to_json_bytes(body | {"pg_metadata": metadata}), media_type="application/json")


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "replace")
