"""SubRip and WebVTT read strictly, and texts compared; pure.

WebVTT is https://www.w3.org/TR/webvtt1/. SubRip has no standard: what its players agree on is asked.
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


def srt(data: bytes) -> list[Cue]:
    """The cues of SubRip. Raises ValueError."""
    cues = []
    for number, block in enumerate(_blocks(data), start=1):
        lines = block.split("\n")
        if lines[0].strip() != str(number):
            raise ValueError(f"number {number} expected, {lines[0]!r} came")
        times = _SRT_TIMES.fullmatch(lines[1].strip()) if len(lines) > 1 else None
        if not times:
            raise ValueError(f"times as 00:00:00,000 --> 00:00:01,000 expected, {lines[1:2]} came")
        cues.append(_cue(times, lines[2:]))
    return cues


def vtt(data: bytes) -> list[Cue]:
    """The cues of WebVTT. Raises ValueError."""
    header, *blocks = _blocks(data) or [""]
    if not re.match(r"WEBVTT(?=[ \t\n]|$)", header):
        raise ValueError(f"WEBVTT expected, {header[:40]!r} came")
    if "-->" in header:
        raise ValueError("no blank line after WEBVTT")
    cues = []
    for block in blocks:
        if re.match(r"(NOTE|STYLE|REGION)(?=[ \t\n]|$)", block):
            continue
        lines = block.split("\n")
        if "-->" not in lines[0]:
            lines = lines[1:]  # the cue has a name
        times = _VTT_TIMES.fullmatch(lines[0].strip()) if lines else None
        if not times:
            raise ValueError(f"times as 00:00:00.000 --> 00:00:01.000 expected, {block[:60]!r} came")
        cues.append(_cue(times, [html.unescape(_TAG.sub("", line)) for line in lines[1:]]))
    return cues


def disorder(times: Sequence[tuple[float, float]], most: float) -> str:
    """What is wrong with starts and ends, in seconds; nothing where they follow one another up to `most`."""
    before = 0.0
    for start, end in times:
        if end < start or start < 0:
            return f"{start} to {end}"
        if start < before - 0.01:
            return f"{start} after {before}"
        if end > most:
            return f"{end}, with the recording at its end by {most:.2f}"
        before = start
    return ""


def likeness(one: str, other: str) -> float:
    """How many words two texts share in order, from 0 to 1."""
    return SequenceMatcher(None, one.split(), other.split(), autojunk=False).ratio()


def recall(said: str, written: str) -> float:
    """Which share of the words came back."""
    words = re.findall(r"\w+", said.lower())
    return sum(word in re.findall(r"\w+", written.lower()) for word in words) / len(words)


def _blocks(data: bytes) -> list[str]:
    text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    return [block for block in _BLANK_LINES.split(text.strip("\n")) if block.strip()]


def _cue(times: re.Match[str], lines: Sequence[str]) -> Cue:
    clock = [int(part or 0) for part in times.groups()]
    start, end = (3600 * h + 60 * m + s + ms / 1000 for h, m, s, ms in (clock[:4], clock[4:]))
    if end <= start:
        raise ValueError(f"an end after {start} expected, {end} came")
    return Cue(start, end, " ".join(line.strip() for line in lines))
