"""Requests of which the plain and the streamed response are compared: one for each field that shapes a response.

The checks of plain responses send them as well, so that only their streams are new requests.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from polargrid_contract.checks import forced_strings, structured_output, tool_calls
from polargrid_contract.checks.parameters import NULL_FIELDS, PROMPT_LIST, UNKNOWN_FIELDS, choose_stop_sequences
from polargrid_contract.checks.requests import STORY_PROMPT, Prompt, ask_cached
from polargrid_contract.client import ServerClient

_CONVERSATION = [
    {"role": "system", "content": "Answer as the keeper of a lighthouse."},
    {"role": "user", "content": "Who are you?"},
    {"role": "assistant", "content": "The keeper of this lighthouse."},
    {"role": "user", "content": "Tell me about the sea tonight."},
]
_FORCED = (
    "emoji of one character and of several",
    "the end of a stream",
    "right to left, and line separators",
)


class Form(NamedTuple):
    """A request for a text."""

    prompt: Prompt
    fields: dict[str, Any]


def list_forms(client: ServerClient, operation: str) -> Iterator[Form]:
    """Yield the requests to chat_completion or completion."""
    yield Form(STORY_PROMPT, {})
    yield Form(STORY_PROMPT, {"n": 3, "max_tokens": 4, "temperature": 0.9})
    yield Form(STORY_PROMPT, {"max_tokens": 1})
    yield Form(STORY_PROMPT, {"temperature": 1, "seed": 7})
    yield Form(STORY_PROMPT, {"max_tokens": 5, **UNKNOWN_FIELDS})
    yield Form(STORY_PROMPT, {"max_tokens": 5, **NULL_FIELDS})
    for stop in list(choose_stop_sequences(ask_cached(client, operation).text))[-1:]:
        yield Form(STORY_PROMPT, {"stop": stop[0] if len(stop) == 1 else stop})
    yield from _list_chat_forms() if operation == "chat_completion" else [Form(PROMPT_LIST, {"max_tokens": 5, "n": 2})]


def _list_chat_forms() -> Iterator[Form]:
    yield Form(STORY_PROMPT, {"messages": _CONVERSATION})
    yield Form(STORY_PROMPT, {"max_tokens": 12, "max_completion_tokens": 4})
    yield Form(STORY_PROMPT, {"max_tokens": 5, "logprobs": True, "top_logprobs": 2})
    yield Form(structured_output.QUESTION, tool_calls.TWO_CALLS)
    for choice in ("required", "none"):
        yield Form(structured_output.QUESTION, structured_output.build_tool_fields(choice))
    yield Form(structured_output.QUESTION, structured_output.SCHEMA_FIELDS)
    yield Form(structured_output.JSON_PROMPT, structured_output.JSON_FIELDS)
    for name in _FORCED:
        fields = {"response_format": forced_strings.build_format(forced_strings.FORCED_TEXTS[name])}
        yield Form(forced_strings.PROMPT, {"max_tokens": forced_strings.MAX_TOKENS, **fields})
