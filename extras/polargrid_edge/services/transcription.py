"""Transcription and translation: as a whole, or as a stream of events."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response

from polargrid_edge.errors import EdgeError, invalid_request
from polargrid_edge.http.errors import to_error
from polargrid_edge.http.responses import (
    Json,
    request_fields,
    response_metadata,
    to_event,
    to_json_bytes,
    verbose_transcript,
)
from polargrid_edge.http.streaming import StreamedResponse
from polargrid_edge.media import subtitles
from polargrid_edge.models.thread_pipe import ThreadPipe
from polargrid_edge.services.transcriber import Recording, Task, Transcriber

if TYPE_CHECKING:
    from polargrid_edge.backends.transcription import LazyTranscript, Segment, Transcript
    from polargrid_edge.models.pool import ModelPool
    from polargrid_edge.services.context import RequestContext
    from polargrid_edge.settings import EdgeSettings
    from polargrid_generated.models import TranscriptionRequest, TranslationRequest

_TRUE: Final = ("true", "1")
_DONE: Final = "transcript.text.done"
_GRANULARITIES: Final = "timestamp_granularities[]"
_KEYWORDS: Final = "keywords[]"
_LANGUAGES: Final = "languages[]"


class TranscriptionService:
    def __init__(self, settings: EdgeSettings, pool: ModelPool, transcriber: Transcriber) -> None:
        self._settings = settings
        self._pool = pool
        self._transcriber = transcriber

    async def transcribe(self, context: RequestContext[TranscriptionRequest]) -> Response:
        # OpenAI's clients select the stream by a field of the form.
        if _wants_stream(context):
            return await self.stream_transcription(context)
        return await self._respond(context, "transcribe")

    async def translate(self, context: RequestContext[TranslationRequest]) -> Response:
        if _wants_stream(context):
            raise invalid_request("stream: translations are not streamed; omit it", "stream", "not_supported")
        return await self._respond(context, "translate")

    async def stream_transcription(self, context: RequestContext[Any]) -> Response:
        recording = self._read(context, "transcribe")
        queue = self._pool.queue(recording.model)
        context.timing.queued = await context.closing.enter_async_context(queue.slot())

        def work(pipe: ThreadPipe[Json]) -> None:
            with self._transcriber.start(recording, context.timing, lambda: pipe.closed) as transcript:
                if pipe.send({}):  # the request is valid: the status can be sent
                    return
                for event in iter_events(transcript):
                    if pipe.send(event):
                        return

        events: ThreadPipe[Json] = queue.stream(work, context.closing)
        await anext(events)
        headers = {"cache-control": "no-cache"}
        return StreamedResponse(_encode_events(events), "text/event-stream", headers, _closing_event, is_complete)

    async def _respond(self, context: RequestContext[Any], task: Task) -> Response:
        recording = self._read(context, task)
        queue = self._pool.queue(recording.model)
        context.timing.queued = await context.closing.enter_async_context(queue.slot())
        transcript = await queue.run(
            lambda stopped: self._transcriber.transcribe(recording, context.timing, stopped.is_set), context.closing
        )
        metadata = response_metadata(
            self._settings.node, context.body.model, recording.model, context.timing, time.perf_counter()
        )
        response_format = recording.fields["response_format"]
        return transcript_response(transcript, response_format, task, metadata, words=recording.words)

    def _read(self, context: RequestContext[Any], task: Task) -> Recording:
        assert context.upload is not None  # noqa: S101  a form without a file is invalid
        fields = request_fields(context.body)
        granularities = fields.get(_GRANULARITIES, [])
        if granularities and fields.get("response_format") != "verbose_json":
            message = f"{_GRANULARITIES}: timestamps need the response_format verbose_json"
            raise invalid_request(message, _GRANULARITIES)
        model = self._pool.resolve(context.body.model, "transcription")
        context.obey(simplify_hints(fields))
        return Recording(context.upload.file.file, model, fields, task, "word" in granularities)


def simplify_hints(fields: Json) -> list[str]:
    """Write `keywords` and `languages` as `prompt` and `language`, in place; return which of them that obeys.

    Whisper transcribes a recording in one language: several languages are no better than none.
    """
    if keywords := fields.get(_KEYWORDS):
        fields["prompt"] = " ".join([*filter(None, [fields.get("prompt")]), ", ".join(keywords)])
    languages = fields.get(_LANGUAGES, [])
    if len(languages) != 1 or fields.get("language"):
        return [_KEYWORDS]
    fields["language"] = languages[0]
    return [_KEYWORDS, _LANGUAGES]


def _wants_stream(context: RequestContext[Any]) -> bool:
    values: list[object] = [value for name, value in context.query if name == "stream"]
    if context.upload is not None:
        values.append(context.upload.fields.get("stream"))
    return any(isinstance(value, str) and value.strip().lower() in _TRUE for value in values)


def iter_events(transcript: LazyTranscript) -> Iterator[Json]:
    """An event for the text of each segment, and one with all of it; the deltas together are that text."""
    texts: list[str] = []
    for delta in _iter_deltas(transcript.segments):
        texts.append(delta)
        yield {"type": "transcript.text.delta", "delta": delta}
    text = "".join(texts)
    yield {"type": _DONE, "text": text, "duration": transcript.duration, "language": transcript.language}


def _iter_deltas(segments: Iterable[Segment]) -> Iterator[str]:
    """The texts of segments, without white space at the beginning and at the end of the transcript."""
    space, is_first = "", True
    for segment in segments:
        text = segment.text.lstrip() if is_first else space + segment.text
        stripped = text.rstrip()
        space = text[len(stripped) :]
        if stripped:
            yield stripped
            is_first = False


async def _encode_events(events: AsyncIterator[Json]) -> AsyncIterator[bytes]:
    """Server-sent events; a failure is the last one."""
    try:
        async for event in events:
            yield to_event(to_json_bytes(event))
    except Exception as error:  # noqa: BLE001  the status is sent, so the error goes into the stream
        yield _closing_event(to_error(error))


def _closing_event(error: EdgeError) -> bytes:
    return to_event(to_json_bytes({"type": "error", "error": error.message, "code": error.code}))


def is_complete(body: bytes) -> bool:
    """Whether the last event of a stream has the whole transcript."""
    last_event = body.removesuffix(b"\n\n").rpartition(b"\n\n")[2]
    return last_event.startswith(b'data: {"type":"transcript.text.done"')


def transcript_response(
    transcript: Transcript, response_format: str, task: Task, metadata: Json, *, words: bool = False
) -> Response:
    """A transcript in the requested format; only the JSON formats carry the metadata."""
    match response_format:
        case "text":
            return Response(_encode(transcript.text), media_type="text/plain")
        case "srt":
            return Response(_encode(subtitles.to_srt(transcript.segments)), media_type="text/plain")
        case "vtt":
            return Response(_encode(subtitles.to_vtt(transcript.segments)), media_type="text/vtt")
        case "verbose_json":
            body = verbose_transcript(task, transcript, words=words)
        case _:
            body = {"text": transcript.text}
    return Response(to_json_bytes(body | {"pg_metadata": metadata}), media_type="application/json")


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "replace")
