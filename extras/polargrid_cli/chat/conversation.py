"""A conversation with a model as data: its messages, and the request for the next one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Message = dict[str, Any]


@dataclass
class Conversation:
    """Messages, the model that continues them, and the other fields of each request."""

    model: str
    messages: list[Message] = field(default_factory=list)
    sampling: Mapping[str, Any] = field(default_factory=dict)

    @property
    def system(self) -> str | None:
        """The system message."""
        first = self.messages[0] if self.messages else {}
        return first["content"] if first.get("role") == "system" else None

    def set_system(self, text: str | None) -> None:
        """Replace the system message; None removes it."""
        rest = self.messages if self.system is None else self.messages[1:]
        self.messages = [*([{"role": "system", "content": text}] if text else []), *rest]

    def build_request(self, question: str) -> dict[str, Any]:
        """Return the request for the response to a question, which is not part of the conversation yet."""
        turn = [*self.messages, {"role": "user", "content": question}]
        return {**self.sampling, "model": self.model, "messages": turn}

    def add_turn(self, question: str, response: str) -> None:
        """Add a question and its response, or the part of it that arrived."""
        self.messages += [{"role": "user", "content": question}, {"role": "assistant", "content": response}]

    def take_last_question(self) -> str | None:
        """Remove the last question and its response, and return the question; None if there is none."""
        for index in range(len(self.messages) - 1, -1, -1):
            if self.messages[index]["role"] == "user":
                question = str(self.messages[index]["content"])
                del self.messages[index:]
                return question
        return None

    def clear(self) -> None:
        """Remove all messages, except for the system message."""
        system = self.system
        self.messages = []
        self.set_system(system)


def format_markdown(messages: Sequence[Mapping[str, Any]]) -> str:
    """Format messages as a Markdown document."""
    return "\n".join(f"## {str(message['role']).title()}\n\n{message['content']}\n" for message in messages)
