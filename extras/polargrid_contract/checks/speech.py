"""Speech: the response is audio of the requested format, with a duration that matches its text and speed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from polargrid_contract.cache import cached
from polargrid_contract.checks.latency import confirm, measure_latency
from polargrid_contract.checks.requests import send
from polargrid_contract.checks.streamed_client import stream_texts
from polargrid_contract.client import ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.readers.audio import (
    DecodedAudio,
    UnreadableError,
    decode_audio,
    decode_pcm,
    find_wav_error,
)
from polargrid_contract.registry import CheckSkipped, check
from polargrid_contract.results import Violation

TEXT = "Good day. Good night."
_SHORT_TEXT = "Good day."
_OPERATION = ("text_to_speech",)
#: Format: patterns of its media types, containers and codecs, as servers and PyAV name them.
AUDIO_FORMATS: dict[str, tuple[str, str, str]] = {
    "mp3": ("audio/(mpeg|mp3|mpeg3|x-mpeg)", "mp3", "mp3.*"),
    "opus": ("audio/(ogg|opus|webm)|application/ogg", "ogg|matroska.*", "(lib)?opus"),
    "aac": ("audio/(x-)?(aac|aacp|mp4|m4a|hx-aac-adts)", "aac|mov.*", "aac.*"),
    "flac": ("audio/(x-)?flac", "flac|ogg", "flac"),
    "wav": ("audio/(x-wav|wav|wave|vnd\\.wave|x-pn-wav)", "wav", "pcm_s16le"),
    "pcm": ("audio/(x-)?(pcm|l16|raw|basic)|application/octet-stream", "", "pcm_s16le"),
}
#: The formats in which a stream of all sentences is compared with plain speech.
STREAMED_FORMATS = ("pcm", "opus")
_MIN_LOUDNESS = 0.001  # root mean square; speech has about 0.05
_MIN_SMOOTHNESS = 0.3
_SECONDS_PER_CHARACTER = (0.02, 0.25)
_FIRST_SENTENCE = "The lamp is green."
_LONG_TEXT = f"{_FIRST_SENTENCE} The cat sleeps. Good night."
_MIN_GENERATION_SECONDS = 0.25  # speech that is generated faster may arrive at once
_LATE_SHARE = 0.5  # of the sentences behind the first one
_CLEAR_SHARE = 0.25  # while other checks run: what is later is measured again alone


def speak(client: ServerClient, text: str = TEXT, response_format: str = "wav", **fields: Any) -> Exchange:
    """Request speech; an equal request is sent only once."""
    body = {
        "model": client.model("text-to-speech"),
        "input": text,
        "voice": "alloy",  # a voice of both OpenAI and PolarGrid
        "response_format": response_format,
        **fields,
    }
    name = ("text_to_speech", tuple(body.items()))
    return cached(client.base, name, lambda: client.require(send(client, "text_to_speech", body=body)))


def decode_speech(exchange: Exchange) -> DecodedAudio:
    """Decode a response as the requested format. Raises UnreadableError."""
    if exchange.status != 200:
        raise UnreadableError(f"status {exchange.status}: {exchange.text[:150]}")
    if not exchange.body:
        raise UnreadableError("an empty body")
    if exchange.request["response_format"] == "pcm":
        return decode_pcm(exchange.body)
    return decode_audio(exchange.body)


@check(
    "speech-decodes",
    on=_OPERATION,
    rationale="A player cannot play audio of another format than declared.",
    reference="openapi.yaml, AudioFormat",
)
def check_format(client: ServerClient) -> Iterator[Violation]:
    """Each format has its container and codec."""
    for name, (_, container, codec) in AUDIO_FORMATS.items():
        exchange = speak(client, response_format=name)
        try:
            audio = decode_speech(exchange)
        except UnreadableError as error:
            yield client.violation(exchange, expected=name, actual=str(error))
            continue
        if not re.fullmatch(container, audio.container) or not re.fullmatch(codec, audio.codec):
            yield client.violation(exchange, expected=name, actual=f"{audio.container} with {audio.codec}")


@check(
    "speech-media-type",
    on=_OPERATION,
    rationale="A player selects its decoder by the content type.",
    reference="openapi.yaml, text_to_speech",
)
def check_media_type(client: ServerClient) -> Iterator[Violation]:
    """Each format has one of its media types."""
    for name, (media_types, _, _) in AUDIO_FORMATS.items():
        exchange = speak(client, response_format=name)
        if exchange.status == 200 and not re.fullmatch(media_types, exchange.media_type):
            actual = exchange.media_type or "no content type"
            yield client.violation(exchange, expected=f"a media type of {name}", actual=actual)


@check(
    "speech-wav-header",
    on=_OPERATION,
    rationale="A WAV header declares the length and the format, 16-bit PCM, which every player supports.",
    reference="RFC 2361 and Microsoft's RIFF specification",
)
def check_wav_header(client: ServerClient) -> Iterator[Violation]:
    """The WAV header is valid."""
    exchange = speak(client, response_format="wav")
    if exchange.status == 200 and (error := find_wav_error(exchange.body)):
        yield client.violation(exchange, expected="a valid WAV header", actual=error)


@check(
    "speech-audible",
    on=_OPERATION,
    rationale="Silence and noise are not speech.",
    reference="API overview, Text to speech",
)
def check_audible(client: ServerClient) -> Iterator[Violation]:
    """The samples of each format are loud and smooth enough for speech."""
    for exchange, audio in _decodable_speech(client):
        if not len(audio.samples):
            yield client.violation(exchange, expected="speech", actual="no samples")
        elif audio.loudness < _MIN_LOUDNESS:
            actual = f"silence (loudness {audio.loudness:.5f})"
            yield client.violation(exchange, expected="speech", actual=actual)
        elif audio.smoothness < _MIN_SMOOTHNESS:
            actual = "noise, as from samples with another byte order or size"
            yield client.violation(exchange, expected="speech", actual=actual)


@check(
    "speech-duration",
    on=_OPERATION,
    rationale="Shorter speech is truncated, longer speech has a wrong sample rate.",
    reference="openapi.yaml, AudioFormat and TextToSpeechRequest.input",
)
def check_duration(client: ServerClient) -> Iterator[Violation]:
    """The duration matches the length of the text, and is the same in all formats."""
    speech = list(_decodable_speech(client))
    median = sorted(audio.seconds for _, audio in speech)[len(speech) // 2] if speech else 0.0
    minimum, maximum = (len(TEXT) * seconds for seconds in _SECONDS_PER_CHARACTER)
    for exchange, audio in speech:
        if not minimum <= audio.seconds <= maximum:
            expected = f"{minimum:.1f} to {maximum:.1f} s for {len(TEXT)} characters"
        elif abs(audio.seconds - median) > 0.15 * median + 0.15:
            expected = f"about {median:.2f} s, as in other formats"
        else:
            continue
        yield client.violation(exchange, expected=expected, actual=f"{audio.seconds:.2f} s")


@check(
    "speech-speed",
    on=_OPERATION,
    rationale="Speed 2 halves the duration, speed 0.5 doubles it.",
    reference="openapi.yaml, TextToSpeechRequest.speed",
)
def check_speed(client: ServerClient) -> Iterator[Violation]:
    """The duration changes with the speed."""
    try:
        normal = decode_speech(speak(client, _SHORT_TEXT)).seconds
    except UnreadableError as error:
        raise CheckSkipped(f"speech at speed 1 cannot be decoded: {error}") from error
    for speed, minimum, maximum in ((2, 0.35, 0.7), (0.5, 1.4, 2.9)):
        exchange = speak(client, _SHORT_TEXT, speed=speed)
        expected = f"{minimum} to {maximum} of the {normal:.2f} s at speed 1"
        try:
            seconds = decode_speech(exchange).seconds
        except UnreadableError as error:
            yield client.violation(exchange, expected=expected, actual=str(error))
            continue
        if not minimum * normal <= seconds <= maximum * normal:
            yield client.violation(exchange, expected=expected, actual=f"{seconds:.2f} s at speed {speed}")


@check(
    "speech-stream-complete",
    on=_OPERATION,
    rationale="Streamed speech equals plain speech.",
    reference="openapi.yaml, TextToSpeechRequest.stream",
    profiles=("polargrid",),
)
def check_stream_complete(client: ServerClient) -> Iterator[Violation]:
    """Streamed speech has the duration of plain speech."""
    streamed = stream_texts(client)  # shares the responses of other checks
    compared = 0
    for name in STREAMED_FORMATS:
        exchange = speak(streamed, response_format=name)
        try:
            plain = decode_speech(speak(client, response_format=name)).seconds
        except UnreadableError:
            continue
        compared += 1
        expected = f"{plain:.2f} s, as plain speech"
        try:
            seconds = decode_speech(exchange).seconds
        except UnreadableError as error:
            yield client.violation(exchange, expected=expected, actual=str(error))
            continue
        if exchange.error or abs(seconds - plain) > 0.1 * plain + 0.1:
            yield client.violation(exchange, expected=expected, actual=f"{seconds:.2f} s {exchange.error}")
    if not compared:
        raise CheckSkipped(f"plain speech cannot be decoded in any of: {', '.join(STREAMED_FORMATS)}")


@check(
    "speech-stream-incremental",
    on=_OPERATION,
    rationale="A client plays streamed speech while it is generated; a buffered stream is a slow plain response.",
    reference="openapi.yaml, text_to_speech",
    profiles=("polargrid",),
    exclusive=True,
    tries_beside=True,
)
def check_stream_incremental(client: ServerClient) -> Iterator[Violation]:
    """The first bytes arrive about when speech of the first sentence does, not when all of it could."""
    resolution = measure_latency(client).resolution

    def measure() -> Violation | None:
        # What a response takes before its first sentence, and on its way, is in all three of them.
        plain, first = (_speak_fresh(client, text) for text in (_LONG_TEXT, _FIRST_SENTENCE))
        stream = _speak_fresh(client, _LONG_TEXT, stream=True)
        rest = plain.seconds - first.seconds
        is_measurable = rest >= max(_MIN_GENERATION_SECONDS, resolution)
        has_speech = stream.status == 200 and bool(stream.chunks)
        is_clear = is_measurable and has_speech and not _is_late(stream, first.seconds, _CLEAR_SHARE * rest)
        if not client.is_alone and not is_clear:
            client.require_alone()
        if not is_measurable:
            raise CheckSkipped(f"sentences that take {max(rest, 0.0):.2f} s show no timing at this distance")
        if not has_speech or not _is_late(stream, first.seconds, _LATE_SHARE * rest):
            return None
        expected = f"the first sentence before the others are generated, in {rest:.2f} s"
        arrival = f"the first bytes after {stream.chunks[0].seconds:.2f} s"
        actual = f"{arrival}; the sentence alone takes {first.seconds:.2f} s"
        return client.violation(stream, expected=expected, actual=actual)

    yield from confirm(measure)


def _speak_fresh(client: ServerClient, text: str, **fields: Any) -> Exchange:
    """Request speech that no other request shares, nor disturbs."""
    body = {**speak(client, response_format="pcm").request, "input": text, **fields}
    return client.require(send(client, "text_to_speech", body=body))


def _is_late(stream: Exchange, first_sentence_seconds: float, limit: float) -> bool:
    """Whether the first bytes came more than so many seconds after speech of the first sentence."""
    return stream.chunks[0].seconds - first_sentence_seconds > limit


def _decodable_speech(client: ServerClient) -> Iterator[tuple[Exchange, DecodedAudio]]:
    for name in AUDIO_FORMATS:
        exchange = speak(client, response_format=name)
        try:
            yield exchange, decode_speech(exchange)
        except UnreadableError:
            continue  # check_format reports it
