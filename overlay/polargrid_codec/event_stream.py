"""Streamed bodies: from bytes to chunks, and whether the stream is complete; pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

from polargrid_codec import error_responses
from polargrid_runtime import errors, sse
from polargrid_runtime.json_lines import LineDecoder
from polargrid_runtime.lenient import describe_mismatch
from polargrid_runtime.operation import EventStream, Operation
from polargrid_runtime.response import ResponseMeta, ResponseModel, attach_meta

_EVENT_STREAM = "text/event-stream"


class ByteStreamDecoder:
    """Passes a binary body on as it arrives; the framing of HTTP says whether it is complete."""

    def __init__(
        self, operation: Operation[Any, Any], meta: ResponseMeta, limit: int, redact: error_responses.Redactor = str
    ) -> None:
        self._operation, self._meta, self._limit, self._redact = operation, meta, limit, redact
        self.started = False  # after the first chunk, the call is not retried
        self.done = False  # after the last event

    def feed(self, data: bytes) -> Iterable[Any]:
        """Return the chunks that these bytes complete. Raises the exception of an error event."""
        self.started = True
        return (data,)

    def finish(self) -> Iterable[Any]:
        """End the stream and return its last chunks. Raises a PolarGridError if it is incomplete."""
        if not self.started:
            raise error_responses.invalid_response(f"{self._operation.name}: response", b"", self._meta)
        return ()

    def to_error(self, error: errors.PolarGridError) -> errors.PolarGridError:
        """Return the exception of the stream, with the text so far."""
        if isinstance(error, errors.NetworkError) and not isinstance(error, errors.StreamInterruptedError):
            message = f"{self._operation.name}: {error.message}"
            return errors.StreamInterruptedError(message, request_id=self._meta.request_id)
        return error


class BodyDecoder(ByteStreamDecoder):
    """Passes any body on, which may be empty; the caller parses it."""

    def finish(self) -> Iterable[Any]:
        return ()


class EventStreamDecoder(ByteStreamDecoder):
    """Decodes a stream of events into chunks, up to the event that the document calls the last."""

    def __init__(
        self, operation: Operation[Any, Any], meta: ResponseMeta, limit: int, redact: error_responses.Redactor = str
    ) -> None:
        super().__init__(operation, meta, limit, redact)
        self._events = events = operation.events or EventStream("str")
        self._decoder = sse.EventDecoder(limit) if events.media_type == _EVENT_STREAM else LineDecoder(limit)
        self._parse: Callable[[bytes], Any] = bytes.decode
        if operation.chunk_type is not None:
            self._parse = operation.chunk_type.validator.validate_json
        self._last = None if events.last_data is None else events.last_data.encode()
        self._names = dict(events.names)
        self._text: list[str] = []

    def feed(self, data: bytes) -> Iterable[Any]:
        single = None if self.done else self._decoder.decode_single(data)
        if single is None or single == self._last:
            return self._iter_chunks(data)
        chunk = self._parse_event(single, "message")
        if chunk is None:
            return ()
        self.started = True
        return (chunk,)

    def _iter_chunks(self, data: bytes) -> Iterator[Any]:
        if self.done:
            return
        try:
            for event in self._decoder.feed(data):
                if event.data == self._last:
                    self.done = True
                    return
                chunk = self._parse_event(event.data, event.name)
                if chunk is not None:
                    self.started = True
                    yield chunk
                if self.done:
                    return
        except sse.EventTooLargeError as error:
            raise errors.ServerError(f"{self._operation.name}: {error}", request_id=self._meta.request_id) from error

    def _parse_event(self, data: bytes, name: str) -> Any:
        """Return the chunk of an event; None for one that keeps the connection alive."""
        if name == "error" or b'"error"' in data:
            self._raise_error_event(data, name)
        reason = "no field of a chunk"
        try:
            chunk = self._parse_named(data, name) if self._names else self._parse(data)
            if self._add(chunk, name):
                return chunk
        except ValueError as error:
            reason = describe_mismatch(error, self._redact)
        return self._ignore_event(data, name, reason)  # not above: the exception quotes what the server sent

    def _parse_named(self, data: bytes, name: str) -> Any:
        """The name of an event selects the type of its data; an unknown one is of a newer server."""
        parser = self._operation.adapter(self._names[name]) if name in self._names else _unknown_objects()
        return parser.validate_json(data)

    def _add(self, chunk: Any, _name: str) -> bool:
        """Add a chunk to the state of the stream; whether it has any field."""
        if isinstance(chunk, ResponseModel):
            if not chunk.__pydantic_fields_set__:  # `model_fields_set` calls a function for it
                return False
            attach_meta(chunk, self._meta)
            if isinstance(text := chunk.__dict__.get("delta"), str):  # no field: getattr would raise, and catch
                self._text.append(text)
        elif isinstance(chunk, str):
            self._text.append(chunk)
        if self._events.last_types:
            self.done = not {_name, getattr(chunk, self._events.last_field, None)}.isdisjoint(self._events.last_types)
        return bool(chunk) or not isinstance(chunk, str)

    def _ignore_event(self, data: bytes, name: str, reason: str) -> None:
        """Ignore an event that is not a chunk, and not meant as one. Raises ServerError for any other."""
        text = data.strip()
        self.done = bool(text) and text == self._last
        if text and not self.done and self._is_chunk(text, name):
            message = f"{self._operation.name}: event does not match {self._events.type} ({reason})"
            raise error_responses.invalid_response(message, data, self._meta, self._redact)

    def _is_chunk(self, text: bytes, name: str) -> bool:
        """Whether an event that does not match is meant as a chunk: by its name, or by its type."""
        is_named = name in self._names or (not self._names and _is_open(self._operation))
        return name == "message" or (is_named and text.startswith(b"{") and text != b"{}")

    def _raise_error_event(self, data: bytes, name: str) -> None:
        try:
            error = json.loads(data)
        except (ValueError, RecursionError):
            error = None
        if name == "error" and not isinstance(error, dict):
            error = {"message": error if isinstance(error, str) else data.decode("utf-8", "replace")}
        if isinstance(error, dict) and (name == "error" or error.get("error") or error.get("object") == "error"):
            raise error_responses.from_event(error, self._meta.request_id)

    def finish(self) -> Iterable[Any]:
        """End the stream. Without a last event in the document, the end of the body is the end of the stream."""
        if self.done:
            return ()
        if self._last is not None and not self._events.may_end_early:
            self._raise_incomplete(f"without {self._events.last_data}")
        if self._events.last_types:
            self._raise_incomplete(
                f"without an event of {self._events.last_field} {' or '.join(self._events.last_types)}"
            )
        rest = self._decoder.flush()
        if rest and isinstance(self._decoder, sse.EventDecoder):
            self._raise_incomplete("inside an event")
        return self._iter_last(rest) if rest else ()

    def _iter_last(self, line: bytes) -> Iterator[Any]:
        """Yield the chunk of the last line, which needs no end."""
        if not _is_json(line):
            self._raise_incomplete("inside a line")
        chunk = self._parse_event(line, "message")
        if chunk is not None:
            yield chunk

    def _raise_incomplete(self, reason: str) -> None:
        message = f"{self._operation.name}: stream ended {reason}"
        raise errors.StreamInterruptedError(message, request_id=self._meta.request_id)

    def to_error(self, error: errors.PolarGridError) -> errors.PolarGridError:
        failure = super().to_error(error)
        failure.partial = "".join(self._text)
        return failure


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


@cache
def _unknown_objects() -> Any:
    from pydantic import TypeAdapter

    from polargrid_runtime.unions import UnknownObject

    return TypeAdapter(UnknownObject)


def _is_open(operation: Operation[Any, Any]) -> bool:
    """Whether its events are a union that accepts unknown objects, so that one that does not match is a known one."""
    schema: Any = operation.chunk_type.core_schema if operation.chunk_type else {}
    return bool(schema.get("schema", schema).get("type") == "tagged-union")
