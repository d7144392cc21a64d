"""A request -> a Call, an answer -> a model, a stream's bytes -> chunks; pure.

Each message is validated once, by the Pydantic type that its operation names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import attrs
import pydantic

from polargrid import errors, sse
from polargrid.files import Upload, upload
from polargrid_generated.operations import Operation


@attrs.frozen
class Call:
    """One request, ready to be sent as often as needed."""

    operation: Operation[Any, Any]
    method: str
    path: str
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    content: bytes | None = None
    form: Mapping[str, str | list[str]] | None = None
    file: Upload | None = None


class _Body:
    """Stands where the raw builder expects its attrs model: the body is encoded here, once, by Pydantic."""

    def to_dict(self) -> None: ...

    def to_multipart(self) -> None: ...


def encode(
    operation: Operation[Any, Any],
    request: Any,
    file: Any = None,
    parameters: Mapping[str, Any] | None = None,
    *,
    stream: bool = False,
) -> Call:
    """The call of an operation. The raw builder owns method, path and query; only fields that were set are sent.

    Raises ValidationError, naming the field, for anything the operation does not take.
    """
    model = _validated(operation, request, stream=stream)
    given = {name: value for name, value in (parameters or {}).items() if value is not None}
    built = operation.build(**given, **({} if model is None else {"body": _Body()}))
    call = Call(
        operation=operation,
        method=built["method"].upper(),
        path=built["url"],
        query=built.get("params", {}),
        headers={"Accept": _accepted(operation, stream=stream)},
    )
    if operation.file:
        return attrs.evolve(call, form=_form(model), file=upload(file, operation.file))
    if model is None:
        return call
    return attrs.evolve(call, content=_json(model), headers={**call.headers, "Content-Type": "application/json"})


def _accepted(operation: Operation[Any, Any], *, stream: bool) -> str:
    return "text/event-stream" if stream and operation.event else ", ".join(operation.answers) or "*/*"


def _validated(operation: Operation[Any, Any], request: Any, *, stream: bool) -> pydantic.BaseModel | None:
    kind = operation.request_type
    if kind is None or (request is None and all(not field.is_required() for field in kind.model_fields.values())):
        return None
    try:
        model = kind.model_validate(request)
    except pydantic.ValidationError as error:
        raise validation_error(error, kind.__name__) from error
    if "stream" not in kind.model_fields:
        return model
    if stream:
        return model.model_copy(update={"stream": True})
    if getattr(model, "stream", None):
        raise errors.ValidationError(f"stream: use {operation.name}_stream for a streamed answer", param="stream")
    return model


def validation_error(error: pydantic.ValidationError, kind: str) -> errors.ValidationError:
    """Ours, from Pydantic's: the message names the first field, `details` holds every fault, none the input."""
    faults = [{"field": ".".join(map(str, item["loc"])), "message": item["msg"]} for item in error.errors()]
    first = f"{faults[0]['field'] or kind}: {faults[0]['message']}"
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return errors.ValidationError(first + more, param=faults[0]["field"] or None, details=faults)


def _json(model: pydantic.BaseModel) -> bytes:
    try:
        return model.model_dump_json(exclude_unset=True, by_alias=True).encode()
    except ValueError as error:  # PydanticSerializationError: a lone surrogate, an object that JSON has no form for
        raise errors.ValidationError(f"{type(model).__name__}: {error}") from error


def _form(model: pydantic.BaseModel | None) -> dict[str, str | list[str]]:
    fields = model.model_dump(mode="json", exclude_unset=True, by_alias=True) if model else {}
    return {
        name: [_text(item) for item in value] if isinstance(value, list) else _text(value)
        for name, value in fields.items()
        if value is not None
    }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def decode(operation: Operation[Any, Any], status: int, headers: Mapping[str, str], body: bytes) -> Any:
    """The answer of an operation, by its media type. Raises ServerError where it is not what was promised."""
    request_id = headers.get("x-request-id")
    kind = answer_kind(operation, headers)
    if kind == "bytes":
        return body
    try:
        if kind == "str":
            return body.decode()
        if kind == "json" and operation.answer_type:
            return operation.answer_type.validate_json(body)
    except ValueError as error:  # Pydantic's and Unicode's are both
        fault = (
            f"{operation.name}: the answer is not the {operation.answers.get('application/json', 'text')} it should be"
        )
        raise errors.unexpected(fault, body, status=status, request_id=request_id) from error
    if not operation.answers:
        return None
    fault = f"{operation.name}: the answer is {headers.get('content-type') or 'of no type'}, which it should not be"
    raise errors.unexpected(fault, body, status=status, request_id=request_id)


def answer_kind(operation: Operation[Any, Any], headers: Mapping[str, str]) -> str | None:
    """`json`, `str` or `bytes`, or None for a media type that the operation does not answer."""
    media = headers.get("content-type", "").partition(";")[0].strip().lower()
    kinds = set(operation.answers.values())
    if media.endswith("json") and "application/json" in operation.answers:
        return "json"
    if "bytes" in kinds and (media.startswith("audio/") or media == "application/octet-stream"):
        return "bytes"
    if "str" in kinds and media.startswith("text/") and media != "text/html":
        return "str"
    return None


class EventChunks:
    """The bytes of an event stream -> its chunks, and whether it ended as it should."""

    def __init__(self, operation: Operation[Any, Any], request_id: str | None) -> None:
        self._operation = operation
        self._request_id = request_id
        self._decoder = sse.Decoder()
        self._finished = False  # a finish_reason came
        self._text: list[str] = []
        self.begun = False  # a chunk came: the call must not be tried again
        self.done = False  # [DONE] came

    def feed(self, data: bytes) -> Iterator[Any]:
        """The chunks that these bytes complete. Raises what an error event says."""
        try:
            events = self._decoder.feed(data)
        except sse.EventTooLargeError as error:
            raise errors.ServerError(f"{self._operation.name}: {error}", request_id=self._request_id) from error
        for event in events:
            if event.data == b"[DONE]":
                self.done = True
                return
            chunk = self._chunk(event)
            self.begun = True
            yield chunk

    def _chunk(self, event: sse.Event) -> Any:
        if event.name == "error" or b'"error"' in event.data:
            self._raise_error(event)
        parse = self._operation.chunk_type
        try:
            chunk = parse.validate_json(event.data) if parse else event.data
        except ValueError as error:
            fault = f"{self._operation.name}: an event is not the {self._operation.event} it should be"
            raise errors.unexpected(fault, event.data, status=200, request_id=self._request_id) from error
        for choice in getattr(chunk, "choices", ()):
            self._finished = self._finished or bool(getattr(choice, "finish_reason", None))
            self._text.append(_text_of(choice))
        return chunk

    def _raise_error(self, event: sse.Event) -> None:
        try:
            data = json.loads(event.data)
        except (ValueError, RecursionError):
            data = {"message": event.data.decode("utf-8", "replace")} if event.name == "error" else None
        if isinstance(data, dict) and (event.name == "error" or data.get("error")):
            raise errors.from_event(data, self._request_id)

    def end(self) -> None:
        """The stream is over. Raises StreamInterruptedError where it is not complete."""
        if not (self.done or self._finished):
            raise self.broken(errors.NetworkError("the stream ended before the answer did"))

    def broken(self, error: errors.PolarGridError) -> errors.PolarGridError:
        """The exception of a stream that an error ended: a broken connection is told with the text so far."""
        if not isinstance(error, errors.NetworkError) or isinstance(error, errors.StreamInterruptedError):
            return error
        told = errors.StreamInterruptedError(f"{self._operation.name}: {error.message}", request_id=self._request_id)
        told.partial = "".join(self._text)
        return told


class BytesChunks:
    """The same for an answer of bytes: each piece as it comes; the transport knows whether it is whole."""

    begun = False
    done = False

    def feed(self, data: bytes) -> Iterator[Any]:
        """The piece itself."""
        self.begun = True
        yield data

    def end(self) -> None:
        """Nothing is left to check."""

    def broken(self, error: errors.PolarGridError) -> errors.PolarGridError:
        """The error as it is."""
        return error


def _text_of(choice: Any) -> str:
    text = getattr(choice, "text", None) or getattr(getattr(choice, "delta", None), "content", None)
    return text if isinstance(text, str) else ""
