"""Compares the forms of one transcript: JSON, segments, words, plain text, subtitles, a stream, a job; pure.

A form may change white space and line breaks, and nothing else: WebVTT's escapes are undone by its reader, and SubRip,
which has none, shortens an arrow.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from polargrid_contract.readers.subtitles import Cue

#: How far two times may differ that are rounded to milliseconds in either direction, in seconds.
ROUNDING = 0.0011
_WORD_DISTANCE = 1.0  # seconds that a model may place a word outside of its segment
_ARROW = re.compile("--+>")


@dataclass(frozen=True)
class Transcript:
    """What one form of a transcript says; None is what this form does not have."""

    text: str
    segments: tuple[Cue, ...] | None = None
    """The segments or cues with text."""
    language: str | None = None
    duration: float | None = None


def read_verbose(body: Mapping[str, Any]) -> Transcript:
    """Read a transcript with segments, as VerboseTranscriptionResponse describes it. Raises ValueError."""
    try:
        segments = tuple(
            Cue(float(it["start"]), float(it["end"]), str(it["text"])) for it in body["segments"] if it["text"].strip()
        )
        return Transcript(body["text"], segments, body["language"], float(body["duration"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{type(error).__name__}: {error}, not the fields of a verbose transcript") from error


def read_cues(cues: Sequence[Cue]) -> Transcript:
    """Read subtitles. Their text is that of the cues, one on a line."""
    with_text = tuple(cue for cue in cues if cue.text.strip())
    return Transcript("\n".join(cue.text for cue in with_text), with_text)


def find_difference(expected: Transcript, actual: Transcript) -> tuple[str, str] | None:
    """Return what differs between two forms of a transcript, as expected and actual; None if they are equal."""
    if not is_same_text(expected.text, actual.text):
        return f"the text {expected.text!r}", repr(actual.text)
    for name in ("language", "duration"):
        first, second = getattr(expected, name), getattr(actual, name)
        if None not in (first, second) and not _is_equal(first, second):
            return f"{name} {first!r}", repr(second)
    if expected.segments is None or actual.segments is None:
        return None
    return find_time_difference(expected.segments, actual.segments)


def find_time_difference(segments: Sequence[Cue], cues: Sequence[Cue]) -> tuple[str, str] | None:
    """Return the first cue with other times than its segment, as expected and actual; None if all have the same.

    Subtitles may break lines elsewhere than a model ends its segments: then all of them together have the same span.
    """
    if len(segments) != len(cues) or not all(map(_has_same_text, segments, cues)):
        if not segments or not cues:
            return (f"{len(segments)} segments with text", f"{len(cues)} cues") if segments or cues else None
        segments, cues = _join(segments), _join(cues)
    for segment, cue in zip(segments, cues, strict=True):
        # Subtitles need a duration, so a segment without one gets some.
        has_end = round(segment.end, 3) <= round(segment.start, 3) or abs(cue.end - segment.end) <= ROUNDING
        if abs(cue.start - segment.start) > ROUNDING or not has_end:
            return f"{segment.start:.3f} to {segment.end:.3f} for {segment.text!r}", f"{cue.start:.3f} to {cue.end:.3f}"
    return None


def is_same_text(first: str, second: str) -> bool:
    """Whether two texts differ in white space at most: in its kind, its amount, or where lines are broken."""
    return first == second or _normalize(first) & _normalize(second) != set()


def find_word_error(words: Sequence[Mapping[str, Any]], transcript: Transcript) -> str:
    """Describe the first word of another text, out of order or outside of its segment; empty if there is none.

    A word may be without its punctuation.
    """
    joined = " ".join(str(word["word"]) for word in words)
    if _letters(joined) != _letters(transcript.text):
        return f"the words are {joined!r}"
    previous = 0.0
    for word, segment in zip(words, _assign(words, transcript.segments or ()), strict=True):
        start, end = word["start"], word["end"]
        if end < start or start < previous - ROUNDING:
            return f"{word['word']!r} is from {start} to {end}, after a word at {previous}"
        limits = (0.0, transcript.duration or end) if segment is None else (segment.start, segment.end)
        if start < limits[0] - _WORD_DISTANCE or end > limits[1] + _WORD_DISTANCE:
            return f"{word['word']!r} is from {start} to {end}, in a segment from {limits[0]} to {limits[1]}"
        previous = start
    return ""


def word_similarity(first: str, second: str) -> float:
    """How many words two texts share in order, from 0 to 1."""
    return SequenceMatcher(None, first.split(), second.split(), autojunk=False).ratio()


def word_recall(expected: str, actual: str) -> float:
    """The share of expected words that occur in the actual text."""
    words, actual_words = re.findall(r"\w+", expected.lower()), re.findall(r"\w+", actual.lower())
    return sum(word in actual_words for word in words) / len(words)


def _is_equal(first: str | float, second: str | float) -> bool:
    are_numbers = isinstance(first, float) and isinstance(second, float)
    return abs(first - second) <= ROUNDING if are_numbers else first == second  # type: ignore[operator]


def _normalize(text: str) -> set[str]:
    """The text with single spaces; a line break is a space, or nothing in a script that may do without spaces."""
    lines = [" ".join(line.split()) for line in _ARROW.sub("->", text).splitlines()]
    has_no_cases = any(unicodedata.category(character) == "Lo" for character in text)
    return {" ".join(line for line in lines if line), *(["".join(lines)] if has_no_cases else [])}


def _letters(text: str) -> str:
    return "".join(re.findall(r"\w", text.lower()))


def _has_same_text(segment: Cue, cue: Cue) -> bool:
    return is_same_text(segment.text, cue.text)


def _join(cues: Sequence[Cue]) -> list[Cue]:
    """The span of all cues, with their text."""
    return [Cue(cues[0].start, cues[-1].end, "".join(cue.text for cue in cues))]


def _assign(words: Sequence[Mapping[str, Any]], segments: Sequence[Cue]) -> list[Cue | None]:
    """The segment of each word, found by the number of characters before it."""
    ends, total = [], 0
    for segment in segments:
        total += len(_letters(segment.text))
        ends.append((total, segment))
    assigned, position = [], 0
    for word in words:
        assigned.append(next((segment for end, segment in ends if position < end), None))
        position += len(_letters(str(word["word"])))
    return assigned
