"""Events of a streamed text; pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from polargrid_runtime.response import ResponseModel

Chunk = TypeVar("Chunk", bound=ResponseModel)
Response = TypeVar("Response", bound=ResponseModel)


@dataclass(frozen=True, slots=True)
class ChunkEvent(Generic[Chunk]):
    """A chunk was received."""

    chunk: Chunk
    _build: Callable[[], Any] = field(repr=False, compare=False)
    type: Literal["chunk"] = "chunk"

    @property
    def snapshot(self) -> Any:
        """The response that the chunks so far amount to."""
        return self._build()


@dataclass(frozen=True, slots=True)
class _TextDelta:
    delta: str
    index: int
    """The index of the choice, from 0."""
    _deltas: list[str] = field(repr=False)
    _count: int = field(repr=False)

    @property
    def snapshot(self) -> str:
        """The text up to and including this delta."""
        return "".join(self._deltas[: self._count])


@dataclass(frozen=True, slots=True)
class ContentDelta(_TextDelta):
    """Text was received."""

    _parse: Callable[[str], Any] | None = field(default=None, repr=False, compare=False)
    type: Literal["content.delta"] = "content.delta"

    @property
    def parsed(self) -> Any:
        """The JSON so far, as dicts and lists, of a stream with a type as `response_format`; else None."""
        return None if self._parse is None else self._parse(self.snapshot)


@dataclass(frozen=True, slots=True)
class ContentDone:
    """The text of a choice is complete."""

    content: str
    index: int
    parsed: Any = None
    """The object, of a stream with a type as `response_format`; else None."""
    type: Literal["content.done"] = "content.done"


@dataclass(frozen=True, slots=True)
class RefusalDelta(_TextDelta):
    """A part of a refusal was received."""

    type: Literal["refusal.delta"] = "refusal.delta"


@dataclass(frozen=True, slots=True)
class RefusalDone:
    """The refusal of a choice is complete."""

    refusal: str
    index: int
    type: Literal["refusal.done"] = "refusal.done"


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """A part of a tool call's arguments was received."""

    name: str
    arguments_delta: str
    index: int
    """The index of the call, from 0."""
    _deltas: list[str] = field(repr=False)
    _count: int = field(repr=False)
    _parse: Callable[[str, str], Any] | None = field(default=None, repr=False, compare=False)
    type: Literal["tool_calls.function.arguments.delta"] = "tool_calls.function.arguments.delta"

    @property
    def arguments(self) -> str:
        """The JSON text up to and including this delta."""
        return "".join(self._deltas[: self._count])

    @property
    def parsed_arguments(self) -> Any:
        """The arguments so far, as a dict, of a strict tool; else None."""
        return None if self._parse is None else self._parse(self.name, self.arguments)


@dataclass(frozen=True, slots=True)
class ToolCallDone:
    """A tool call is complete."""

    name: str
    arguments: str
    index: int
    parsed_arguments: Any = None
    """The arguments of a strict tool: an object of its model, or a dict; else None."""
    type: Literal["tool_calls.function.arguments.done"] = "tool_calls.function.arguments.done"


@dataclass(frozen=True, slots=True)
class _LogprobsDelta:
    index: int
    """The index of the choice, from 0."""
    _tokens: list[Any] = field(repr=False)
    _start: int = field(repr=False)
    _end: int = field(repr=False)

    @property
    def snapshot(self) -> list[Any]:
        """The tokens up to and including these."""
        return self._tokens[: self._end]


@dataclass(frozen=True, slots=True)
class LogprobsContentDelta(_LogprobsDelta):
    """Log probabilities of the text were received."""

    type: Literal["logprobs.content.delta"] = "logprobs.content.delta"

    @property
    def content(self) -> list[Any]:
        """The tokens with their log probabilities."""
        return self._tokens[self._start : self._end]


@dataclass(frozen=True, slots=True)
class LogprobsContentDone:
    """The log probabilities of a text are complete."""

    content: list[Any]
    index: int
    type: Literal["logprobs.content.done"] = "logprobs.content.done"


@dataclass(frozen=True, slots=True)
class LogprobsRefusalDelta(_LogprobsDelta):
    """Log probabilities of a refusal were received."""

    type: Literal["logprobs.refusal.delta"] = "logprobs.refusal.delta"

    @property
    def refusal(self) -> list[Any]:
        """The tokens with their log probabilities."""
        return self._tokens[self._start : self._end]


@dataclass(frozen=True, slots=True)
class LogprobsRefusalDone:
    """The log probabilities of a refusal are complete."""

    refusal: list[Any]
    index: int
    type: Literal["logprobs.refusal.done"] = "logprobs.refusal.done"


ChoiceEvent = (
    ContentDelta
    | ContentDone
    | RefusalDelta
    | RefusalDone
    | ToolCallDelta
    | ToolCallDone
    | LogprobsContentDelta
    | LogprobsContentDone
    | LogprobsRefusalDelta
    | LogprobsRefusalDone
)
Event = ChunkEvent[Chunk] | ChoiceEvent
