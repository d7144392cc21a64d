"""Transcription and translation."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from starlette.responses import Response

from polargrid_edge import subtitles
from polargrid_edge.answers import Json, arguments, encoded, metadata, verbose_transcript
from polargrid_edge.errors import invalid

if TYPE_CHECKING:
    from polargrid_edge.backends.transcription import Transcript, TranscriptionBackend
    from polargrid_edge.call import Call
    from polargrid_edge.catalog import Model
    from polargrid_edge.settings import EdgeSettings
    from polargrid_edge.workers import Workers
    from polargrid_generated.models import TranscriptionRequest, TranslationRequest

Task = Literal["transcribe", "translate"]

_TRUE: Final = ("true", "1")


class TranscriptionService:
    def __init__(self, settings: EdgeSettings, workers: Workers) -> None:
        self._settings = settings
        self._workers = workers

    async def transcribe(self, call: Call[TranscriptionRequest]) -> Response:
        return await self._answer(call, "transcribe")

    async def translate(self, call: Call[TranslationRequest]) -> Response:
        return await self._answer(call, "translate")

    async def _answer(self, call: Call[Any], task: Task) -> Response:
        _check_not_streamed(call)
        body = arguments(call.body)
        model = self._workers.model(call.body.model, "transcription")
        line = self._workers.lines["transcription"]
        call.timing.queued = await call.closing.enter_async_context(line.turn())
        transcript = await line.run(lambda stopped: self._transcript(call, task, model, body, stopped), call.closing)
        made = metadata(self._settings.node, call.body.model, model, call.timing, time.perf_counter())
        return transcript_response(transcript, body["response_format"], task, made)

    def _transcript(
        self, call: Call[Any], task: Task, model: Model, body: Json, stopped: threading.Event
    ) -> Transcript:
        from polargrid_edge.audio import decode

        assert call.upload is not None  # noqa: S101  the form has a file, or it would not be valid
        samples = decode(call.upload.file.file, limit_seconds=self._settings.upload_seconds)
        with self._workers.lease(model, call.timing) as leased:
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
            except ValueError as refused:
                raise invalid(str(refused), "language" if "language" in body else None) from refused


def _check_not_streamed(call: Call[Any]) -> None:
    asked = [value for name, value in call.query if name == "stream"]
    if call.upload is not None and "stream" in call.upload.fields:
        asked.append(call.upload.fields["stream"])
    if any(value.strip().lower() in _TRUE for value in asked):
        raise invalid("stream: this edge does not stream transcripts", "stream", "not_supported")


def transcript_response(transcript: Transcript, form: str, task: Task, made: Json) -> Response:
    """A transcript in the form asked for; only JSON can tell how it was made."""
    match form:
        case "text":
            return Response(_text(transcript.text), media_type="text/plain")
        case "srt":
            return Response(_text(subtitles.srt(transcript.segments)), media_type="text/plain")
        case "vtt":
            return Response(_text(subtitles.vtt(transcript.segments)), media_type="text/vtt")
        case "verbose_json":
            answer = verbose_transcript(task, transcript)
        case _:
            answer = {"text": transcript.text}
    return Response(encoded(answer | {"pg_metadata": made}), media_type="application/json")


def _text(said: str) -> bytes:
    return said.encode("utf-8", "replace")
