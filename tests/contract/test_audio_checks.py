"""The checks of speech and transcripts: a correct server passes, a seeded fault fails one, a legal variation none."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable

import httpx
import pytest

from polargrid_contract.readers.audio import decode_audio
from tests.contract import made_speech
from tests.contract.changes import Change, Send, copy_response, failures, names_in, run, run_one
from tests.contract.recorded_edge import Chunk, build_response, chunks_of

MODULES = ("speech", "speech_forms", "transcripts")


TONE = made_speech.encode(made_speech.generate_samples("A tone.", 1), "wav")


def only(name: str, change: Callable[[bytes], bytes], *, stream: bool = False) -> Change:
    """Change the bodies of one format, plain or streamed."""

    def apply(request: httpx.Request, send: Send) -> httpx.Response:
        response, body = send(request), request.content
        is_stream = b'"stream": true' in body
        if response.status_code != 200 or (
            made_speech.read_field(body, "response_format") or request.url.query.decode(),
            is_stream,
        ) != (
            name,
            stream,
        ):
            return response
        return copy_response(response, content=change(response.content))

    return apply


def verbose(change: Callable[[dict], object]) -> Change:
    """Change verbose transcripts in place."""

    def apply(body: bytes) -> bytes:
        response = json.loads(body)
        change(response)
        return json.dumps(response).encode()

    return only("verbose_json", apply)


def set_media_type(name: str, media_type: str) -> Change:
    def apply(request: httpx.Request, send: Send) -> httpx.Response:
        response = send(request)
        is_format = made_speech.read_field(request.content, "response_format") == name
        return copy_response(response, content_type=media_type) if is_format else response

    return apply


def replace_words(request: httpx.Request, send: Send) -> httpx.Response:
    response = send(request)
    if "audio/" in response.headers["content-type"]:
        return response
    return copy_response(response, content=re.sub(rb"(?i)lamp|cat|green|sleeps?|the\b", b"so", response.content))


def ignore_speed(request: httpx.Request, send: Send) -> httpx.Response:
    content = re.sub(rb', "speed": [0-9.]+', b"", request.content)
    headers = {"content-type": request.headers.get("content-type", "")}
    return send(httpx.Request(request.method, request.url, content=content, headers=headers))


def accept_everything(request: httpx.Request, send: Send) -> httpx.Response:
    response = send(request)
    return httpx.Response(200, json={"text": ""}) if response.status_code == 400 else response


def buffer(request: httpx.Request, send: Send) -> httpx.Response:
    response = send(request)
    chunks = chunks_of(response)
    chunks = [Chunk(chunks[-1].seconds, chunk.data) for chunk in chunks]
    return build_response(response.status_code, response.headers.multi_items(), chunks)


def last_cue_after_an_hour(body: bytes) -> bytes:
    return body.replace(b"--> 00:00:05", b"--> 01:00:05")


def to_flac(body: bytes, seconds: float) -> bytes:
    """Cut seconds off the end of a FLAC file."""
    audio = decode_audio(body)
    samples = audio.samples[: -int(seconds * audio.rate)]
    return made_speech.encode((samples * 32767).astype("<i2"), "flac")


def vary_length() -> Change:
    """A model that speaks at another pace each time."""
    lengths = itertools.count(100)

    def apply(request: httpx.Request, send: Send) -> httpx.Response:
        response = send(request)
        if made_speech.read_field(request.content, "response_format") != "pcm":
            return response
        return copy_response(response, content=response.content[: len(response.content) * 90 // next(lengths) * 2 // 2])

    return apply


def test_a_correct_server_passes():
    """Every check passes."""
    outcomes = run(made_speech.send, names_in(*MODULES), models={})
    assert failures(outcomes) == []
    assert {outcome.status for outcome in outcomes} == {"passed"}


FAULTS = [
    ("speech-decodes", only("wav", lambda body: body[44:])),
    ("speech-decodes", only("mp3", lambda _: b"")),
    ("speech-decodes", only("mp3", lambda _: TONE)),
    ("speech-decodes", only("opus", lambda _: b"OggS nonsense")),
    ("speech-decodes", only("pcm", lambda body: b"RIFF" + body)),
    ("speech-media-type", set_media_type("flac", "audio/mpeg")),
    ("speech-wav-header", only("wav", lambda body: body[:40] + b"\xff\xff\xff\x0f" + body[44:])),
    ("speech-wav-header", only("wav", lambda body: body[:28] + b"\1\0\0\0" + body[32:])),
    ("speech-audible", only("pcm", lambda body: bytes(len(body)))),
    ("speech-audible", only("pcm", lambda body: body[1:] + b"\0")),
    ("speech-duration", only("pcm", lambda body: body + body)),
    ("speech-duration", only("pcm", lambda body: body[: len(body) // 4 * 2])),
    ("speech-formats-equally-long", only("pcm", lambda body: body[: len(body) * 9 // 20 * 2])),
    ("speech-formats-equally-long", only("mp3", lambda body: body[: len(body) * 8 // 10])),
    ("speech-formats-equally-long", only("flac", lambda body: to_flac(body, 0.1))),
    ("speech-speed", ignore_speed),
    ("speech-stream-complete", only("pcm", lambda body: body[: len(body) // 4 * 2], stream=True)),
    ("speech-stream-incremental", buffer),
    ("transcript-formats", only("srt", lambda body: body.replace(b",", b"."))),
    ("transcript-formats", only("srt", lambda body: body.replace(b"1\n", b"0\n", 1))),
    ("transcript-formats", only("vtt", lambda body: body.removeprefix(b"WEBVTT"))),
    ("transcript-formats", only("vtt", lambda body: body.replace(b".", b","))),
    ("transcript-formats", only("text", lambda body: json.dumps({"text": body.decode()}).encode())),
    ("transcript-formats", set_media_type("vtt", "application/json")),
    ("transcript-subtitle-times", only("srt", last_cue_after_an_hour)),
    ("transcript-words", replace_words),
    ("transcript-segments", verbose(lambda response: response["segments"].reverse())),
    ("transcript-segments", verbose(lambda response: response["segments"].pop())),
    ("transcript-segments", verbose(lambda response: response["segments"][0].update(end=4.0))),
    ("transcript-segments", verbose(lambda response: response.update(text=response["text"].replace(". ", ".")))),
    ("transcript-subtitle-times", only("vtt", lambda body: body.replace(b"--> 00:00:02", b"--> 00:00:04"))),
    ("transcript-segments", verbose(lambda response: response["segments"][0].update(start=2.0, end=1.0))),
    ("transcript-metadata", verbose(lambda response: response.update(duration=response["duration"] * 1000))),
    ("transcript-metadata", verbose(lambda response: response.update(task="listen"))),
    ("transcript-metadata", verbose(lambda response: response.update(language=""))),
    ("transcript-rejects-non-audio", accept_everything),
]


@pytest.mark.parametrize(("name", "change"), FAULTS)
def test_a_fault_fails_its_check(name, change):
    """Each fault is reported by the check of its rule."""
    assert run_one(made_speech.send, name, change, models={}).violations


def test_every_check_has_a_fault():
    """No check of these modules passes for every server."""
    assert {name for name, _ in FAULTS} == set(names_in(*MODULES))


def test_speed_without_effect_is_reported_twice():
    """Neither a higher nor a lower speed changes the duration."""
    assert len(run_one(made_speech.send, "speech-speed", ignore_speed, models={}).violations) == 2


# A precondition that is not met


def join_segments(response: dict) -> None:
    """A model may return one segment for both sentences."""
    first, second = response["segments"]
    response["segments"] = [{**first, "end": second["end"], "text": first["text"] + second["text"]}]


def test_one_segment_is_valid():
    """How a model splits a text into segments is its own choice."""
    outcomes = run(made_speech.send, names_in("transcripts"), verbose(join_segments), models={})
    assert {outcome.status for outcome in outcomes} == {"passed"}


def test_speech_of_an_unstable_model_has_no_length():
    """If equal requests get speech of different lengths, those of two formats are not compared exactly."""
    outcome = run_one(made_speech.send, "speech-formats-equally-long", vary_length(), models={})
    assert outcome.status == "skipped"
    assert "different lengths" in outcome.note


def test_fast_speech_shows_no_timing():
    """If speech takes no time, the check of its timing is skipped."""

    def hurry(request: httpx.Request, send: Send) -> httpx.Response:
        response = send(request)
        chunks = [Chunk(0.01, data) for _, data in chunks_of(response)]
        return build_response(response.status_code, response.headers.multi_items(), chunks)

    assert run_one(made_speech.send, "speech-stream-incremental", hurry, models={}).status == "skipped"


# Legal variations


def use_unknown_sizes(body: bytes) -> bytes:
    return body[:4] + b"\xff" * 4 + body[8:40] + b"\xff" * 4 + body[44:]


def insert_list_chunk(body: bytes) -> bytes:
    size = int.from_bytes(body[4:8], "little") + 12
    return b"RIFF" + size.to_bytes(4, "little") + body[8:36] + b"LIST\4\0\0\0INFO" + body[36:]


def add_vtt_note(body: bytes) -> bytes:
    return body.replace(b"WEBVTT", b"WEBVTT - lamp\n\nNOTE by hand", 1).replace(b"00:00:", b"00:")


@pytest.mark.parametrize(
    "change",
    [
        only("wav", use_unknown_sizes),
        only("wav", insert_list_chunk),
        only("mp3", lambda body: b"ID3\4\0\0\0\0\0\0" + body),
        only("srt", lambda body: b"\xef\xbb\xbf" + body.replace(b"\n", b"\r\n")),
        only("vtt", add_vtt_note),
        verbose(lambda response: response.setdefault("words", []) or response.update(usage={"seconds": 4})),
        only("text", lambda body: body + b"\n"),
    ],
)
def test_a_legal_variation_passes(change):
    """Unknown sizes, further chunks, tags, byte order marks, line ends, notes, short times and fields are valid."""
    outcomes = run(made_speech.send, names_in(*MODULES), change, models={})
    assert {outcome.status for outcome in outcomes} == {"passed"}
