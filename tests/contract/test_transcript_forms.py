"""The checks of the forms of one transcript: they are equal, unless the model does not always say the same."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.contract import made_speech
from tests.contract.changes import Change, Send, copy_response, failures, names_in, run, run_one
from tests.contract.made_speech import TEXT

NAMES = names_in("transcripts", "transcript_forms")
CHECKS = names_in("transcript_forms")


def change_form(name: str, change: Callable[[bytes], bytes]) -> Change:
    """Change one form of a transcript: a format, `words`, `stream`, `job` or `jobs`."""

    def apply(request: httpx.Request, send: Send) -> httpx.Response:
        response = send(request)
        if response.status_code != 200 or "audio/tr" not in request.url.path or form_of(request) != name:
            return response
        return copy_response(response, content=change(response.content))

    return apply


def form_of(request: httpx.Request) -> str:
    if request.method == "GET":
        return "job" if "job_id" in request.url.params else "jobs"
    if request.url.params.get("stream"):
        return "stream"
    if b"timestamp_granularities" in request.content:
        return "words"
    return made_speech.read_field(request.content, "response_format")


def change_body(name: str, change: Callable[[dict[str, Any]], object]) -> Change:
    def apply(body: bytes) -> bytes:
        fields = json.loads(body)
        change(fields)
        return json.dumps(fields).encode()

    return change_form(name, apply)


def replace(name: str, old: str, new: str, count: int = -1) -> Change:
    return change_form(name, lambda body: body.replace(old.encode(), new.encode(), count))


def shift_words(body: dict[str, Any]) -> None:
    for word in body["words"]:
        word.update(start=word["start"] + 9, end=word["end"] + 9)


def join(*changes: Change) -> Change:
    """Make several changes, each to the response of the others."""
    first, *others = changes
    return (lambda request, send: first(request, lambda it: join(*others)(it, send))) if others else first


def test_a_correct_server_passes():
    """Every check passes."""
    outcomes = run(made_speech.send, NAMES, models={})
    assert failures(outcomes) == []
    assert {outcome.status for outcome in outcomes} == {"passed"}


FAULTS = [
    ("transcript-same-text", change_body("json", lambda body: body.update(text=body["text"].replace(". ", ".")))),
    ("transcript-same-text", change_body("json", lambda body: body.update(text=body["text"].lower()))),
    ("transcript-same-text", replace("text", "cat", "bat", 1)),
    ("transcript-same-text", replace("text", "The", "the")),
    ("transcript-same-text", change_form("srt", lambda body: body[: body.index(b"\n\n") + 2])),
    ("transcript-same-text", replace("srt", "lamp is", "lamp  is&#32;")),
    ("transcript-same-text", replace("vtt", "green.", "green")),
    ("transcript-same-times", replace("srt", "00:00:02,000", "00:00:02,500")),
    ("transcript-same-times", replace("srt", "00:00:03,000", "00:00:03,003")),
    ("transcript-same-times", replace("vtt", "00:00:03.000", "00:00:02.400")),
    ("transcript-same-times", replace("vtt", "00:00:05.000", "00:00:05.900")),
    ("transcript-word-times", change_body("words", lambda body: body["words"].reverse())),
    ("transcript-word-times", change_body("words", lambda body: body["words"].pop())),
    ("transcript-word-times", change_body("words", lambda body: body["words"][3].update(start=0.0, end=0.1))),
    ("transcript-word-times", change_body("words", lambda body: body["words"][3].update(end=0.1))),
    ("transcript-word-times", change_body("words", shift_words)),
    ("transcript-word-times", replace("words", "lamp", "lump")),
    ("transcript-word-times", change_body("words", lambda body: body.update(language="fr"))),
    ("transcript-stream-equal", replace("stream", "transcript.text.delta", "transcript.delta")),
    ("transcript-stream-equal", replace("stream", f'"delta": "{TEXT} "', f'"delta": "{TEXT}"')),
    ("transcript-stream-equal", replace("stream", "lamp", "lump")),
    ("transcript-stream-equal", replace("stream", "lamp", "lump", 1)),
    ("transcript-stream-equal", replace("stream", '"language": "en"', '"language": "fr"')),
    ("transcript-stream-equal", replace("stream", '"duration": ', '"duration": 1')),
    ("transcript-stream-equal", change_form("stream", lambda body: body[: body.rindex(b"data:")])),
    ("transcript-stream-equal", change_form("stream", lambda body: body + b'data: {"error": {"message": "no"}}\n\n')),
    ("transcription-job-equal", replace("job", "lamp", "lump")),
    ("transcription-job-equal", change_body("job", lambda body: body.update(language="fr"))),
    ("transcription-job-equal", change_body("job", lambda body: body.update(duration=body["duration"] + 1))),
    ("transcription-job-equal", change_body("job", lambda body: body.update(job_id="job_2"))),
    ("transcription-job-equal", replace("jobs", "job_1", "job_2")),
    ("transcription-job-equal", replace("jobs", "completed", "processing")),
]


@pytest.mark.parametrize(("name", "change"), FAULTS)
def test_a_fault_fails_its_check(name, change):
    """Each fault is reported by the check of its rule."""
    outcome = run_one(made_speech.send, name, change, models={})
    assert outcome.status == "failed"


def test_every_check_has_a_fault():
    """No check of the module passes for every server."""
    assert {name for name, _ in FAULTS} == set(CHECKS)


VTT = f"00:00:00.000 --> 00:00:02.000\n{TEXT}"
SPLIT_SRT = (
    "1\n00:00:00,000 --> 00:00:01,000\nThe lamp\nis green.\n\n2\n00:00:01,000 --> 00:00:02,000\nThe cat sleeps.\n\n"
    f"3\n00:00:03,000 --> 00:00:05,000\n{TEXT}\n"
)
SPLIT_VTT = (
    "WEBVTT\n\n00:00.000 --> 00:01.000\nThe lamp\nis green.\n\n00:01.000 --> 00:02.000\nThe cat sleeps.\n\n"
    f"00:03.000 --> 00:05.000\n{TEXT}\n"
)
UNEVEN = json.dumps(made_speech.SEGMENTS).replace("3.0", "3.0004567").replace("2.0", "2.0009")


def without_spaces(body: dict[str, Any]) -> None:
    body["segments"] = [{**it, "text": it["text"].strip()} for it in body["segments"]]


def without_punctuation(body: dict[str, Any]) -> None:
    body["words"] = [{**it, "word": it["word"].strip(".")} for it in body["words"]]


MARKUP = f"00:00:00.000 --> 00:00:02.000 align:start line:90%\n<v.loud Ann>{TEXT.replace('cat', '<i>cat</i>')}</v>"
LEGAL = {
    "line breaks": replace("text", ". ", ".\n"),
    "more space": change_body("json", lambda body: body.update(text=f" {body['text']}\n")),
    "cues at other places": join(
        change_form("srt", lambda _: SPLIT_SRT.encode()), change_form("vtt", lambda _: SPLIT_VTT.encode())
    ),
    "rounding in both directions": change_body("verbose_json", lambda body: body.update(segments=json.loads(UNEVEN))),
    "segments without spaces": change_body("verbose_json", without_spaces),
    "an empty segment": change_body(
        "verbose_json", lambda body: body["segments"].append({"id": 2, "start": 5.0, "end": 5.0, "text": " "})
    ),
    "tags and settings": replace("vtt", VTT, MARKUP),
    "words without punctuation": change_body("words", without_punctuation),
    "a job without a language": change_body("job", lambda body: body.pop("language")),
}
LEGAL["one part"] = change_form(
    "stream",
    lambda body: (
        f'data: {{"type": "transcript.text.delta", "delta": "{TEXT} {TEXT}"}}\n\n'.encode()
        + body[body.rindex(b"data:") :]
    ),
)


@pytest.mark.parametrize("name", LEGAL)
def test_a_legal_variation_passes(name):
    """White space, where lines and cues end, rounding, markup, punctuation of words, the number of parts are free."""
    outcomes = run(made_speech.send, NAMES, LEGAL[name], models={})
    assert failures(outcomes) == []


# A model that does not always say the same


def vary(words: list[str]) -> Change:
    """Say another word in each response."""
    turns = itertools.cycle(words)

    def apply(request: httpx.Request, send: Send) -> httpx.Response:
        response = send(request)
        is_transcript = response.status_code == 200 and "audio/tr" in request.url.path and request.method == "POST"
        content = response.content.replace(b"lamp", next(turns).encode(), 1) if is_transcript else response.content
        return copy_response(response, content=content)

    return apply


def test_forms_of_an_unstable_model_are_similar():
    """Equal requests get different texts, so that different texts of two formats are no fault; the note says so."""
    change = vary([f"lamp{number}" for number in range(99)])
    outcome = run_one(made_speech.send, "transcript-same-text", change, models={})
    assert (outcome.status, outcome.violations) == ("skipped", ())
    assert "equal requests get different transcripts" in outcome.note


def test_forms_of_an_unstable_model_are_not_unlike():
    """Another text altogether is a fault of any model."""
    change = join(vary(["lamp", "lump"]), change_form("text", lambda _: b"Thank you."))
    assert run_one(made_speech.send, "transcript-same-text", change, models={}).status == "failed"


def test_a_model_in_several_languages_joins_lines_without_spaces():
    """A text in a script without spaces has none where a line breaks."""
    texts = {TEXT: "灯は緑です。猫は眠る。"}

    def translate(request: httpx.Request, send: Send) -> httpx.Response:
        response = send(request)
        if "audio/tr" not in request.url.path or response.status_code != 200:
            return response
        content = response.content.decode()
        for old, new in texts.items():
            content = content.replace(f"{old} {old}", f"{new}{new}").replace(f" {old}", new).replace(old, new)
        return copy_response(response, content=content.encode())

    names = [name for name in NAMES if name in ("transcript-same-text", "transcript-same-times", "transcript-segments")]
    assert failures(run(made_speech.send, names, translate, models={})) == []


# A server without speech


def test_a_server_without_speech_gets_a_recording():
    """It transcribes one of the contract's, and the words are compared with that."""

    def send(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("speech"):
            return httpx.Response(404, json={"error": {"message": "no speech"}})
        response = made_speech.send(request)
        content = response.content.replace(TEXT.encode(), b"Hello from the edge.")
        return copy_response(response, content=content) if "audio" in request.url.path else response

    outcome = run_one(send, "transcript-words", models={}, profile="openai")
    assert outcome.status == "passed"
    assert run_one(send, "transcript-words", replace("verbose_json", "Hello", "Bye"), models={}).status == "passed"
    unlike = change_body("verbose_json", lambda body: body.update(text="Thank you."))
    assert run_one(send, "transcript-words", unlike, models={}, profile="openai").status == "failed"
