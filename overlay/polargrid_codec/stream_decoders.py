"""Which decoder a streamed body has, and the one of texts in choices; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from polargrid_codec import decoding, error_responses
from polargrid_codec.event_stream import ByteStreamDecoder, EventStreamDecoder
from polargrid_runtime.json_lines import JSON_LINES
from polargrid_runtime.operation import Operation
from polargrid_runtime.response import ResponseMeta, attach_meta


class ChoiceStreamDecoder(EventStreamDecoder):
    """Decodes a stream whose chunks have choices; every choice has an end of its own."""

    def __init__(
        self, operation: Operation[Any, Any], meta: ResponseMeta, limit: int, redact: error_responses.Redactor = str
    ) -> None:
        super().__init__(operation, meta, limit, redact)
        self._choices_field, self._finish_field = self._events.choices or "choices", self._events.finish or ""
        self._choices: set[int] = set()  # by index
        self._finished: set[int] = set()

    def _add(self, chunk: Any, _name: str) -> bool:
        choices = vars(chunk).get(self._choices_field) or ()
        if not choices:
            attach_meta(chunk, self._meta)
            return bool(chunk.model_fields_set & type(chunk).model_fields.keys())
        for position, choice in enumerate(choices):
            fields = vars(choice)  # getattr on a missing field would run Pydantic's lookup for each chunk
            if (index := fields.get("index")) is None:
                index = position
            self._choices.add(index)
            if fields.get(self._finish_field):
                self._finished.add(index)
            delta = fields.get("delta")
            text = fields.get("text") if delta is None else vars(delta).get("content")
            if isinstance(text, str) and index == 0:  # of the first choice
                self._text.append(text)
        object.__setattr__(chunk, "_meta", self._meta)  # as attach_meta does
        return True

    def _is_chunk(self, text: bytes, name: str) -> bool:
        return name == "message" or f'"{self._choices_field}"'.encode() in text

    def finish(self) -> Iterable[Any]:
        """End the stream.

        The last data says that the server sent everything; without it, every choice needs its end.
        """
        last = f"{self._events.last_data} or " if self._events.last_data else ""
        if self.done:
            reason = "" if self._choices else "before its first choice"
        elif unfinished := self._choices - self._finished:
            reason = f"without {last}the {self._finish_field} of choice {min(unfinished)}"
        else:
            reason = "" if self._finished else f"without {last}{self._finish_field}"
        if reason:
            self._raise_incomplete(reason)
        return ()


def select_decoder(operation: Operation[Any, Any], headers: Mapping[str, str]) -> type[ByteStreamDecoder] | None:
    """Return the decoder for a response's media type; None if it is not a stream of this operation."""
    media_type, events = decoding.media_type(headers), operation.events
    if events is None:
        reader = decoding.select_reader(operation, 200, headers.get("content-type", ""))
        return ByteStreamDecoder if reader and reader.kind == "bytes" else None
    is_expected = media_type == events.media_type or (events.media_type in JSON_LINES and media_type in JSON_LINES)
    if not is_expected:
        return None
    return ChoiceStreamDecoder if events.choices else EventStreamDecoder
