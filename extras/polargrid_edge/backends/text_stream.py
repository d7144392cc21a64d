"""The chunks of a response: its usage, the prompt before its texts, and the choice of the best texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from polargrid_edge.backends import text_response
from polargrid_edge.backends.server_calls import Calls
from polargrid_edge.backends.text_response import CompletionChoice, OnChunk
from polargrid_edge.backends.tool_plan import Json


class TextStream:
    """The chunks of a response, and its usage."""

    def __init__(self, shared: Json, on_chunk: OnChunk, *, wants_usage: bool) -> None:
        self._shared, self._on_chunk, self._wants_usage = shared, on_chunk, wants_usage
        self._usage = text_response.usage(0, 0)

    def send(self, *parts: Json) -> bool:
        """Send a chunk; returns True to stop the stream."""
        return self._on_chunk({**self._shared, "choices": list(parts)})

    def add(self, usage: Json, *, with_prompt: bool) -> None:
        self._usage = text_response.add_usage(self._usage, usage, with_prompt=with_prompt)

    def finish(self) -> None:
        if self._wants_usage:
            self._on_chunk({**self._shared, "choices": [], "usage": self._usage})


class PromptEcho:
    """A prompt that is the beginning of its texts. What is told of its tokens is read once, as it is sent."""

    def __init__(self, text: str, tokens: Sequence[int], read_entry: Callable[[int], Calls[Json]]) -> None:
        """`read_entry` reads the log probability of the token at an index; without `tokens` none is read."""
        self._text, self._tokens, self._read_entry = text, tokens, read_entry
        self._entries: list[Json] = []

    def send(self, choice: CompletionChoice) -> Calls[bool]:
        """Send it to a choice; the result is True to stop the stream."""
        if choice.echo(self._text):
            return True
        for index in range(len(self._tokens)):
            if index == len(self._entries):
                self._entries.append((yield from self._read_entry(index)))
            if choice.echo_token(self._entries[index]):
                return True
        return False


class ChoiceSender:
    """Sends the choices of a prompt: each at once, or, if it buffers, the likeliest when all are known."""

    def __init__(self, first: int, count: int, send: Callable[..., bool], *, buffers: bool) -> None:
        self._first, self._count, self._send, self._buffers = first, count, send, buffers
        self._parts: list[Json] = []
        self._choices: list[tuple[float, list[Json]]] = []

    def index(self, number: int) -> int:
        """The index of a choice."""
        return self._first + number

    def send(self, part: Json) -> bool:
        """Send or keep a part of a choice; returns True to stop the stream."""
        if not self._buffers:
            return self._send(part)
        self._parts.append(part)
        return self._send()

    def add(self, logprobs: list[float]) -> None:
        """End a choice, with the log probabilities of its tokens."""
        self._choices.append((sum(logprobs) / max(1, len(logprobs)), self._parts))
        self._parts = []

    def finish(self) -> bool:
        """Send what is kept; returns True to stop the stream."""
        best = sorted(self._choices, key=lambda choice: choice[0], reverse=True)[: self._count] if self._buffers else []
        return any(
            self._send(part | {"index": self._first + number})
            for number, (_, parts) in enumerate(best)
            for part in parts
        )
