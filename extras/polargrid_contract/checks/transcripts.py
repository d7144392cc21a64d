"""Transcripts and translations: the words come back, in each form and with times that can be true."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from polargrid_contract import subtitles
from polargrid_contract.check import Fault, NotOffered, check
from polargrid_contract.checks.asking import ask
from polargrid_contract.checks.audio import SAID, heard, spoken
from polargrid_contract.exchange import Exchange, Upload
from polargrid_contract.server import Server
from polargrid_contract.shared import shared
from polargrid_contract.sound import UnreadableError, decoded, tone

_ON = ("transcribe", "translate")
_FORMS = {
    "transcribe": ("json", "verbose_json", "text", "srt", "vtt"),
    "translate": ("verbose_json", "srt", "vtt"),
}
_MEDIA = {
    "json": ("application/json",),
    "verbose_json": ("application/json",),
    "text": ("text/plain",),
    "srt": ("text/plain", "application/x-subrip", "text/srt", "text/x-subrip"),
    "vtt": ("text/vtt",),
}
_LENIENCE = 0.5  # seconds that a segment may end after the recording: models round their times
_BOUNDARY = "polargrid-contract"


def _recording(server: Server) -> tuple[bytes, bool]:
    """A recording, and whether words are in it: the server's own speech, in two segments at least, else a tone."""
    try:
        sound = heard(spoken(server))
    except (NotOffered, UnreadableError):
        return tone(), False
    return (sound.twice(), True) if sound.loudness > 0.001 else (tone(), False)


def _path(server: Server, operation: str) -> str | None:
    """Where to ask: PolarGrid makes a job of a transcript that is not asked for at once."""
    jobs = operation == "transcribe" and server.target.profile == "polargrid"
    return f"{server.places[operation][1]}?sync=true" if jobs else None


def _written(server: Server, operation: str, form: str) -> Exchange:
    data, _ = shared(server, "recording", lambda: _recording(server))
    fields = {"model": server.model("speech-to-text"), "response_format": form, "temperature": "0"}
    upload = Upload("speech.wav", data, "audio/wav")
    path = _path(server, operation)
    return shared(
        server,
        (operation, form),
        lambda: server.offered(ask(server, operation, form=fields, upload=upload, path=path)),
    )


def _offered(server: Server) -> list[str]:
    there, absent = [], []
    for operation in _ON:
        try:
            _written(server, operation, "verbose_json")
            there.append(operation)
        except NotOffered as reason:
            absent.append(str(reason))
    if not there:
        raise NotOffered("; ".join(absent))
    return there


def _all(server: Server) -> Iterator[tuple[str, Exchange]]:
    for operation in _offered(server):
        for form in _FORMS[operation]:
            yield form, _written(server, operation, form)


def _verbose(server: Server) -> Iterator[tuple[Exchange, dict[str, Any]]]:
    for operation in _offered(server):
        exchange = _written(server, operation, "verbose_json")
        if exchange.status == 200 and isinstance(exchange.json(), dict):
            yield exchange, exchange.json()


def _has_words(server: Server) -> bool:
    return shared(server, "recording", lambda: _recording(server))[1]


def _text(form: str, exchange: Exchange) -> str:
    """What is said, whatever the form. Raises ValueError where it is not of that form."""
    match form:
        case "json" | "verbose_json":
            answer = exchange.json()
            if not isinstance(answer, dict) or not isinstance(answer.get("text"), str):
                raise ValueError("no text")  # noqa: TRY004 - it is the value that is wrong
            return str(answer["text"])
        case "text":
            if isinstance(exchange.json(), dict):
                raise ValueError("JSON")  # noqa: TRY004
            return exchange.body.decode("utf-8-sig")
        case _:
            read = subtitles.srt if form == "srt" else subtitles.vtt
            return " ".join(cue.text for cue in read(exchange.body))


@check(
    "transcript-forms",
    on=_ON,
    why="Each form of a transcript is what its name says, or the subtitles do not show.",
    source="openapi.yaml, TranscriptionFormat; WebVTT, 4.1",
)
def forms(server: Server) -> Iterator[Fault]:
    for form, exchange in _all(server):
        if exchange.status != 200:
            yield server.fault(exchange, expected=f"200 for {form}", came=f"{exchange.status} {exchange.text[:150]}")
            continue
        loose = ("text/plain",) if server.target.profile == "openai" and form == "vtt" else ()
        media = _MEDIA[form] + loose
        if exchange.media_type not in media:
            yield server.fault(exchange, expected=f"{media[0]} for {form}", came=exchange.media_type or "none")
        try:
            _text(form, exchange)
        except ValueError as wrong:
            yield server.fault(exchange, expected=form, came=f"{wrong}: {exchange.text[:200]!r}")


@check(
    "transcript-subtitle-times",
    on=_ON,
    why="Subtitles are shown one after another, each for a while.",
    source="WebVTT, 4.1; SubRip as players read it",
)
def subtitle_times(server: Server) -> Iterator[Fault]:
    data, _ = shared(server, "recording", lambda: _recording(server))
    most = decoded(data).seconds + _LENIENCE
    for form, exchange in _all(server):
        if form not in {"srt", "vtt"} or exchange.status != 200:
            continue
        try:
            cues = (subtitles.srt if form == "srt" else subtitles.vtt)(exchange.body)
        except ValueError:
            continue
        if wrong := subtitles.disorder([(cue.start, cue.end) for cue in cues], most):
            yield server.fault(exchange, expected="cues in order, within the recording", came=wrong)


@check(
    "transcript-same-text",
    on=_ON,
    why="The form of a transcript changes its dress and not its words.",
    source="openapi.yaml, TranscriptionFormat",
)
def same_text(server: Server) -> Iterator[Fault]:
    said: dict[str, str] = {}
    for form, exchange in _all(server):
        try:
            text = _text(form, exchange) if exchange.status == 200 else None
        except ValueError:
            continue
        if text is None:
            continue
        first = said.setdefault(exchange.operation, text)
        if subtitles.likeness(first, text) < 0.85:
            yield server.fault(exchange, expected=f"the text of the other forms, {first!r}", came=repr(text))


@check(
    "transcript-words",
    on=_ON,
    why="What the server speaks it can write down again.",
    source="API overview, Transcription",
)
def words(server: Server) -> Iterator[Fault]:
    if not _has_words(server):
        return
    for form, exchange in _all(server):
        if form == "verbose_json" and exchange.status == 200:
            text = _text(form, exchange)
            if subtitles.recall(SAID, text) < 0.6:
                yield server.fault(exchange, expected=f"most words of {SAID!r}", came=repr(text))


@check(
    "transcript-segments",
    on=_ON,
    why="Segments are the text in order, with times inside the recording.",
    source="openapi.yaml, TranscriptionSegment",
)
def segments(server: Server) -> Iterator[Fault]:
    for exchange, answer in _verbose(server):
        parts = answer["segments"]
        ids = [part["id"] for part in parts]
        if ids != list(range(len(parts))):
            yield server.fault(exchange, expected="ids from 0", came=str(ids))
        if wrong := subtitles.disorder(
            [(part["start"], part["end"]) for part in parts], answer["duration"] + _LENIENCE
        ):
            yield server.fault(exchange, expected="segments in order, within the recording", came=wrong)
        joined = "".join(part["text"] for part in parts)
        if "".join(joined.split()) != "".join(answer["text"].split()):
            yield server.fault(exchange, expected=f"segments that make up {answer['text']!r}", came=repr(joined))


@check(
    "transcript-facts",
    on=_ON,
    why="A verbose transcript tells what was done, in which language, over how long a recording.",
    source="openapi.yaml, VerboseTranscriptionResponse",
)
def facts(server: Server) -> Iterator[Fault]:
    data, _ = shared(server, "recording", lambda: _recording(server))
    seconds = decoded(data).seconds
    for exchange, answer in _verbose(server):
        if answer["task"] != exchange.operation:
            yield server.fault(exchange, expected=f"task {exchange.operation}", came=str(answer["task"]))
        if not isinstance(answer["language"], str) or not answer["language"]:
            yield server.fault(exchange, expected="a language", came=repr(answer["language"]))
        if abs(float(answer["duration"]) - seconds) > 0.1 * seconds + 0.2:
            yield server.fault(exchange, expected=f"a duration of {seconds:.2f} s", came=str(answer["duration"]))


@check(
    "transcript-refuses",
    on=_ON,
    why="What is no recording is the client's mistake, and told as such.",
    source="openapi.yaml, BadRequest",
)
def refuses(server: Server) -> Iterator[Fault]:
    statuses = {400, 415, 422} if server.target.profile == "openai" else {400}
    fields = {"model": server.model("speech-to-text"), "response_format": "json"}
    for operation in _offered(server):
        path = _path(server, operation)
        for name, data in (("garbage.wav", b"This is no recording. " * 40), ("empty.wav", b"")):
            upload = Upload(name, data, "audio/wav")
            exchange = server.ask(operation, form=fields, upload=upload, path=path)
            if exchange.status not in statuses:
                yield server.fault(
                    exchange, expected=f"400 for {name}", came=f"{exchange.status} {exchange.text[:150]}"
                )
        exchange = server.ask(operation, content=_without_file(fields), path=path, headers=_FORM)
        if exchange.status not in statuses:
            came = f"{exchange.status} {exchange.text[:150]}"
            yield server.fault(exchange, expected="400 for a form without a file", came=came)


_FORM = {"content-type": f"multipart/form-data; boundary={_BOUNDARY}"}


def _without_file(fields: dict[str, str]) -> bytes:
    parts = (f'--{_BOUNDARY}\r\ncontent-disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items())
    return ("".join(parts) + f"--{_BOUNDARY}--\r\n").encode()
