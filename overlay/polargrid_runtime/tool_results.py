"""Results of a conversation in which the model calls functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar


class _Message(Protocol):
    @property
    def content(self) -> str | None: ...


class _Choice(Protocol):
    @property
    def message(self) -> _Message: ...


class ChatResponse(Protocol):
    """A response with choices, each of which has a message."""

    @property
    def choices(self) -> Sequence[_Choice]: ...


Completion = TypeVar("Completion", bound=ChatResponse)


@dataclass(frozen=True)
class ToolCallResult:
    """A function call that the model requested, and its result."""

    id: str
    """The id of the call."""
    name: str
    """The function that the model named."""
    arguments: str
    """The arguments of the call, as JSON text."""
    result: Any = None
    """The return value of the function."""
    error: Exception | None = None
    """Why there is no result: the function is unknown, the arguments do not match it, or it raised."""


@dataclass
class ToolRunResult(Generic[Completion]):
    """A conversation in which the model called functions."""

    final: Completion
    """The last response."""
    messages: list[Any] = field(default_factory=list)
    """The entire conversation with its calls and results; pass it to the next request to continue."""
    calls: list[ToolCallResult] = field(default_factory=list)
    """Every call, in order."""
    responses: list[Completion] = field(default_factory=list)
    """Every response, including the last one."""
    max_rounds_reached: bool = False
    """Whether the model had to respond without further calls because `max_rounds` was reached."""

    @property
    def text(self) -> str:
        """The text of the last response."""
        return (self.final.choices[0].message.content if self.final.choices else None) or ""
