"""Text and marks that the renderers share; pure."""

from __future__ import annotations

from collections.abc import Mapping

from polargrid_contract.results import Status

#: The mark of each status.
MARKS: dict[Status, str] = {
    "passed": "✓",
    "failed": "✗",
    "not_supported": "–",  # noqa: RUF001 - an en dash
    "skipped": "·",
}


def label(status: Status) -> str:
    """The status as a user reads it."""
    return status.replace("_", " ")


def summarize(counts: Mapping[Status, int]) -> str:
    """Summarize counts, like `41 passed, 2 failed`."""
    return ", ".join(f"{count} {label(status)}" for status, count in counts.items() if count) or "none"


def escape_controls(text: str) -> str:
    """Escape characters that a terminal interprets, XML forbids, or that are invisible."""
    return "".join(
        character
        if character.isprintable() or character in "\n\t"
        else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def shorten(text: str, limit: int) -> str:
    """Truncate a text to `limit` characters, and add its length if it is longer."""
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"
