"""Speech."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from itertools import chain, takewhile
from typing import TYPE_CHECKING, Any, cast

from starlette.responses import Response

from polargrid_edge.answers import Json, arguments
from polargrid_edge.errors import EdgeError, invalid
from polargrid_edge.streaming import Pipe, StreamedResponse

if TYPE_CHECKING:
    from polargrid_edge.backends.speech import SpeechBackend
    from polargrid_edge.call import Call
    from polargrid_edge.catalog import Model
    from polargrid_edge.settings import EdgeSettings
    from polargrid_edge.workers import Workers
    from polargrid_generated.models import TextToSpeechRequest


class SpeechService:
    def __init__(self, settings: EdgeSettings, workers: Workers) -> None:
        self._settings = settings
        self._workers = workers

    async def text_to_speech(self, call: Call[TextToSpeechRequest]) -> Response:
        from polargrid_edge.audio import FORMATS

        body = arguments(call.body)
        self._check_length(body["input"])
        model = self._workers.model(call.body.model, "speech")
        line = self._workers.lines["speech"]
        call.timing.queued = await call.closing.enter_async_context(line.turn())
        pieces: Pipe[bytes] = line.stream(self._work(call, model, body), call.closing)
        other_voice = (await anext(pieces)).decode()
        headers = {"x-pg-voice": other_voice} if other_voice else {}
        media_type = FORMATS[body["response_format"]].media_type
        if body["stream"]:
            audio = _with_first(await anext(pieces, b""), pieces)
            return StreamedResponse(audio, media_type, headers)
        return Response(b"".join([piece async for piece in pieces]), headers=headers, media_type=media_type)

    def _check_length(self, text: str) -> None:
        most = self._settings.max_speech_characters
        if most is not None and len(text) > most:
            raise invalid(f"input: this edge speaks at most {most} characters at a time", "input")

    def _work(self, call: Call[Any], model: Model, body: Json) -> Callable[[Pipe[bytes]], None]:
        """Puts the name of the voice that speaks in another's place, or nothing; then the audio."""

        def work(pipe: Pipe[bytes]) -> None:
            from polargrid_edge.audio import encode

            with self._workers.lease(model, call.timing) as leased:
                backend = cast("SpeechBackend", leased)
                other_voice, sentences = _begun(backend, body)
                pipe.put(other_voice.encode())
                wanted = takewhile(lambda _: not pipe.closed, sentences)
                for piece in encode(wanted, backend.sample_rate, body["response_format"]):
                    if piece and pipe.put(piece):
                        return

        return work


def _begun(backend: SpeechBackend, body: Json) -> tuple[str, Iterable[Any]]:
    """The voice that stands in, where one does; the speech, its first sentence made, so that what fails fails now."""
    from polargrid_edge.backends.speech import STAND_IN, UnknownVoiceError

    try:
        sentences = backend.speak(body["input"], body["voice"], body["speed"])
        speaker = backend.speaker(body["voice"])
    except UnknownVoiceError as unknown:
        raise EdgeError(404, unknown.message, "voice_not_found", param="voice") from unknown
    return speaker if speaker == STAND_IN else "", chain([next(sentences)], sentences)


async def _with_first(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece
