"""Format segments of speech as subtitles: SubRip (SRT) and WebVTT. Pure.

SubRip has no standard: the output follows common players. WebVTT is https://www.w3.org/TR/webvtt1/.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Protocol


class TimedText(Protocol):
    """A text with its start and end in seconds."""

    @property
    def start(self) -> float: ...
    @property
    def end(self) -> float: ...
    @property
    def text(self) -> str: ...


def to_srt(segments: Iterable[TimedText]) -> str:
    """Format segments as SubRip, without empty segments."""
    cues = enumerate(_cues(segments), start=1)
    return "\n".join(
        f"{number}\n{_format_time(start, ',')} --> {_format_time(end, ',')}\n{_shorten_arrows(text)}\n"
        for number, (start, end, text) in cues
    )


def to_vtt(segments: Iterable[TimedText]) -> str:
    """Format segments as WebVTT, without empty segments."""
    cues = (
        f"\n{_format_time(start, '.')} --> {_format_time(end, '.')}\n{_escape(text)}\n"
        for start, end, text in _cues(segments)
    )
    return "WEBVTT\n" + "".join(cues)


def _cues(segments: Iterable[TimedText]) -> Iterator[tuple[int, int, str]]:
    """Start and end in milliseconds, and text without blank lines, which would end the cue."""
    for segment in segments:
        # splitlines handles every line break that a player might, from CR to U+2028.
        lines = (line.strip() for line in segment.text.splitlines())
        text = "\n".join(line for line in lines if line)
        if text:
            start = _milliseconds(segment.start)
            # WebVTT requires a cue to end after it starts.
            yield start, max(_milliseconds(segment.end), start + 1), text


def _milliseconds(seconds: float) -> int:
    # Rounded before it is divided, so that 59.9996 s is a minute and not 59.1000.
    return max(round(seconds * 1000), 0)


def _format_time(milliseconds: int, point: str) -> str:
    seconds, thousandths = divmod(milliseconds, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02d}:{minute:02d}:{second:02d}{point}{thousandths:03d}"


def _shorten_arrows(text: str) -> str:
    # SubRip has no escapes, and players interpret a line with an arrow as the times of a cue.
    return re.sub("--+>", "->", text)


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
