"""A stream's bytes -> its chunks, and whether it ended as it should; pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from polargrid import errors, sse, wire
from polargrid_runtime.operation import Operation
from polargrid_runtime.response import ResponseMeta as Meta
from polargrid_runtime.response import ResponseModel, attach_meta

Hidden = Callable[[bytes], bytes]  # takes the key out of what an error quotes


class EventChunks:
    """The bytes of an event stream -> its chunks, and whether it ended as it should."""

    def __init__(self, operation: Operation[Any, Any], meta: Meta, limit: int, hidden: Hidden = bytes) -> None:
        self._operation, self._meta, self._hidden = operation, meta, hidden
        self._decoder = sse.Decoder(limit)
        self._parse = operation.chunk_type.validator.validate_json if operation.chunk_type else None
        self._finished = False  # a finish_reason came
        self._text: list[str] = []
        self.begun = False  # a chunk came: the call must not be tried again
        self.done = False  # [DONE] came

    def feed(self, data: bytes) -> Iterator[Any]:
        """The chunks that these bytes complete. Raises what an error event says."""
        if self.done:
            return
        try:
            for event in self._decoder.feed(data):
                if event.data == b"[DONE]":
                    self.done = True
                    return
                chunk = self._chunk(event)
                self.begun = True
                yield chunk
        except sse.EventTooLargeError as error:
            raise errors.ServerError(f"{self._operation.name}: {error}", request_id=self._meta.request_id) from error

    def _chunk(self, event: sse.Event) -> Any:
        if event.name == "error" or b'"error"' in event.data:
            self._raise_error(event)
        try:
            chunk = self._parse(event.data) if self._parse else event.data
        except ValueError as error:
            fault = f"{self._operation.name}: an event is not the {self._operation.event} it should be"
            quoted = self._hidden(event.data)
            cause = error if quoted == event.data else None  # it quotes the event, too
            raise errors.unexpected(fault, quoted, status=200, request_id=self._meta.request_id) from cause
        if isinstance(chunk, ResponseModel):
            attach_meta(chunk, self._meta)
        for choice in getattr(chunk, "choices", ()):
            self._finished = self._finished or bool(getattr(choice, "finish_reason", None))
            self._text.append(_text_of(choice))
        return chunk

    def _raise_error(self, event: sse.Event) -> None:
        said = self._hidden(event.data)
        try:
            data = json.loads(said)
        except (ValueError, RecursionError):
            data = {"message": said.decode("utf-8", "replace")} if event.name == "error" else None
        if isinstance(data, dict) and (event.name == "error" or data.get("error")):
            raise errors.from_event(data, self._meta.request_id)

    def end(self) -> None:
        """The stream is over. Raises NetworkError where it is not complete."""
        if not (self.done or self._finished):
            raise self.broken(errors.NetworkError("the stream ended before the answer did"))

    def broken(self, error: errors.PolarGridError) -> errors.PolarGridError:
        """The exception of a stream that an error ended, with the text so far; a broken connection has its own."""
        told = error
        if isinstance(error, errors.NetworkError) and not isinstance(error, errors.StreamInterruptedError):
            told = _interrupted(self._operation, error, self._meta)
        told.partial = "".join(self._text)
        return told


class BytesChunks:
    """The same for an answer of bytes: each piece as it comes; the transport knows whether it is whole."""

    def __init__(self, operation: Operation[Any, Any], meta: Meta, _limit: int, _hidden: Hidden = bytes) -> None:
        self._operation, self._meta = operation, meta
        self.begun = False
        self.done = False

    def feed(self, data: bytes) -> Iterator[Any]:
        """The piece itself."""
        self.begun = True
        yield data

    def end(self) -> None:
        """Nothing is left to check, but that something came."""
        if not self.begun:
            raise errors.unexpected(
                f"{self._operation.name}: the answer ended", b"", status=200, request_id=self._meta.request_id
            )

    def broken(self, error: errors.PolarGridError) -> errors.PolarGridError:
        """The exception of a stream that an error ended; a broken connection has its own."""
        if isinstance(error, errors.NetworkError):
            return _interrupted(self._operation, error, self._meta)
        return error


def _interrupted(operation: Operation[Any, Any], error: errors.NetworkError, meta: Meta) -> errors.PolarGridError:
    return errors.StreamInterruptedError(f"{operation.name}: {error.message}", request_id=meta.request_id)


def kind_of(operation: Operation[Any, Any], headers: Mapping[str, str]) -> type[Chunks] | None:
    """What turns the bytes of a streamed answer into chunks, by its media type; None where it is no stream."""
    if operation.event is None:
        return BytesChunks if wire.answer_kind(operation, headers) == "bytes" else None
    return EventChunks if wire.media_type(headers) == "text/event-stream" else None


Chunks = EventChunks | BytesChunks


def _text_of(choice: Any) -> str:
    fields = vars(choice)  # a field that is not there would cost Pydantic's search for it, with each chunk
    delta = fields.get("delta")
    text = fields.get("text") if delta is None else vars(delta).get("content")
    return text if isinstance(text, str) else ""
