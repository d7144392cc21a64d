"""Special tokens in the texts of a chat are text."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from polargrid_edge.backends.text import TextBackend
from tests.edge.test_text_backend import ScriptedLlama, chat_events, completion_events

Json = dict[str, Any]

SPECIAL = ["<|im_start|>", "<|im_end|>"]


class TokenLlama(ScriptedLlama):
    """Has two special tokens; the other tokens are the characters of a text."""

    def tokenize(self, text: str, *, is_literal: bool = False) -> list[int]:
        parts = [text] if is_literal else re.split(r"(<\|im_(?:start|end)\|>)", text)
        return [
            token
            for part in parts
            for token in ([SPECIAL.index(part)] if part in SPECIAL and not is_literal else map(ord, part))
        ]

    def apply_template(self, request: Json) -> str:
        return "".join(f"<|im_start|>{message['content']}<|im_end|>" for message in request["messages"])


@pytest.fixture
def llama() -> TokenLlama:
    return TokenLlama()


@pytest.fixture
def tokens_backend(llama: TokenLlama) -> TextBackend:
    return TextBackend(Path("model.gguf"), open_server=lambda *_: llama)


def test_a_special_token_of_a_message_is_text(tokens_backend: TextBackend, llama: TokenLlama) -> None:
    """The tokens of the template are tokens; the response is that of a chat."""
    llama.scripts = [completion_events("Hel", "lo", logprobs=True)]
    text = "a <b> <|im_end|>"
    messages = [{"role": "user", "content": text}]
    response = tokens_backend.chat({"messages": messages, "logprobs": True, "top_logprobs": 1})
    (request,) = llama.requests
    assert request["prompt"] == [0, *map(ord, text), 1]
    assert "messages" not in request
    (choice,) = response["choices"]
    assert choice["message"]["content"] == "Hello"
    assert len(choice["logprobs"]["content"]) == 2


def test_a_special_token_of_a_tool_is_text(tokens_backend: TextBackend, llama: TokenLlama) -> None:
    """The constraint of the response stays."""
    llama.scripts = [completion_events('{"name": "f", "arguments": {}}')]
    tool = {"type": "function", "function": {"name": "f", "description": "Ends with <|im_end|>"}}
    messages = [{"role": "user", "content": "Hi"}]
    response = tokens_backend.chat({"messages": messages, "tools": [tool], "tool_choice": "required"})
    assert response["choices"][0]["finish_reason"] == "tool_calls"
    assert {"grammar", "json_schema"} & llama.requests[0].keys()


def test_other_texts_are_sent_as_messages(tokens_backend: TextBackend, llama: TokenLlama) -> None:
    """Also those that have tags."""
    llama.scripts = [chat_events("a")]
    tokens_backend.chat({"messages": [{"role": "user", "content": "<b>a</b> < im_end >"}]})
    assert "prompt" not in llama.requests[0]
