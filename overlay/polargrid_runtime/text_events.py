"""Events of a streamed text, and the accumulator that builds the complete response from its chunks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel

from polargrid_runtime.lenient import missing_value
from polargrid_runtime.response import EMPTY_META, ResponseModel, attach_meta
from polargrid_runtime.tool_call_deltas import ToolCallAccumulator

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
    arguments_delta: str
    index: int
    """The index of the call, from 0."""
    _deltas: list[str] = field(repr=False)
    _count: int = field(repr=False)
    type: Literal["tool_calls.function.arguments.delta"] = "tool_calls.function.arguments.delta"

    @property
    def arguments(self) -> str:
        """The JSON text up to and including this delta."""
        return "".join(self._deltas[: self._count])


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
        choice_type = _item_type(response_type.model_fields["choices"].annotation)
        self._has_messages = "message" in choice_type.model_fields  # or texts, of a completion
        self._fields: dict[str, Any] = {}
        self._choices: dict[int, _ChoiceAccumulator] = {}
        self._meta = EMPTY_META

    def add(self, chunk: Chunk) -> Iterator[Event[Chunk]]:
        """Add a chunk and yield its events. Raises InvalidCallError."""
        self._meta = chunk.meta
        fields = chunk.model_dump(exclude_unset=True, by_alias=True)
        choices = fields.pop("choices", None) or ()
        _merge(self._fields, fields)
        yield ChunkEvent(chunk)
        for position, choice in enumerate(choices):
            index = position if choice.get("index") is None else choice["index"]
            if index not in self._choices:
                self._choices[index] = _ChoiceAccumulator(index, has_message=self._has_messages)
            yield from self._choices[index].add(choice)

    def finish(self) -> Iterator[ContentDone | ToolCallDone]:
        """Yield an event for every text and tool call, after the last chunk. Raises InvalidCallError."""
        for _, choice in sorted(self._choices.items()):
            yield from choice.finish()

    def build_response(self) -> Response:
        """Return the response. A required field that no chunk had is None, like the usage of some servers."""
        fields = _join(self._fields)
        if "object" in fields:
            fields["object"] = str(fields["object"]).removesuffix(".chunk")
        fields["choices"] = [choice.build() for _, choice in sorted(self._choices.items())]
        response: Response = _construct(self._response_type, fields)
        attach_meta(response, self._meta)
        return response


class _ChoiceAccumulator:
    def __init__(self, index: int, *, has_message: bool) -> None:
        self.index, self.has_message = index, has_message
        self.fields: dict[str, Any] = {}
        self.message: dict[str, Any] = {}
        self.deltas: list[str] = []
        self.calls = ToolCallAccumulator()

    def add(self, choice: dict[str, Any]) -> Iterator[ContentDelta | ToolCallDelta]:
        delta = choice.pop("delta", None) or choice.pop("message", None) or {}  # some servers send it in one chunk
        text = delta.pop("content", None) or choice.pop("text", None)
        calls = delta.pop("tool_calls", None) or ()
        _merge(self.fields, choice)
        _merge(self.message, delta)
        if text:
            self.deltas.append(text)
            yield ContentDelta(text, self.index, self.deltas, len(self.deltas))
        for call_delta in calls:
            call = self.calls.add(call_delta)
            yield ToolCallDelta(call.name, call.deltas[-1], call.index, call.deltas, len(call.deltas))

    def finish(self) -> Iterator[ContentDone | ToolCallDone]:
        self.calls.check(is_finished=bool(self.fields.get("finish_reason")))
        if self.deltas:
            yield ContentDone("".join(self.deltas), self.index)
        for call in self.calls:
            yield ToolCallDone(call.name, call.arguments, call.index)

    def build(self) -> dict[str, Any]:
        """Return the choice in the form of a response that is not streamed."""
        text, fields = "".join(self.deltas), {**_join(self.fields), "index": self.index}
        if not self.has_message:
            return {**fields, "text": text}
        message = {"role": "assistant", **_join(self.message), "content": text}
        if calls := [call.build() for call in self.calls]:
            message.update(content=text or None, tool_calls=calls)
        return {**fields, "message": message}


_CONCATENATED = frozenset({"arguments", "refusal", "reasoning_content", "reasoning"})


class _Deltas(list[str]):
    """A text in parts: joining them for each delta would take quadratic time."""


def _merge(target: dict[str, Any], delta: dict[str, Any]) -> None:
    """Merge a delta: texts and lists grow, any other field takes the newest value that is not empty."""
    for name, value in delta.items():
        current = target.get(name)
        if isinstance(value, dict) and (current is None or isinstance(current, dict)):
            target[name] = current or {}
            _merge(target[name], value)
        elif name in _CONCATENATED and isinstance(value, str):
            target[name] = current if isinstance(current, _Deltas) else _Deltas()
            target[name].append(value)
        elif isinstance(current, list) and isinstance(value, list):
            current.extend(value)
        elif value not in (None, "") or name not in target:
            target[name] = value


def _join(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        name: "".join(value) if isinstance(value, _Deltas) else _join(value) if isinstance(value, dict) else value
        for name, value in fields.items()
    }


def _construct(annotation: Any, value: Any) -> Any:
    """Construct models without validation: the chunks are validated, and a field that none of them had is None."""
    if isinstance(value, list):
        item_type = _item_type(annotation)
        return [_construct(item_type, item) for item in value]
    types = (annotation, *get_args(annotation))
    model = next((kind for kind in types if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
    if model is None or not isinstance(value, dict):
        return value
    fields = model.model_fields
    absent = [name for name, field in fields.items() if field.is_required() and name not in value]
    missing = {name: missing_value(fields[name].annotation, name) for name in absent}
    annotations = {name: field.annotation for name, field in fields.items()}
    values = {name: _construct(annotations.get(name), item) for name, item in value.items()}
    return model.model_construct({*value}, **missing, **values)


def _item_type(annotation: Any) -> Any:
    """The type of the items of a list, which may be a part of a union."""
    types = (annotation, *get_args(annotation))
    return next((get_args(kind)[0] for kind in types if get_origin(kind) is list), None)
