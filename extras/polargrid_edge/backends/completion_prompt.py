"""The prompts of a completion: texts, token ids, and the gap between a text and its suffix. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from polargrid_edge.backends.request_error import InvalidFieldError

Prompt = str | list[int]

_MAX_DIGITS: Final = 20
_TOKEN_ID: Final = re.compile(rf"[0-9]{{1,{_MAX_DIGITS}}}")


class FillTokens(NamedTuple):
    """The tokens by which a model is trained to fill a gap: before the text, before the suffix, before the gap."""

    prefix: str
    suffix: str
    middle: str


class Gap(NamedTuple):
    """A prompt that asks for the text between two others. In these, what looks like a token is text."""

    tokens: FillTokens
    before: str
    after: str


def read_prompts(body: Mapping[str, Any], vocabulary_size: int) -> list[Prompt]:
    """The prompts of a request, each a text or its token ids. Raises `ValueError`."""
    value = body.get("prompt")
    prompts: list[Any]
    match value:
        case str() | [int(), *_]:
            prompts = [value]
        case [_, *_]:
            prompts = list(value)
        case _:
            prompts = [None]
    if not all(isinstance(prompt, str) or _is_tokens(prompt) for prompt in prompts):
        raise InvalidFieldError("prompt", "must be a string, a list of token ids, or a list of at least one of them")
    for prompt in prompts:
        if not isinstance(prompt, str):
            check_tokens("prompt", prompt, vocabulary_size)
    return prompts


def _is_tokens(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(token, int) for token in value)


def check_tokens(field: str, tokens: list[int], vocabulary_size: int) -> None:
    """Raises `ValueError` for an id that no token of the model has."""
    for token in tokens:
        if not 0 <= token < vocabulary_size:
            raise InvalidFieldError(field, f"{token} is no token of this model; its ids are 0 to {vocabulary_size - 1}")


def fill_gap(prompt: Prompt, suffix: str | None, tokens: FillTokens | None) -> Prompt | Gap:
    """The prompt that asks for the text between a prompt and its suffix. Raises `ValueError`."""
    if not suffix:
        return prompt
    if tokens is None:
        raise InvalidFieldError("suffix", "this model is not trained to fill a gap; send the prompt without a suffix")
    if not isinstance(prompt, str):
        raise InvalidFieldError("suffix", "requires a prompt of text, not of token ids")
    return Gap(tokens, prompt, suffix)


def read_logit_bias(body: Mapping[str, Any], vocabulary_size: int) -> dict[str, float] | None:
    """The biases by token id; None without any. Raises `ValueError`."""
    biases = body.get("logit_bias")
    for token in biases or ():
        if not _TOKEN_ID.fullmatch(token):
            raise InvalidFieldError(
                "logit_bias", f'{token[:_MAX_DIGITS]!r} is no token id; expected a number such as "15339"'
            )
    check_tokens("logit_bias", [int(token) for token in biases or ()], vocabulary_size)
    return biases or None
