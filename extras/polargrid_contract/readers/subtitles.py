"""Strict readers of SubRip and WebVTT; pure.

WebVTT is https://www.w3.org/TR/webvtt1/, section 4, which says what a file must be; its parser accepts any file.
SubRip has no standard: the reader requires what players agree on.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import NamedTuple

_BLANK_LINES = re.compile(r"\n{2,}")
_COORDINATES = r"(?:[ \t]+X1:\d+[ \t]+X2:\d+[ \t]+Y1:\d+[ \t]+Y2:\d+)?"
_SRT_TIME = r"(\d{2,}):([0-5]\d):([0-5]\d),(\d{3})"
_SRT_TIMES = re.compile(rf"{_SRT_TIME} --> {_SRT_TIME}{_COORDINATES}[ \t]*")
_VTT_TIME = r"(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_VTT_TIMES = re.compile(rf"{_VTT_TIME}[ \t]+-->[ \t]+{_VTT_TIME}((?:[ \t].*)?)")
_HEADER = re.compile(r"WEBVTT(?=[ \t\n]|$)")
_TAG = re.compile(r"<[^<>]*>")
_TAG_NAME = re.compile(
    r"<(?:/?(?:c|i|b|u|ruby|rt|v|lang)(?:\.[^\s<>&]+)*(?:[ \t\n][^<>]*)?|(?:\d{2,}:)?\d{2}:\d{2}\.\d{3})>"
)
_BARE_AMPERSAND = re.compile(r"&(?!#\d+;|#[xX][0-9A-Fa-f]+;|[A-Za-z][A-Za-z0-9]*;)")
_PERCENT = r"\d+(?:\.\d+)?%"
# WebVTT, 4.4: what each cue setting may be.
_SETTINGS = {
    "vertical": re.compile(r"rl|lr"),
    "line": re.compile(rf"(?:-?\d+(?:\.\d+)?|{_PERCENT})(?:,(?:start|center|end))?"),
    "position": re.compile(rf"{_PERCENT}(?:,(?:line-left|center|line-right))?"),
    "size": re.compile(_PERCENT),
    "align": re.compile(r"start|center|end|left|right"),
    "region": re.compile(r"(?!.*-->)\S+"),
}
_OVERLAP_SECONDS = 0.0015  # between cues whose times are rounded to milliseconds


class Cue(NamedTuple):
    """A text and when it is shown, in seconds."""

    start: float
    end: float
    text: str


def parse_srt(data: bytes) -> list[Cue]:
    """Parse SubRip. Raises ValueError."""
    cues = []
    for number, block in enumerate(_split_blocks(_decode(data).strip("\n")), start=1):
        lines = block.split("\n")
        if lines[0].strip() != str(number):
            raise ValueError(f"expected cue number {number}, got {lines[0]!r}")
        times = _SRT_TIMES.fullmatch(lines[1]) if len(lines) > 1 else None
        if not times:
            raise ValueError(f"expected times like 00:00:00,000 --> 00:00:01,000, got {lines[1:2]}")
        _require_text(lines[2:])
        cues.append(_build_cue(times.groups(), lines[2:]))
    return cues


def parse_vtt(data: bytes) -> list[Cue]:
    """Parse WebVTT. Raises ValueError."""
    text = _decode(data)
    if not _HEADER.match(text):
        raise ValueError(f"expected WEBVTT at the start, got {text[:40]!r}")
    header, *blocks = _split_blocks(text.rstrip("\n"))
    if "-->" in header:
        raise ValueError("no blank line after WEBVTT")
    cues: list[Cue] = []
    identifiers: set[str] = set()
    for block in blocks:
        if kind := re.match(r"(NOTE|STYLE|REGION)(?=[ \t\n]|$)", block):
            if "-->" in block:
                raise ValueError(f"--> in a block {kind[1]}: {block[:60]!r}")
            if cues and kind[1] != "NOTE":
                raise ValueError(f"{kind[1]} after a cue")
            continue
        cues.append(_parse_vtt_cue(block, identifiers))
    return cues


def find_time_error(times: Sequence[tuple[float, float]], limit: float) -> str:
    """Describe the first start or end out of order, or in another span, or after `limit` seconds; empty if all fit."""
    previous = 0.0
    for start, end in times:
        if end < start or start < 0:
            return f"{start} to {end}"
        if start < previous - _OVERLAP_SECONDS:
            return f"a start at {start}, though the one before it ends at {previous}"
        if end > limit:
            return f"{end}, though the recording ends by {limit:.2f}"
        previous = end
    return ""


def _decode(data: bytes) -> str:
    return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def _split_blocks(text: str) -> list[str]:
    return [block for block in _BLANK_LINES.split(text) if block.strip()]


def _parse_vtt_cue(block: str, identifiers: set[str]) -> Cue:
    lines = block.split("\n")
    if "-->" not in lines[0]:
        if lines[0] in identifiers:
            raise ValueError(f"the cue identifier {lines[0]!r} twice")
        identifiers.add(lines[0])
        lines = lines[1:]
    times = _VTT_TIMES.fullmatch(lines[0]) if lines else None
    if not times:
        raise ValueError(f"expected times like 00:00:00.000 --> 00:00:01.000, got {block[:60]!r}")
    *clock, settings = times.groups()
    if error := _find_setting_error(settings.split()):
        raise ValueError(error)
    _require_text(lines[1:])
    payload = "\n".join(lines[1:])
    if error := _find_payload_error(payload):
        raise ValueError(error)
    return _build_cue(clock, [html.unescape(_TAG.sub("", line)) for line in lines[1:]])


def _require_text(lines: Sequence[str]) -> None:
    """Raise ValueError if a line of a cue is the times of another."""
    if arrow := next((line for line in lines if "-->" in line), ""):
        raise ValueError(f"--> in the text of a cue: {arrow[:60]!r}")


def _find_setting_error(settings: Sequence[str]) -> str:
    names = [setting.partition(":")[0] for setting in settings]
    for name, setting in zip(names, settings, strict=True):
        value = setting.partition(":")[2]
        if name not in _SETTINGS or not _SETTINGS[name].fullmatch(value) or names.count(name) > 1:
            return f"the cue setting {setting!r}, which WebVTT does not have"
    return ""


def _find_payload_error(payload: str) -> str:
    """Describe a character that WebVTT requires to be escaped, or a tag that it does not have."""
    unknown = next((tag for tag in _TAG.findall(payload) if not _TAG_NAME.fullmatch(tag)), "")
    if unknown:
        return f"the tag {unknown[:40]!r}, which WebVTT does not have; < is &lt;"
    if "<" in _TAG.sub("", payload):
        return f"< instead of &lt; in {payload[:60]!r}"
    if _BARE_AMPERSAND.search(payload):
        return f"& instead of &amp; in {payload[:60]!r}"
    return ""


def _build_cue(clock: Sequence[str | None], lines: Sequence[str]) -> Cue:
    parts = [int(part or 0) for part in clock]
    start, end = (3600 * h + 60 * m + s + ms / 1000 for h, m, s, ms in (parts[:4], parts[4:]))
    if end <= start:
        raise ValueError(f"expected an end after {start}, got {end}")
    return Cue(start, end, " ".join(line.strip() for line in lines))
