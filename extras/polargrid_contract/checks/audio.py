"""Speech: what comes is audio of the format asked for, as long as its text and speed make it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from polargrid_contract.check import Fault, check
from polargrid_contract.checks.asking import ask
from polargrid_contract.exchange import Exchange
from polargrid_contract.server import Server
from polargrid_contract.shared import shared
from polargrid_contract.sound import Sound, UnreadableError, bare, decoded, wav_fault

SAID = "The lamp is green. The cat sleeps."
_SHORT = "The cat sleeps."
_ON = ("text_to_speech",)
# Format: its media types, its containers and its codecs, as servers and PyAV name them.
_FORMATS: dict[str, tuple[str, str, str]] = {
    "mp3": ("audio/(mpeg|mp3|mpeg3|x-mpeg)", "mp3", "mp3.*"),
    "opus": ("audio/(ogg|opus|webm)|application/ogg", "ogg|matroska.*", "(lib)?opus"),
    "aac": ("audio/(x-)?(aac|aacp|mp4|m4a|hx-aac-adts)", "aac|mov.*", "aac.*"),
    "flac": ("audio/(x-)?flac", "flac|ogg", "flac"),
    "wav": ("audio/(x-wav|wav|wave|vnd\\.wave|x-pn-wav)", "wav", "pcm_s16le"),
    "pcm": ("audio/(x-)?(pcm|l16|raw|basic)|application/octet-stream", "", "pcm_s16le"),
}
_SILENCE = 0.001  # root mean square; speech is some 0.05
_PER_CHARACTER = (0.02, 0.25)  # seconds
_STREAMED = ("pcm", "opus")


def spoken(server: Server, text: str = SAID, form: str = "wav", **fields: object) -> Exchange:
    """The text as speech, asked for once."""
    voice = "alloy"  # of OpenAI's names and of PolarGrid's
    body = {"model": server.model("text-to-speech"), "input": text, "voice": voice, "response_format": form, **fields}
    name = ("text_to_speech", tuple(body.items()))
    return shared(server, name, lambda: server.offered(ask(server, "text_to_speech", body=body)))


def heard(exchange: Exchange) -> Sound:
    """The answer, decoded as what was asked for. Raises UnreadableError."""
    if exchange.status != 200:
        raise UnreadableError(f"{exchange.status} {exchange.text[:150]}")
    return bare(exchange.body) if exchange.request["response_format"] == "pcm" else decoded(exchange.body)


def _sounds(server: Server) -> Iterator[tuple[str, Exchange, Sound]]:
    """Each format that can be decoded."""
    for form in _FORMATS:
        exchange = spoken(server, form=form)
        try:
            yield form, exchange, heard(exchange)
        except UnreadableError:
            continue


@check(
    "speech-decodes",
    on=_ON,
    why="Audio that is not of the format it claims cannot be played.",
    source="openapi.yaml, AudioFormat",
)
def decodes(server: Server) -> Iterator[Fault]:
    for form, (_, container, codec) in _FORMATS.items():
        exchange = spoken(server, form=form)
        try:
            sound = heard(exchange)
        except UnreadableError as error:
            yield server.fault(exchange, expected=form, came=str(error) if exchange.body else "nothing")
            continue
        if not re.fullmatch(container, sound.container) or not re.fullmatch(codec, sound.codec):
            yield server.fault(exchange, expected=form, came=f"{sound.container} with {sound.codec}")


@check(
    "speech-media-type",
    on=_ON,
    why="A player chooses its decoder by the content type.",
    source="openapi.yaml, text_to_speech",
)
def media_type(server: Server) -> Iterator[Fault]:
    for form, (media, _, _) in _FORMATS.items():
        exchange = spoken(server, form=form)
        if exchange.status == 200 and not re.fullmatch(media, exchange.media_type):
            yield server.fault(exchange, expected=f"a media type of {form}", came=exchange.media_type or "none")


@check(
    "speech-wav-header",
    on=_ON,
    why="A WAV file says how long it is and how to read its samples: 16-bit PCM, which every player has.",
    source="RFC 2361 and Microsoft's RIFF specification",
)
def wav_header(server: Server) -> Iterator[Fault]:
    exchange = spoken(server, form="wav")
    if exchange.status == 200 and (wrong := wav_fault(exchange.body)):
        yield server.fault(exchange, expected="a sane WAV header", came=wrong)


@check(
    "speech-is-heard",
    on=_ON,
    why="Silence, noise and nothing at all are no speech.",
    source="API overview, Text to speech",
)
def is_heard(server: Server) -> Iterator[Fault]:
    for _, exchange, sound in _sounds(server):
        if not len(sound.samples):
            yield server.fault(exchange, expected="speech", came="no samples")
        elif sound.loudness < _SILENCE:
            yield server.fault(exchange, expected="speech", came=f"silence (loudness {sound.loudness:.5f})")
        elif sound.smoothness < 0.3:
            yield server.fault(exchange, expected="speech", came="noise, as of samples in another byte order or size")


@check(
    "speech-duration",
    on=_ON,
    why="Speech lasts as long as its text, in every format: less is cut off, more is a wrong sample rate.",
    source="openapi.yaml, AudioFormat and TextToSpeechRequest.input",
)
def duration(server: Server) -> Iterator[Fault]:
    sounds = list(_sounds(server))
    usual = sorted(sound.seconds for _, _, sound in sounds)[len(sounds) // 2] if sounds else 0.0
    for _, exchange, sound in sounds:
        least, most = (len(SAID) * seconds for seconds in _PER_CHARACTER)
        if not least <= sound.seconds <= most:
            expected = f"{least:.1f} to {most:.1f} s for {len(SAID)} characters"
            yield server.fault(exchange, expected=expected, came=f"{sound.seconds:.2f} s")
        elif abs(sound.seconds - usual) > 0.15 * usual + 0.15:
            expected = f"about {usual:.2f} s, as in other formats"
            yield server.fault(exchange, expected=expected, came=f"{sound.seconds:.2f} s")


@check(
    "speech-speed",
    on=_ON,
    why="Speed 2 speaks in half the time, speed 0.5 in twice.",
    source="openapi.yaml, TextToSpeechRequest.speed",
)
def speed(server: Server) -> Iterator[Fault]:
    try:
        usual = heard(spoken(server, _SHORT)).seconds
    except UnreadableError:
        return
    for factor, least, most in ((2, 0.35, 0.7), (0.5, 1.4, 2.9)):
        exchange = spoken(server, _SHORT, speed=factor)
        expected = f"{least} to {most} of the {usual:.2f} s at speed 1"
        try:
            seconds = heard(exchange).seconds
        except UnreadableError as error:
            yield server.fault(exchange, expected=expected, came=str(error))
            continue
        if not least * usual <= seconds <= most * usual:
            yield server.fault(exchange, expected=expected, came=f"{seconds:.2f} s at speed {factor}")


@check(
    "speech-streamed-whole",
    on=_ON,
    why="Streamed speech is the same speech: nothing of it is lost on the way.",
    source="openapi.yaml, TextToSpeechRequest.stream",
    profiles=("polargrid",),
)
def streamed_whole(server: Server) -> Iterator[Fault]:
    for form in _STREAMED:
        exchange = spoken(server, form=form, stream=True)
        try:
            whole = heard(spoken(server, form=form)).seconds
        except UnreadableError:
            continue
        expected = f"{whole:.2f} s, as when whole"
        try:
            seconds = heard(exchange).seconds
        except UnreadableError as error:
            yield server.fault(exchange, expected=expected, came=str(error) if exchange.body else "nothing")
            continue
        if exchange.cut or abs(seconds - whole) > 0.1 * whole + 0.1:
            yield server.fault(exchange, expected=expected, came=f"{seconds:.2f} s {exchange.cut}")


@check(
    "speech-streamed-over-time",
    on=_ON,
    why="Streamed speech can be heard while the rest is made; held back it is a slow plain answer.",
    source="openapi.yaml, text_to_speech",
    profiles=("polargrid",),
)
def streamed_over_time(server: Server) -> Iterator[Fault]:
    whole = spoken(server, form="pcm")
    first = spoken(server, form="pcm", stream=True)
    if not _held_back(first, whole.seconds):
        return
    again = server.ask("text_to_speech", first.request)  # once is no proof on a busy machine
    if _held_back(again, whole.seconds):
        expected = f"the first sentence before the second is made ({whole.seconds:.2f} s in all)"
        yield server.fault(again, expected=expected, came=f"all of it after {again.arrivals[0].seconds:.2f} s")


def _held_back(exchange: Exchange, whole: float) -> bool:
    """Whether all came at once, about when the whole would have; what is made in half a second proves nothing."""
    if exchange.status != 200 or not exchange.arrivals or whole < 0.5:
        return False
    first, last = exchange.arrivals[0].seconds, exchange.arrivals[-1].seconds
    return first > 0.8 * whole and last - first < 0.05 * whole
