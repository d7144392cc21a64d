"""Replacements in a text that is cut into parts; pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Edit(NamedTuple):
    """A part of a text, and what replaces it."""

    start: int
    end: int
    text: str


def apply_edits(parts: Sequence[str], edits: Sequence[Edit]) -> list[str]:
    """Return the parts with these edits of the whole, in order; the part in which one starts gets its text."""
    result, start = [], 0
    for part in parts:
        end, position, output = start + len(part), start, []
        for edit in edits:
            if edit.end <= start or edit.start >= end:
                continue
            output.append(part[position - start : max(edit.start, position) - start])
            if edit.start >= start:
                output.append(edit.text)
            position = min(edit.end, end)
        result.append("".join([*output, part[position - start :]]))
        start = end
    return result


def crosses_parts(parts: Sequence[str], edits: Sequence[Edit]) -> bool:
    """Whether an edit begins in one part and ends in another one."""
    boundary, boundaries = 0, []
    for part in parts[:-1]:
        boundary += len(part)
        boundaries.append(boundary)
    return any(edit.start < boundary < edit.end for edit in edits for boundary in boundaries)
