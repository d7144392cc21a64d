"""Strict readers of SubRip and WebVTT, and comparison of texts; pure.

WebVTT is https://www.w3.org/TR/webvtt1/. SubRip has no standard: the reader requires what players agree on.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

_BLANK_LINES = re.compile(r"\n{2,}")
_SRT_TIMES = re.compile(r"(\d{2,}):([0-5]\d):([0-5]\d),(\d{3}) --> (\d{2,}):([0-5]\d):([0-5]\d),(\d{3})[^\n]*")
_VTT_TIME = r"(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_VTT_TIMES = re.compile(rf"{_VTT_TIME}[ \t]+-->[ \t]+{_VTT_TIME}(?:[ \t].*)?")
_TAG = re.compile(r"<[^>]*>")


class Cue(NamedTuple):
    """A text and when it is shown, in seconds."""

    start: float
    end: float
    text: str


def parse_srt(data: bytes) -> list[Cue]:
    """Parse SubRip. Raises ValueError."""
    cues = []
    for number, block in enumerate(_split_blocks(data), start=1):
        lines = block.split("\n")
        if lines[0].strip() != str(number):
            raise ValueError(f"expected cue number {number}, got {lines[0]!r}")
        times = _SRT_TIMES.fullmatch(lines[1].strip()) if len(lines) > 1 else None
        if not times:
            raise ValueError(f"expected times like 00:00:00,000 --> 00:00:01,000, got {lines[1:2]}")
        cues.append(_build_cue(times, lines[2:]))
    return cues


def parse_vtt(data: bytes) -> list[Cue]:
    """Parse WebVTT. Raises ValueError."""
    header, *blocks = _split_blocks(data) or [""]
    if not re.match(r"WEBVTT(?=[ \t\n]|$)", header):
        raise ValueError(f"expected WEBVTT, got {header[:40]!r}")
    if "-->" in header:
        raise ValueError("no blank line after WEBVTT")
    cues = []
    for block in blocks:
        if re.match(r"(NOTE|STYLE|REGION)(?=[ \t\n]|$)", block):
            continue
        lines = block.split("\n")
        if "-->" not in lines[0]:
            lines = lines[1:]  # the cue has an identifier
        times = _VTT_TIMES.fullmatch(lines[0].strip()) if lines else None
        if not times:
            raise ValueError(f"expected times like 00:00:00.000 --> 00:00:01.000, got {block[:60]!r}")
        cues.append(_build_cue(times, [html.unescape(_TAG.sub("", line)) for line in lines[1:]]))
    return cues


def find_time_error(times: Sequence[tuple[float, float]], limit: float) -> str:
    """Describe the first start or end out of order or after `limit` seconds; empty if all are in order."""
    previous = 0.0
    for start, end in times:
        if end < start or start < 0:
            return f"{start} to {end}"
        if start < previous - 0.01:
            return f"{start} after {previous}"
        if end > limit:
            return f"{end}, though the recording ends by {limit:.2f}"
        previous = start
    return ""


def word_similarity(first: str, second: str) -> float:
    """How many words two texts share in order, from 0 to 1."""
    return SequenceMatcher(None, first.split(), second.split(), autojunk=False).ratio()


def word_recall(expected: str, actual: str) -> float:
    """The share of expected words that occur in the actual text."""
    words, actual_words = re.findall(r"\w+", expected.lower()), re.findall(r"\w+", actual.lower())
    return sum(word in actual_words for word in words) / len(words)


def _split_blocks(data: bytes) -> list[str]:
    text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    return [block for block in _BLANK_LINES.split(text.strip("\n")) if block.strip()]


def _build_cue(times: re.Match[str], lines: Sequence[str]) -> Cue:
    clock = [int(part or 0) for part in times.groups()]
    start, end = (3600 * h + 60 * m + s + ms / 1000 for h, m, s, ms in (clock[:4], clock[4:]))
    if end <= start:
        raise ValueError(f"expected an end after {start}, got {end}")
    return Cue(start, end, " ".join(line.strip() for line in lines))
