"""Legal variations of transcripts: other rounding of times, and what the formats of subtitles allow."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from qa.fault_bench.faults.seeded import UPLOAD_OPERATIONS, change_json
from qa.fault_bench.messages import Change, Forward, Request, Response
from qa.fault_bench.variations.registry import variation

_TIME = re.compile(r"(\d\d[.,])(\d\d)\d(?= -->|\s|$)")


def _change_subtitles(modify: Callable[[str, str], str]) -> Change:
    """Modify transcripts in SRT and WebVTT; `modify` gets the format as well."""

    def apply(request: Request, forward: Forward) -> Response:
        response = forward(request)
        response_format = request.form_field("response_format")
        is_changed = response.is_success and request.operation in UPLOAD_OPERATIONS
        if is_changed and response_format in ("srt", "vtt"):
            return response.with_body(modify(response.body.decode(), response_format).encode())
        return response

    return apply


def _round_times(text: str, _: str) -> str:
    """Cut the times to hundredths of a second, which is finer than what a model can tell."""
    return "\n".join(_TIME.sub(r"\g<1>\g<2>0", line) if "-->" in line else line for line in text.split("\n"))


def _use_more_of_format(text: str, response_format: str) -> str:
    """Write a byte order mark, CRLF, and in WebVTT a note, identifiers, settings and hours."""
    if response_format == "vtt":
        head, *cues = text.strip().split("\n\n")
        written = [_write_cue(f"cue-{number}", cue) for number, cue in enumerate(cues)]
        text = "\n\n".join([f"{head} - made by an edge", "NOTE a comment\nof two lines", *written]) + "\n\n"
    return "\ufeff" + text.replace("\r\n", "\n").replace("\n", "\r\n")


def _write_cue(name: str, cue: str) -> str:
    times, _, text = cue.partition("\n")
    hours = re.sub(r"(?<![\d:])(\d\d:\d\d\.\d{3})", r"00:\1", times)
    return f"{name}\n{hours} align:start position:10%\n{text}"


def _round_segments(_: Request, body: Any) -> None:
    for item in (*body.get("segments", []), *body.get("words", [])):
        item["start"], item["end"] = round(item["start"], 2), round(item["end"], 2)


variation("D37", "The times of subtitles are rounded to hundredths.", on=UPLOAD_OPERATIONS)(
    _change_subtitles(_round_times)
)
variation("D38", "Subtitles use more of their format.", on=UPLOAD_OPERATIONS)(_change_subtitles(_use_more_of_format))
variation("D39", "The times of segments are rounded to hundredths.", on=UPLOAD_OPERATIONS)(
    change_json(UPLOAD_OPERATIONS, _round_segments)
)
