"""Event stream reader: reads a streamed response leniently, so that a check can report what is wrong; pure.

A stream consists of server-sent events, or of lines with JSON (`application/x-ndjson`, `application/jsonl`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from polargrid_contract.exchange import Exchange
from polargrid_contract.json_values import load_json
from polargrid_runtime.sse import EventDecoder

DONE = b"[DONE]"
_FIELDS = ("data", "event", "id", "retry")
# A field with another name is ignored (WHATWG HTML, 9.2.6); an error in plain text does not look like a field.
_FIELD = re.compile(r"[a-z][a-z0-9_-]*:")
_LINE_TYPES = ("ndjson", "jsonl", "json-seq", "json-lines")
_LINE_END = re.compile(r"\r\n|\n|\r")


class TimedEvent(NamedTuple):
    """The data of an event, its name, and when its last byte arrived."""

    seconds: float
    data: bytes
    name: str = "message"


@dataclass(frozen=True)
class Stream:
    """A streamed response. `last_data` is the data of an event that is not JSON, and ends the stream."""

    exchange: Exchange
    last_data: bytes | None = DONE

    @cached_property
    def events(self) -> list[TimedEvent]:
        """Every complete event: without a blank line at its end it does not count."""
        if self.is_lines:
            return list(self._read_lines())
        decoder = EventDecoder()
        return [
            TimedEvent(chunk.seconds, event.data, event.name)
            for chunk in self.exchange.chunks
            for event in decoder.feed(chunk.data)
        ]

    @property
    def is_lines(self) -> bool:
        """Whether each line of the stream is an event."""
        return self.exchange.media_type.endswith(_LINE_TYPES)

    @cached_property
    def invalid_lines(self) -> list[str]:
        """Lines that are not a field, comment or blank line of server-sent events."""
        if self.is_lines:
            return []
        lines = _LINE_END.split(self.exchange.text.removeprefix("\ufeff"))
        return [line for line in lines if line and not _is_sse(line)]

    @cached_property
    def invalid_data(self) -> list[str]:
        """The data of events that is neither the declared end nor a JSON object."""
        return [event.data.decode("utf-8", "replace") for event in self.events if self._parse(event.data) is None]

    @cached_property
    def errors(self) -> list[dict[str, Any]]:
        """Error events."""
        return [event for event in self._objects if event.get("error")]

    @cached_property
    def chunks(self) -> list[dict[str, Any]]:
        """Events that carry a part of the response."""
        return [event for event in self._objects if not event.get("error")]

    @property
    def indexes(self) -> list[int]:
        """The indexes of the choices, in order of their first chunk."""
        return list(dict.fromkeys(choice["index"] for chunk in self.chunks for choice in _choices_of(chunk)))

    def choice(self, index: int) -> list[dict[str, Any]]:
        """Return one choice, chunk by chunk."""
        return [choice for chunk in self.chunks for choice in _choices_of(chunk) if choice["index"] == index]

    def deltas(self, index: int = 0) -> list[str]:
        """Return the text of one choice, chunk by chunk."""
        return [text_of_delta(choice) for choice in self.choice(index)]

    def text(self, index: int = 0) -> str:
        """Return the joined text of one choice."""
        return "".join(self.deltas(index))

    def finish_reasons(self, index: int = 0) -> list[str]:
        """Return every finish_reason of one choice that is not null."""
        return [choice["finish_reason"] for choice in self.choice(index) if choice.get("finish_reason") is not None]

    def reasons(self, index: int) -> list[Any]:
        """Return the finish_reason of one choice, or null, chunk by chunk.

        A choice without content in the chunk of the usage is left out: it is not a part of the text.
        """
        parts = [(chunk, choice) for chunk in self.chunks for choice in _choices_of(chunk) if choice["index"] == index]
        return [
            choice.get("finish_reason")
            for chunk, choice in parts
            if chunk.get("usage") is None or choice.get("finish_reason") is not None or _has_content(choice)
        ]

    @cached_property
    def usage_chunks(self) -> list[dict[str, Any]]:
        """The chunks with a usage."""
        return [chunk for chunk in self.chunks if chunk.get("usage") is not None]

    @cached_property
    def text_times(self) -> list[float]:
        """When each event with text arrived."""
        times = []
        for event in self.events:
            chunk = self._parse(event.data) or {}
            if any(text_of_delta(choice) for choice in _choices_of(chunk)):
                times.append(event.seconds)
        return times

    @cached_property
    def _objects(self) -> list[dict[str, Any]]:
        parsed = (self._parse(event.data) for event in self.events)
        return [event for event in parsed if event]

    def _parse(self, data: bytes) -> dict[str, Any] | None:
        """Return the JSON object, {} for the end, None for anything else."""
        if self.last_data is not None and data.strip() == self.last_data:
            return {}
        try:
            parsed = load_json(data)
        except (ValueError, RecursionError):
            return None
        return parsed if isinstance(parsed, dict) else None

    def _read_lines(self) -> Iterator[TimedEvent]:
        rest = b""
        for chunk in self.exchange.chunks:
            *complete, rest = (rest + chunk.data).split(b"\n")
            yield from (TimedEvent(chunk.seconds, line) for line in complete if line.strip())
        if rest.strip():
            yield TimedEvent(self.exchange.seconds, rest)


def read_last_data(rules: Mapping[str, Any]) -> bytes | None:
    """Return the data that ends a stream and is no chunk, by `x-event-stream`."""
    last = rules.get("last")
    return last.encode() if isinstance(last, str) else None


def text_of_delta(choice: dict[str, Any]) -> str:
    """The text of a choice in a chunk of chat_completion or completion; empty if it is of another type."""
    delta = choice.get("delta", {})
    text = delta.get("content") if "delta" in choice and isinstance(delta, dict) else choice.get("text")
    return text if isinstance(text, str) else ""


def _choices_of(chunk: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The choices of a chunk that are objects with an index; the schema of the events requires that of all."""
    choices = chunk.get("choices")
    choices = choices if isinstance(choices, list) else []
    return [choice for choice in choices if isinstance(choice, dict) and isinstance(choice.get("index"), int)]


def _has_content(choice: Mapping[str, Any]) -> bool:
    delta = choice.get("delta")
    return bool(choice.get("text")) or (isinstance(delta, dict) and any(delta.values()))


def _is_sse(line: str) -> bool:
    name, _, _ = line.partition(":")
    if name in _FIELDS or not name:
        return True
    return bool(_FIELD.match(line)) and "error" not in name
