# Generated from openapi.yaml by `make generate`; do not edit.
"""Responses whose messages contain an object of a type of the caller."""

from __future__ import annotations

from typing import Any, ClassVar, Generic, TypeVar

from polargrid_generated.models import (
    ChatCompletionChoice,
    ChatCompletionResponse,
    ChatMessage,
    ToolCall,
    ToolCallFunction,
)

Parsed = TypeVar("Parsed")


class ParsedToolCallFunction(ToolCallFunction):
    """The function of a tool call with its arguments as an object."""

    parsed_arguments: Any = None
    """Of a strict tool, an object of its model, or a dict; else None."""


class ParsedToolCall(ToolCall):
    """A tool call with its arguments as an object."""

    function_type: ClassVar[type[Any]] = ParsedToolCallFunction
    function: ParsedToolCallFunction


class ParsedChatMessage(ChatMessage, Generic[Parsed]):
    """A message of the model with its content as an object."""

    call_type: ClassVar[type[Any]] = ParsedToolCall
    tool_calls: list[ParsedToolCall] | None = None  # type: ignore[assignment]  # narrower than in the base class
    parsed: Parsed | None = None
    """The object; None if the model refused or called a tool."""


class ParsedChatCompletionChoice(ChatCompletionChoice, Generic[Parsed]):
    """One of the choices of a response."""

    message_type: ClassVar[type[Any]] = ParsedChatMessage
    message: ParsedChatMessage[Parsed]


class ParsedChatCompletion(ChatCompletionResponse, Generic[Parsed]):
    """A response whose messages contain an object each."""

    choice_type: ClassVar[type[Any]] = ParsedChatCompletionChoice
    choices: list[ParsedChatCompletionChoice[Parsed]]  # type: ignore[assignment]  # narrower than in the base class

    @property
    def parsed(self) -> Parsed | None:
        """The object of the first choice; None if the model refused or called a tool."""
        return self.choices[0].message.parsed if self.choices else None
