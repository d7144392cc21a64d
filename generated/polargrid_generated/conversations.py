# Made from openapi.yaml by `make generate`; change that, not this.
"""What comes of a conversation besides its answer: an object of a type of yours, or calls of your functions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from polargrid_generated.models import ChatCompletionChoice, ChatCompletionResponse, ChatMessage, ToolCall

Parsed = TypeVar("Parsed")


class ParsedMessage(ChatMessage, Generic[Parsed]):
    """The message that the model wrote, and what it says as an object."""

    parsed: Parsed | None = None
    """The object; None where the model refused or called a tool."""


class ParsedChoice(ChatCompletionChoice, Generic[Parsed]):
    """One answer."""

    message: ParsedMessage[Parsed]


class ParsedChatCompletion(ChatCompletionResponse, Generic[Parsed]):
    """The answers to a conversation, each as an object."""

    choices: list[ParsedChoice[Parsed]]  # type: ignore[assignment]  # a list of more than was promised

    @property
    def parsed(self) -> Parsed | None:
        """The object of the first answer; None where the model refused or called a tool."""
        return self.choices[0].message.parsed if self.choices else None


@dataclass(frozen=True)
class ToolInvocation:
    """A call that the model asked for, and what came of it."""

    id: str
    """The id of the call."""
    name: str
    """The function that the model named."""
    arguments: str
    """What it gave, as JSON text."""
    result: Any = None
    """What the function returned."""
    error: Exception | None = None
    """Why there is no result: there is no such function, the arguments do not fit, or what the function raised."""


@dataclass
class ToolRun:
    """A conversation in which the model called functions."""

    final: ChatCompletionResponse
    """The last answer."""
    messages: list[Any] = field(default_factory=list)
    """The whole conversation with calls and results, to go on with."""
    calls: list[ToolInvocation] = field(default_factory=list)
    """Every call, in order."""
    answers: list[ChatCompletionResponse] = field(default_factory=list)
    """Every answer, the last one included."""
    exhausted: bool = False
    """Whether `max_rounds` was reached, so that the model had to answer without another call."""

    @property
    def text(self) -> str:
        """What the last answer says."""
        return (self.final.choices[0].message.content if self.final.choices else None) or ""


class Shape(Protocol[Parsed]):
    """A type of the caller's that answers are to have; the SDK's."""

    response_format: dict[str, Any]

    def parsed(self, answer: ChatCompletionResponse) -> ParsedChatCompletion[Parsed]: ...


class Talk(Protocol):
    """A conversation in which the model calls functions: what is sent next, and what came of it; the SDK's."""

    @property
    def request(self) -> dict[str, Any]: ...

    def answered(self, answer: ChatCompletionResponse) -> list[ToolCall]: ...

    def call(self, call: ToolCall) -> Any: ...

    def returned(self, call: ToolCall, result: Any = None, error: Exception | None = None) -> None: ...

    def run(self) -> ToolRun: ...
