"""Token usage of the text operations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from polargrid_contract.checks.requests import (
    LIGHTHOUSE_PROMPT,
    STORY_PROMPT,
    TEXT_OPERATIONS,
    ask_cached,
    prompt_fields,
    text_operations,
)
from polargrid_contract.checks.shapes import read_field
from polargrid_contract.client import ServerClient
from polargrid_contract.registry import check
from polargrid_contract.results import Violation

_Extend = Callable[[ServerClient, str, str], dict[str, Any]]
"""Returns the request fields for a text operation, with a text that is added to its prompt, or to what precedes it."""
_COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens")
_MORE_TEXT = " It should have a storm, an old ship, a young sailor, a whale, and a light on the far shore."


@check(
    "usage-adds-up",
    on=TEXT_OPERATIONS,
    rationale="Billing uses the usage.",
    reference="API overview, Usage; openapi.yaml, TokenUsage",
)
def check_usage_sum(client: ServerClient) -> Iterator[Violation]:
    """The counts are integers, the total is the sum of the others, and none is zero if there is text."""
    for operation in text_operations(client):
        for response in (
            ask_cached(client, operation),
            ask_cached(client, operation, LIGHTHOUSE_PROMPT),
            ask_cached(client, operation, max_tokens=5),
        ):
            usage = read_field(response.exchange, "usage", kind=dict)
            counts = [usage.get(name) for name in _COUNTS]
            if not all(type(count) is int and count >= bool(response.text) for count in counts):
                expected = f"{', '.join(_COUNTS)}: integers above 0"
                yield client.violation(response.exchange, expected=expected, actual=str(usage))
            elif counts[0] + counts[1] != counts[2]:
                expected = f"total_tokens = {counts[0] + counts[1]}"
                yield client.violation(response.exchange, expected=expected, actual=f"total_tokens = {counts[2]}")


@check(
    "usage-matches-text",
    on=TEXT_OPERATIONS,
    rationale="A count that is not derived from the text bills for something else.",
    reference="openapi.yaml, TokenUsage",
)
def check_usage_size(client: ServerClient) -> Iterator[Violation]:
    """A word has at least half a token, in the prompt and in the response; a token has at least a byte."""
    for operation in text_operations(client):
        for prompt in (STORY_PROMPT, LIGHTHOUSE_PROMPT):
            response = ask_cached(client, operation, prompt)
            tokens, text = response.tokens, response.text
            minimum = len(text.split()) / 2
            # The thoughts of a chat model are counted but not shown.
            maximum = len(text.encode()) + 4 if operation == "completion" else tokens
            for wrong, bound in ((tokens < minimum, f"at least {minimum:g}"), (tokens > maximum, f"at most {maximum}")):
                if wrong:
                    expected = f"{bound} tokens for {text!r}"
                    actual = f"completion_tokens = {tokens}"
                    yield client.violation(response.exchange, expected=expected, actual=actual)
            minimum = len(prompt.split()) / 2
            if (count := response.count("prompt_tokens")) < minimum:
                expected = f"at least {minimum:g} tokens for {prompt!r}"
                yield client.violation(response.exchange, expected=expected, actual=f"prompt_tokens = {count}")


@check(
    "longer-prompt-costs-more",
    on=TEXT_OPERATIONS,
    rationale="The model reads every part of a prompt, so every part is counted.",
    reference="openapi.yaml, TokenUsage",
)
def check_prompt_tokens(client: ServerClient) -> Iterator[Violation]:
    """More text in the prompt, the system message or the history of a chat gives more prompt_tokens."""
    for operation in text_operations(client):
        # A chat template may add text if there is no system message, so the compared requests have the same messages.
        extensions: list[_Extend] = [_extend_prompt]
        if operation == "chat_completion":
            extensions += [_extend_system_message, _extend_history]
        for extend in extensions:
            short, longer = (
                ask_cached(client, operation, max_tokens=1, **extend(client, operation, text))
                for text in ("", _MORE_TEXT)
            )
            minimum = short.count("prompt_tokens") + len(_MORE_TEXT.split()) // 2
            if (count := longer.count("prompt_tokens")) < minimum:
                expected = f"prompt_tokens of at least {minimum}, since the prompt has more words"
                yield client.violation(longer.exchange, expected=expected, actual=f"prompt_tokens = {count}")


def _extend_prompt(client: ServerClient, operation: str, text: str) -> dict[str, Any]:
    return prompt_fields(client, operation, f"{STORY_PROMPT} {text}")


def _extend_system_message(_client: ServerClient, _operation: str, text: str) -> dict[str, Any]:
    return {"messages": [_message("system", f"Be kind. {text}"), _message("user", STORY_PROMPT)]}


def _extend_history(_client: ServerClient, _operation: str, text: str) -> dict[str, Any]:
    history = [_message("user", f"Hello. {text}"), _message("assistant", f"Hello. {text}")]
    return {"messages": [*history, _message("user", STORY_PROMPT)]}


def _message(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}
