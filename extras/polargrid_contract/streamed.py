"""What a streamed answer holds, read leniently, so that a check can say what is wrong with it; pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from polargrid.sse import Decoder
from polargrid_contract.exchange import Exchange

DONE = b"[DONE]"
_FIELDS = ("data", "event", "id", "retry")
# A field of another name is to be ignored (WHATWG HTML, 9.2.6); an error in plain text is none.
_FIELD = re.compile(r"[a-z][a-z0-9_-]*:")
_LINE_END = re.compile(r"\r\n|\n|\r")


class Timed(NamedTuple):
    """The data of an event, and when its last byte came."""

    seconds: float
    data: bytes


@dataclass(frozen=True)
class Stream:
    """A streamed answer of chat_completion or completion."""

    exchange: Exchange

    @cached_property
    def events(self) -> list[Timed]:
        """Every event, as the standard has it: one that is not closed by a blank line is none."""
        decoder = Decoder()
        return [
            Timed(arrival.seconds, event.data)
            for arrival in self.exchange.arrivals
            for event in decoder.feed(arrival.data)
        ]

    @cached_property
    def stray(self) -> list[str]:
        """Lines that no field, comment or blank line of server-sent events is."""
        lines = _LINE_END.split(self.exchange.text.removeprefix("\ufeff"))
        return [line for line in lines if line and not _is_sse(line)]

    @cached_property
    def unreadable(self) -> list[str]:
        """The data of events that are neither [DONE] nor a JSON object."""
        return [event.data.decode("utf-8", "replace") for event in self.events if _object(event.data) is None]

    @cached_property
    def errors(self) -> list[dict[str, Any]]:
        """Events that tell an error."""
        return [event for event in self._objects if event.get("error")]

    @cached_property
    def chunks(self) -> list[dict[str, Any]]:
        """Events that carry a piece of the answer."""
        return [event for event in self._objects if not event.get("error")]

    @property
    def indexes(self) -> list[int]:
        """The choices that came, in order of their first chunk."""
        return list(dict.fromkeys(choice["index"] for chunk in self.chunks for choice in chunk.get("choices") or []))

    def choice(self, index: int) -> list[dict[str, Any]]:
        """What came for one choice, chunk by chunk."""
        return [choice for chunk in self.chunks for choice in chunk.get("choices") or [] if choice["index"] == index]

    def pieces(self, index: int = 0) -> list[str]:
        """The text of one choice, chunk by chunk."""
        return [piece_of(choice) for choice in self.choice(index)]

    def text(self, index: int = 0) -> str:
        return "".join(self.pieces(index))

    def finish_reasons(self, index: int = 0) -> list[str]:
        return [choice["finish_reason"] for choice in self.choice(index) if choice.get("finish_reason") is not None]

    @cached_property
    def usages(self) -> list[dict[str, Any]]:
        """The chunks that tell a usage."""
        return [chunk for chunk in self.chunks if chunk.get("usage") is not None]

    @cached_property
    def text_times(self) -> list[float]:
        """When each piece of text came."""
        times = []
        for event in self.events:
            chunk = _object(event.data) or {}
            if any(piece_of(choice) for choice in chunk.get("choices") or []):
                times.append(event.seconds)
        return times

    @cached_property
    def _objects(self) -> list[dict[str, Any]]:
        read = (_object(event.data) for event in self.events)
        return [event for event in read if event]


def piece_of(choice: dict[str, Any]) -> str:
    """The text in a choice of a chunk, of chat or of completion."""
    if "delta" in choice:
        return (choice["delta"] or {}).get("content") or ""
    return choice.get("text") or ""


def _object(data: bytes) -> dict[str, Any] | None:
    """The JSON object; {} for [DONE], None for what is neither."""
    if data.strip() == DONE:
        return {}
    try:
        read = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None


def _is_sse(line: str) -> bool:
    name, _, _ = line.partition(":")
    if name in _FIELDS or not name:
        return True
    return bool(_FIELD.match(line)) and "error" not in name
