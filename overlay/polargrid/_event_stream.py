"""Streamed bodies: from bytes to chunks, and whether the stream is complete; pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from polargrid import _decoding, errors
from polargrid_runtime import sse
from polargrid_runtime.lenient import describe_mismatch
from polargrid_runtime.operation import Operation
from polargrid_runtime.response import ResponseMeta


class ByteStreamDecoder:
    """Passes a binary body on as it arrives; the framing of HTTP says whether it is complete."""

    def __init__(
        self, operation: Operation[Any, Any], meta: ResponseMeta, limit: int, redact: errors.Redactor = str
    ) -> None:
        self._operation, self._meta, self._limit, self._redact = operation, meta, limit, redact
        self.started = False  # after the first chunk, the call is not retried
        self.done = False  # after [DONE]

    def feed(self, data: bytes) -> Iterable[Any]:
        """Return the chunks that these bytes complete. Raises the exception of an error event."""
        self.started = True
        return (data,)

    def finish(self) -> None:
        """End the stream. Raises a PolarGridError if it is incomplete."""
        if not self.started:
            raise errors.invalid_response(f"{self._operation.name}: response", b"", self._meta)

    def to_error(self, error: errors.PolarGridError) -> errors.PolarGridError:
        """Return the exception of the stream, with the text so far."""
        if isinstance(error, errors.NetworkError) and not isinstance(error, errors.StreamInterruptedError):
            message = f"{self._operation.name}: {error.message}"
            return errors.StreamInterruptedError(message, request_id=self._meta.request_id)
        return error


class EventStreamDecoder(ByteStreamDecoder):
    """Decodes an event stream into chunks."""

    def __init__(
        self, operation: Operation[Any, Any], meta: ResponseMeta, limit: int, redact: errors.Redactor = str
    ) -> None:
        super().__init__(operation, meta, limit, redact)
        self._decoder = sse.EventDecoder(limit)
        self._parse = operation.chunk_type.validator.validate_json if operation.chunk_type else None
        self._choices: set[int] = set()  # by index
        self._finished: set[int] = set()
        self._text: list[str] = []  # of the first choice

    def feed(self, data: bytes) -> Iterable[Any]:
        single = None if self.done else self._decoder.decode_single(data)
        if single is None or single == b"[DONE]":
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
                if event.data == b"[DONE]":
                    self.done = True
                    return
                chunk = self._parse_event(event.data, event.name)
                if chunk is not None:
                    self.started = True
                    yield chunk
                elif self.done:
                    return
        except sse.EventTooLargeError as error:
            raise errors.ServerError(f"{self._operation.name}: {error}", request_id=self._meta.request_id) from error

    def _parse_event(self, data: bytes, name: str) -> Any:
        """Return the chunk of an event; None for one that keeps the connection alive."""
        if name == "error" or b'"error"' in data:
            self._raise_error_event(data, name)
        reason = ""
        chunk: Any = None
        choices: Any = ()
        try:
            chunk = self._parse(data) if self._parse else data
            choices = getattr(chunk, "choices", ())
        except ValueError as error:
            reason = describe_mismatch(error, self._redact)
        if not choices and (reason or self._is_empty(chunk)):
            return self._ignore_event(data, name, reason or "no field of a chunk")
        if self._parse:
            object.__setattr__(chunk, "_meta", self._meta)  # as attach_meta does
        for position, choice in enumerate(choices):
            fields = vars(choice)  # getattr on a missing field would run Pydantic's lookup for each chunk
            if (index := fields.get("index")) is None:
                index = position
            self._choices.add(index)
            if fields.get("finish_reason"):
                self._finished.add(index)
            delta = fields.get("delta")
            text = fields.get("text") if delta is None else vars(delta).get("content")
            if isinstance(text, str) and index == 0:
                self._text.append(text)
        return chunk

    def _is_empty(self, chunk: Any) -> bool:
        return self._parse is not None and not chunk.model_fields_set & type(chunk).model_fields.keys()

    def _ignore_event(self, data: bytes, name: str, reason: str) -> None:
        """Ignore an event that is not a chunk, and not meant as one. Raises ServerError for any other."""
        text = data.strip()
        self.done = text == b"[DONE]"
        if text and not self.done and (name == "message" or b'"choices"' in text):
            kind = self._operation.events.type if self._operation.events else ""
            message = f"{self._operation.name}: event does not match {kind} ({reason})"
            raise errors.invalid_response(message, data, self._meta, self._redact)

    def _raise_error_event(self, data: bytes, name: str) -> None:
        try:
            error = json.loads(data)
        except (ValueError, RecursionError):
            error = None
        if name == "error" and not isinstance(error, dict):
            error = {"message": error if isinstance(error, str) else data.decode("utf-8", "replace")}
        if isinstance(error, dict) and (name == "error" or error.get("error") or error.get("object") == "error"):
            raise errors.from_event(error, self._meta.request_id)

    def finish(self) -> None:
        """End the stream.

        `[DONE]` says that the server sent everything; without it, every choice needs a finish_reason.
        """
        if self.done:
            reason = "" if self._choices else "before its first choice"
        elif unfinished := self._choices - self._finished:
            reason = f"without [DONE] or the finish_reason of choice {min(unfinished)}"
        else:
            reason = "" if self._finished else "without [DONE] or finish_reason"
        if reason:
            message = f"{self._operation.name}: stream ended {reason}"
            raise errors.StreamInterruptedError(message, request_id=self._meta.request_id)

    def to_error(self, error: errors.PolarGridError) -> errors.PolarGridError:
        failure = super().to_error(error)
        failure.partial = "".join(self._text)
        return failure


def select_decoder(operation: Operation[Any, Any], headers: Mapping[str, str]) -> type[ByteStreamDecoder] | None:
    """Return the decoder for a response's media type; None if it is not a stream of this operation."""
    if operation.events is None:
        return ByteStreamDecoder if _decoding.response_kind(operation, headers) == "bytes" else None
    return EventStreamDecoder if _decoding.media_type(headers) == "text/event-stream" else None
