"""Segments of speech as subtitles: SubRip (SRT) and WebVTT. Pure.

SubRip has no standard: what its players agree on is written. WebVTT is https://www.w3.org/TR/webvtt1/.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Protocol


class TimedText(Protocol):
    """Words and when they are said, in seconds from the beginning."""

    @property
    def start(self) -> float: ...
    @property
    def end(self) -> float: ...
    @property
    def text(self) -> str: ...


def srt(segments: Iterable[TimedText]) -> str:
    """The segments as SubRip; segments without words are left out."""
    cues = enumerate(_cues(segments), start=1)
    return "\n".join(
        f"{number}\n{_clock(start, ',')} --> {_clock(end, ',')}\n{_without_arrows(text)}\n"
        for number, (start, end, text) in cues
    )


def vtt(segments: Iterable[TimedText]) -> str:
    """The segments as WebVTT; segments without words are left out."""
    cues = (
        f"\n{_clock(start, '.')} --> {_clock(end, '.')}\n{_escaped(text)}\n" for start, end, text in _cues(segments)
    )
    return "WEBVTT\n" + "".join(cues)


def _cues(segments: Iterable[TimedText]) -> Iterator[tuple[int, int, str]]:
    """Start and end in milliseconds, and text without blank lines, which would end the cue."""
    for segment in segments:
        # splitlines knows every line break a player might, from CR to U+2028.
        lines = (line.strip() for line in segment.text.splitlines())
        text = "\n".join(line for line in lines if line)
        if text:
            start = _milliseconds(segment.start)
            # WebVTT wants a cue to end after it starts.
            yield start, max(_milliseconds(segment.end), start + 1), text


def _milliseconds(seconds: float) -> int:
    # Rounded before it is taken apart, so that 59.9996 s is a minute and not 59.1000.
    return max(round(seconds * 1000), 0)


def _clock(milliseconds: int, point: str) -> str:
    seconds, thousandths = divmod(milliseconds, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02d}:{minute:02d}:{second:02d}{point}{thousandths:03d}"


def _without_arrows(text: str) -> str:
    # SubRip has no escapes, and players take a line with the arrow for the times of a cue.
    return re.sub("--+>", "->", text)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
