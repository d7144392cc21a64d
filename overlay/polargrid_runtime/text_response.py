"""Responses and chunks with choices, each of which has a text."""

from __future__ import annotations

from typing import Any

from polargrid_runtime.response import ResponseModel


class TextResponse(ResponseModel, defer_build=True):
    """A response with choices, or a chunk of one."""

    @property
    def text(self) -> str:
        """The text of the first choice, or the part of it in a chunk; empty if it has none."""
        return next(map(find_text, getattr(self, "choices", None) or ()), "")


def find_text(choice: Any) -> str:
    """Return the text of a choice: of its message, of the delta of a message, or its own."""
    part = getattr(choice, "message", None) or getattr(choice, "delta", None)
    text = getattr(choice, "text", None) if part is None else getattr(part, "content", None)
    return text if isinstance(text, str) else ""
