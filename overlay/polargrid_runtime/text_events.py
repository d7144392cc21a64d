"""Events of a streamed text, and the accumulator that builds the complete response from its chunks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel

from polargrid_runtime.response import EMPTY_META, ResponseModel, attach_meta

Chunk = TypeVar("Chunk", bound=ResponseModel)
Response = TypeVar("Response", bound=ResponseModel)


@dataclass(frozen=True, slots=True)
class ChunkEvent(Generic[Chunk]):
    """A chunk was received."""

    chunk: Chunk
    type: Literal["chunk"] = "chunk"


@dataclass(frozen=True, slots=True)
class ContentDelta:
    """Text was received."""

    delta: str
    index: int
    """The index of the choice, from 0."""
    _deltas: list[str] = field(repr=False)
    _count: int = field(repr=False)
    type: Literal["content.delta"] = "content.delta"

    @property
    def snapshot(self) -> str:
        """The text up to and including this delta."""
        return "".join(self._deltas[: self._count])


@dataclass(frozen=True, slots=True)
class ContentDone:
    """The text of a choice is complete."""

    content: str
    index: int
    type: Literal["content.done"] = "content.done"


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """A part of a tool call's arguments was received."""

    name: str
    arguments: str
    """The JSON text up to and including this delta."""
    arguments_delta: str
    index: int
    """The index of the call, from 0."""
    type: Literal["tool_calls.function.arguments.delta"] = "tool_calls.function.arguments.delta"


@dataclass(frozen=True, slots=True)
class ToolCallDone:
    """A tool call is complete."""

    name: str
    arguments: str
    index: int
    type: Literal["tool_calls.function.arguments.done"] = "tool_calls.function.arguments.done"


Event = ChunkEvent[Chunk] | ContentDelta | ContentDone | ToolCallDelta | ToolCallDone


class TextAccumulator(Generic[Chunk, Response]):
    """Builds the response that the chunks of a stream amount to."""

    def __init__(self, response_type: type[Response]) -> None:
        self._response_type = response_type
        self._fields: dict[str, Any] = {}
        self._choices: dict[int, _ChoiceAccumulator] = {}
        self._meta = EMPTY_META

    def add(self, chunk: Chunk) -> Iterator[Event[Chunk]]:
        """Add a chunk and yield its events."""
        self._meta = chunk.meta
        fields = chunk.model_dump(exclude_unset=True, by_alias=True)
        choices = fields.pop("choices", None) or ()
        _merge(self._fields, fields)
        yield ChunkEvent(chunk)
        for choice in choices:
            index = choice.get("index", 0)
            yield from self._choices.setdefault(index, _ChoiceAccumulator(index)).add(choice)

    def finish(self) -> Iterator[ContentDone | ToolCallDone]:
        """Yield an event for every text and tool call, after the last chunk."""
        for _, choice in sorted(self._choices.items()):
            yield from choice.finish()

    def build_response(self) -> Response:
        """Return the response. A required field that no chunk had is None, like the usage of some servers."""
        fields = {**self._fields, "object": str(self._fields.get("object", "")).removesuffix(".chunk")}
        fields["choices"] = [choice.build() for _, choice in sorted(self._choices.items())]
        response: Response = _construct(self._response_type, fields)
        attach_meta(response, self._meta)
        return response


class _ChoiceAccumulator:
    def __init__(self, index: int) -> None:
        self.index = index
        self.is_message = False  # a message of a chat, not the text of a completion
        self.fields: dict[str, Any] = {}
        self.message: dict[str, Any] = {}
        self.deltas: list[str] = []
        self.calls: dict[int, dict[str, Any]] = {}

    def add(self, choice: dict[str, Any]) -> Iterator[ContentDelta | ToolCallDelta]:
        delta = choice.pop("delta", None)
        self.is_message = self.is_message or delta is not None
        text = choice.pop("text", None) if delta is None else delta.pop("content", None)
        calls = (delta or {}).pop("tool_calls", None) or ()
        _merge(self.fields, choice)
        _merge(self.message, delta or {})
        if text:
            self.deltas.append(text)
            yield ContentDelta(text, self.index, self.deltas, len(self.deltas))
        for call_delta in calls:
            call = self.calls.setdefault(call_delta["index"], {})
            _merge(call, call_delta)
            arguments = (call_delta.get("function") or {}).get("arguments") or ""
            yield ToolCallDelta(*_function_of(call), arguments, call_delta["index"])

    def finish(self) -> Iterator[ContentDone | ToolCallDone]:
        if self.deltas:
            yield ContentDone("".join(self.deltas), self.index)
        for index, call in sorted(self.calls.items()):
            yield ToolCallDone(*_function_of(call), index)

    def build(self) -> dict[str, Any]:
        """Return the choice in the form of a response that is not streamed."""
        text = "".join(self.deltas)
        if not self.is_message:
            return {**self.fields, "text": text}
        message = {"role": "assistant", **self.message, "content": text}
        if self.calls:
            message["content"] = text or None
            message["tool_calls"] = [_build_call(call) for _, call in sorted(self.calls.items())]
        return {**self.fields, "message": message}


def _function_of(call: dict[str, Any]) -> tuple[str, str]:
    """The name and the arguments of a tool call; each is empty until it is received."""
    function = call.get("function") or {}
    return function.get("name") or "", function.get("arguments") or ""


def _build_call(call: dict[str, Any]) -> dict[str, Any]:
    name, arguments = _function_of(call)
    function = {**(call.get("function") or {}), "name": name, "arguments": arguments}
    fields = {field: value for field, value in call.items() if field != "index"}
    return {**fields, "type": call.get("type") or "function", "function": function}


_CONCATENATED = frozenset({"arguments", "refusal", "reasoning_content", "reasoning"})


def _merge(target: dict[str, Any], delta: dict[str, Any]) -> None:
    """Merge a delta: texts and lists grow, any other field takes the newest value that is not empty."""
    for name, value in delta.items():
        current = target.get(name)
        if isinstance(current, dict) and isinstance(value, dict):
            _merge(current, value)
        elif isinstance(current, list) and isinstance(value, list):
            current.extend(value)
        elif name in _CONCATENATED and isinstance(current, str) and isinstance(value, str):
            target[name] = current + value
        elif value not in (None, "") or name not in target:
            target[name] = value


def _construct(annotation: Any, value: Any) -> Any:
    """Construct models without validation: the chunks are validated, and a field that none of them had is None."""
    types = [annotation, *get_args(annotation)]  # of a union; a list in it is annotated
    types += [get_args(kind)[0] for kind in types if get_origin(kind) is Annotated]
    if isinstance(value, list):
        item_type = next((get_args(kind)[0] for kind in types if getattr(kind, "__origin__", None) is list), None)
        return [_construct(item_type, item) for item in value]
    model = next((kind for kind in types if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
    if model is None or not isinstance(value, dict):
        return value
    fields = model.model_fields
    missing = {name: None for name, field in fields.items() if field.is_required() and name not in value}
    annotations = {name: field.annotation for name, field in fields.items()}
    values = {name: _construct(annotations.get(name), item) for name, item in value.items()}
    return model.model_construct({*value}, **missing, **values)
