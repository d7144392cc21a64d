"""Faults where two things that must be equal differ a little, and where JSON is not strict."""

from __future__ import annotations

import base64
import json
import re
import struct
import unicodedata
from collections.abc import Callable
from typing import Any

from qa.fault_bench.faults.seeded import (
    CHAT,
    SPEECH,
    TEXT_OPERATIONS,
    UPLOAD_OPERATIONS,
    change_json,
    change_speech,
    change_transcript,
    fault,
)
from qa.fault_bench.messages import Forward, Request, Response

_JOB = ("get_transcription_job",)
_EMBEDDINGS = ("create_embedding",)
_VTT_TIME = re.compile(r"(\d\d):(\d\d)\.(\d\d\d)")
_SRT_TIME = re.compile(r"(\d\d):(\d\d):(\d\d),(\d\d\d)")
_WORD = re.compile(r"(?m)^(?!WEBVTT|NOTE|\d+$|.*-->)(\S+ )(\S+)")


def _change_word(text: str) -> str:
    """Replace the second word of a text."""
    return _WORD.sub(r"\1another", text, count=1)


def _shift_vtt(text: str, seconds: float) -> str:
    def shift(match: re.Match[str]) -> str:
        minutes, whole, thousandths = map(int, match.groups())
        total = round(minutes * 60_000 + whole * 1000 + thousandths + seconds * 1000)
        return f"{total // 60_000:02}:{total // 1000 % 60:02}.{total % 1000:03}"

    return _VTT_TIME.sub(shift, text)


def _format_srt(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02},{rest:03}"


def _parse_srt(match: tuple[str, ...]) -> int:
    hours, minutes, seconds, thousandths = map(int, match)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths


def _overlap(text: str) -> str:
    """Let each cue last 400 ms into the next one; a single cue is split first."""
    times = [_parse_srt(time) for time in _SRT_TIME.findall(text)]
    lines = [line for line in text.splitlines() if line.strip() and "-->" not in line and not line.strip().isdigit()]
    if not lines or len(times) < 2:
        return text
    cues = [(times[2 * n], times[2 * n + 1], line) for n, line in enumerate(lines[: len(times) // 2])]
    if len(cues) == 1:
        start, end, line = cues[0]
        words, middle = line.split(), (start + end) // 2
        half = max(1, len(words) // 2)
        cues = [(start, middle, " ".join(words[:half])), (middle, end, " ".join(words[half:]))]
    longer = [(start, end + (400 if n < len(cues) - 1 else 0), line) for n, (start, end, line) in enumerate(cues)]
    blocks = [
        f"{n}\n{_format_srt(start)} --> {_format_srt(end)}\n{line}\n" for n, (start, end, line) in enumerate(longer, 1)
    ]
    return "\n".join(blocks)


def _transcript(name: str, description: str, response_format: str, modify: Callable[[str], str]) -> None:
    fault(name, "equality", description, on=UPLOAD_OPERATIONS)(change_transcript(response_format, modify))


def _verbose(name: str, description: str, modify: Callable[[Any], Any]) -> None:
    def modify_segments(_: Request, body: Any) -> None:
        if body.get("segments"):
            modify(body)

    fault(name, "equality", description, on=UPLOAD_OPERATIONS)(change_json(UPLOAD_OPERATIONS, modify_segments))


def _change_segment(body: Any) -> None:
    body["segments"][0]["text"] = " " + _change_word(body["segments"][0]["text"].strip())


def _shift_segments(body: Any) -> None:
    for segment in body["segments"]:
        segment["start"] += 0.04
        segment["end"] += 0.04


def _drop_timed_word(body: Any) -> None:
    if body.get("words"):
        del body["words"][len(body["words"]) // 2]


def _shift_words(body: Any) -> None:
    for word in body.get("words") or []:
        word["start"] += 2.0
        word["end"] += 2.0


def _text(name: str, description: str, modify: Callable[[bytes], bytes], on: tuple[str, ...] = TEXT_OPERATIONS) -> None:
    """Modify the bytes of successful plain responses."""

    def apply(request: Request, forward: Forward) -> Response:
        response = forward(request)
        is_changed = request.operation in on and response.is_success and isinstance(response.json, dict)
        return response.with_body(modify(response.body)) if is_changed else response

    fault(name, "equality", description, on=on)(apply)


def _repeat_name(data: bytes) -> bytes:
    return data.replace(b"{", b'{"id": "chatcmpl-first", "model": "another", ', 1)


def _use_nan(data: bytes) -> bytes:
    return re.sub(rb'("(?:avg_logprob|logprob)": ?)-?[0-9.e-]+', rb"\1NaN", data)


def _decompose(request: Request, body: Any) -> None:
    """Write the characters of a constrained text in another normal form."""
    if request.json.get("response_format") or request.json.get("tools"):
        for choice in body["choices"]:
            message = choice["message"]
            message["content"] = unicodedata.normalize("NFD", message.get("content") or "") or message.get("content")


def _replace_unknown_characters(request: Request, body: Any) -> None:
    """Write characters that are not ASCII as question marks."""
    if request.json.get("response_format"):
        for choice in body["choices"]:
            message = choice["message"]
            if message.get("content"):
                message["content"] = message["content"].encode("ascii", "replace").decode()


def _change_job_text(_: Request, body: Any) -> None:
    if isinstance(body.get("text"), str):
        body["text"] = _change_word(body["text"])


def _change_job_duration(_: Request, body: Any) -> None:
    if body.get("duration"):
        body["duration"] += 1.0


def _change_owner(_: Request, body: Any) -> None:
    body["owned_by"] = "another-owner"


def _change_created(_: Request, body: Any) -> None:
    body["created"] = int(body.get("created") or 0) + 3600


def _change_job_state(_: Request, body: Any) -> None:
    for job in body["jobs"]:
        job["status"] = "processing"


def _swap_vectors(_: Request, body: Any) -> None:
    items = body["data"]
    if len(items) > 1:
        items[0]["embedding"], items[1]["embedding"] = items[1]["embedding"], items[0]["embedding"]


def _change_base64(request: Request, body: Any) -> None:
    if request.json.get("encoding_format") == "base64":
        for item in body["data"]:
            data = base64.b64decode(item["embedding"])
            values = struct.unpack(f"<{len(data) // 4}f", data)
            item["embedding"] = base64.b64encode(struct.pack(f">{len(values)}f", *values)).decode()


def _hide_state(_: Request, body: Any) -> None:
    if len(body["loading_status"]) > 1:
        body["loading_status"].popitem()


def _drop_region(_: Request, body: Any) -> None:
    for item in body["usage"].get("by_region") or []:
        item["requests"] = item["requests"] + 1


def _json(name: str, description: str, on: tuple[str, ...], modify: Callable[[Request, Any], None]) -> None:
    fault(name, "equality", description, on=on)(change_json(on, modify))


def _shorten_pcm(request: Request, response: Response) -> Response:
    if request.json.get("response_format") != "pcm":
        return response
    return response.with_body(response.body[: len(response.body) * 4 // 5 // 2 * 2])


_transcript("E01", "SRT differs from the text in one word.", "srt", _change_word)
_transcript("E02", "The plain text differs from the JSON in one word.", "text", _change_word)
_transcript("E03", "The times of WebVTT are 40 ms late.", "vtt", lambda text: _shift_vtt(text, 0.04))
_transcript("E04", "The cues of SRT overlap.", "srt", _overlap)
_verbose("E05", "The text differs from its segments in one word.", _change_segment)
_verbose("E06", "The times of segments are 40 ms late.", _shift_segments)
_verbose("E07", "A word with times is missing.", _drop_timed_word)
_verbose("E08", "The times of words are not within their segment.", _shift_words)
_text("E09", "An object has a name twice.", _repeat_name)
_text("E10", "JSON contains NaN.", _use_nan, ("chat_completion", *UPLOAD_OPERATIONS))
_text("E11", "A second value follows the JSON.", lambda data: data + b"\n{}")
_text("E12", "JSON starts with a byte order mark.", lambda data: b"\xef\xbb\xbf" + data)
_json("E13", "A text that a schema forces is in another normal form.", CHAT, _decompose)
_json("E14", "Characters of a text that a schema forces are question marks.", CHAT, _replace_unknown_characters)
_json("E15", "The text of a job differs from the transcript in one word.", _JOB, _change_job_text)
_json("E16", "The duration of a job differs from the transcript's.", _JOB, _change_job_duration)
_json("E17", "A retrieved model has another owner than in the list.", ("retrieve_model",), _change_owner)
_json("E18", "A retrieved model was created at another time than in the list.", ("retrieve_model",), _change_created)
_json("E19", "The list of jobs has another state than the job.", ("list_transcription_jobs",), _change_job_state)
_json("E20", "The vectors of two inputs are swapped.", _EMBEDDINGS, _swap_vectors)
_json("E21", "Vectors in base64 have the other byte order.", _EMBEDDINGS, _change_base64)
_json("E22", "The status lacks a listed model.", ("get_model_status",), _hide_state)
_json("E23", "The usage by region differs from the total.", ("get_usage",), _drop_region)
fault("E24", "equality", "pcm is shorter than the other formats.", on=SPEECH)(change_speech(_shorten_pcm))


@fault("E25", "equality", "JSON has a lone surrogate.", on=TEXT_OPERATIONS)
def send_lone_surrogate(request: Request, forward: Forward) -> Response:
    response = forward(request)
    if request.operation not in TEXT_OPERATIONS or not response.is_success or response.is_stream:
        return response
    body = response.json
    for choice in body["choices"]:
        parent, name = (choice["message"], "content") if "message" in choice else (choice, "text")
        parent[name] = (parent[name] or "") + "\ud83d"
    return response.with_body(json.dumps(body).encode())
