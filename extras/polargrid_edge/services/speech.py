"""Speech."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from contextlib import aclosing
from itertools import chain, takewhile
from typing import TYPE_CHECKING, Any, Final, cast

from starlette.responses import Response

from polargrid_edge.errors import EdgeError, invalid_request
from polargrid_edge.http.responses import Json, request_fields
from polargrid_edge.http.streaming import StreamedResponse
from polargrid_edge.models.thread_pipe import ThreadPipe

if TYPE_CHECKING:
    from polargrid_edge.backends.speech import SpeechBackend
    from polargrid_edge.models.catalog import Model
    from polargrid_edge.models.pool import ModelPool
    from polargrid_edge.services.context import RequestContext
    from polargrid_edge.settings import EdgeSettings
    from polargrid_edge.upstream.audio import UpstreamSpeech
    from polargrid_generated.models import TextToSpeechRequest


_UPSTREAM_FIELDS: Final = ("input", "voice", "response_format", "speed", "instructions")


class SpeechService:
    def __init__(self, settings: EdgeSettings, pool: ModelPool) -> None:
        self._settings = settings
        self._pool = pool

    async def text_to_speech(self, context: RequestContext[TextToSpeechRequest]) -> Response:
        from polargrid_edge.media.audio import FORMATS

        body = request_fields(context.body)
        if body["stream_format"] == "audio":
            context.obey(["stream_format"])
        self._check_length(body["input"])
        body["voice"] = _voice_name(body["voice"])
        model = self._pool.resolve(context.body.model, "speech")
        queue = self._pool.queue(model)
        context.timing.queued = await context.closing.enter_async_context(queue.slot())
        chunks: AsyncIterator[bytes]
        headers: dict[str, str] = {}
        if model.is_upstream:
            chunks = self._speak_upstream(context, model, body)
            context.closing.push_async_callback(chunks.aclose)
        else:
            chunks = queue.stream(self._work(context, model, body), context.closing)
            if fallback_voice := (await anext(chunks)).decode():
                headers = {"x-pg-voice": fallback_voice}
        media_type = FORMATS[body["response_format"]].media_type
        if body["stream"]:
            audio = _prepend(await anext(chunks, b""), chunks)
            return StreamedResponse(audio, media_type, headers)
        return Response(b"".join([chunk async for chunk in chunks]), headers=headers, media_type=media_type)

    def _check_length(self, text: str) -> None:
        limit = self._settings.max_speech_characters
        if limit is not None and len(text) > limit:
            message = f"input: {len(text)} characters are too many; this edge accepts at most {limit}"
            raise invalid_request(message, "input")

    def _work(self, context: RequestContext[Any], model: Model, body: Json) -> Callable[[ThreadPipe[bytes]], None]:
        """The work of a request: send the name of the fallback voice, or nothing, then the audio."""

        def work(pipe: ThreadPipe[bytes]) -> None:
            from polargrid_edge.media.audio import encode

            with self._pool.lease(model, context.timing) as leased:
                backend = cast("SpeechBackend", leased)
                fallback_voice, sentences = _start_speech(backend, body)
                pipe.send(fallback_voice.encode())
                wanted = takewhile(lambda _: not pipe.closed, sentences)
                for chunk in encode(wanted, backend.sample_rate, body["response_format"]):
                    if chunk and pipe.send(chunk):
                        return

        return work

    async def _speak_upstream(self, context: RequestContext[Any], model: Model, body: Json) -> AsyncGenerator[bytes]:
        with self._pool.lease_upstream(model, context.timing) as (backend, headers):
            async with aclosing(cast("UpstreamSpeech", backend).speak(_upstream_fields(body), headers)) as audio:
                async for chunk in audio:
                    yield chunk


def _upstream_fields(body: Json) -> Json:
    """The fields of a request for an upstream server, which sends the audio as it is made."""
    return {name: body[name] for name in _UPSTREAM_FIELDS if body.get(name) is not None}


def _voice_name(voice: str | Json) -> str:
    """The name of a voice, which may be an object with its id."""
    return voice if isinstance(voice, str) else str(voice["id"])


def _start_speech(backend: SpeechBackend, body: Json) -> tuple[str, Iterable[Any]]:
    """The fallback voice, where it speaks, and the speech; its first sentence is synthesized, to fail early."""
    from polargrid_edge.backends.speech import FALLBACK_VOICE, UnknownVoiceError

    try:
        sentences = backend.speak(body["input"], body["voice"], body["speed"])
        speaker = backend.speaker(body["voice"])
    except UnknownVoiceError as error:
        raise EdgeError(404, error.message, "voice_not_found", param="voice") from error
    return speaker if speaker == FALLBACK_VOICE else "", chain([next(sentences)], sentences)


async def _prepend(first: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in chunks:
        yield chunk
