"""Log probabilities: they are those of the tokens of the text, and the alternatives are in order."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from types import NoneType
from typing import Any

from polargrid_contract.checks.requests import TextResponse, ask_cached
from polargrid_contract.checks.shapes import get_field
from polargrid_contract.checks.structured_output import CHAT
from polargrid_contract.client import ServerClient
from polargrid_contract.registry import CheckSkipped, check
from polargrid_contract.results import Violation

_TOP = 2
_TOLERANCE = 1e-3  # of a log probability
_REFERENCE = "openapi.yaml, ChatLogprobs and TokenLogprob; OpenAI API, Chat, logprobs"


@check(
    "logprobs-match-text",
    on=CHAT,
    rationale="A client finds the probability of a word by its place in the text.",
    reference=_REFERENCE,
)
def check_text(client: ServerClient) -> Iterator[Violation]:
    """The bytes of the tokens are the text, each token is its bytes, and there are as many as the usage counts."""
    response, tokens = _ask(client)
    if error := _find_byte_error(tokens):
        yield client.violation(response.exchange, expected="the UTF-8 bytes of each token", actual=error)
        return
    joined, text = join_tokens(tokens).strip(), response.text.strip()
    is_polargrid = client.target.profile == "polargrid"  # other servers may have tokens for thoughts and end marks
    if not (joined == text if is_polargrid else text in joined):
        yield client.violation(response.exchange, expected=f"the tokens of {text!r}", actual=f"tokens of {joined!r}")
    if is_polargrid and response.finish_reason == "length" and len(tokens) != response.tokens:
        expected = f"{response.tokens} tokens, as usage.completion_tokens"
        yield client.violation(response.exchange, expected=expected, actual=f"{len(tokens)} tokens")


@check(
    "logprobs-alternatives-ordered",
    on=CHAT,
    rationale="A client shows the alternatives of a token with their probability, the most likely first.",
    reference=_REFERENCE,
)
def check_order(client: ServerClient) -> Iterator[Violation]:
    """Alternatives differ and are in descending order; at temperature 0 the first of them is the token."""
    response, tokens = _ask(client)
    for token in tokens:
        if error := _find_order_error(token):
            expected = f"{_TOP} alternatives in descending order, the token {token['token']!r} first"
            yield client.violation(response.exchange, expected=expected, actual=error)
            break


def join_tokens(tokens: Sequence[Mapping[str, Any]]) -> str:
    """Join tokens to a text by their bytes; by their text where a server sends none."""
    parts = [bytes(it["bytes"]) if it["bytes"] is not None else it["token"].encode() for it in tokens]
    return b"".join(parts).decode("utf-8", "replace")


def _ask(client: ServerClient) -> tuple[TextResponse, list[dict[str, Any]]]:
    """A response at temperature 0, with its tokens."""
    response = ask_cached(client, *CHAT, max_tokens=5, logprobs=True, top_logprobs=_TOP, optional=True)
    logprobs = response.choice.get("logprobs")
    entries = logprobs.get("content") if isinstance(logprobs, dict) else None
    tokens = [_read_token(response, entry) for entry in entries] if isinstance(entries, list) else []
    if not tokens:
        raise CheckSkipped("the response has no log probabilities, which logprobs-as-requested reports")
    return response, tokens


def _read_token(response: TextResponse, entry: Any) -> dict[str, Any]:
    """A token with its alternatives. Raises UnexpectedResponse for another shape."""
    exchange = response.exchange
    fields = get_field(exchange, entry, kind=dict)
    others = get_field(exchange, {"top_logprobs": None, **fields}, "top_logprobs", kind=(list, NoneType)) or []
    data = get_field(exchange, {"bytes": None, **fields}, "bytes", kind=(list, NoneType))
    if data is not None:
        data = [get_field(exchange, data, index, kind=int) % 256 for index in range(len(data))]
    return {
        "token": get_field(exchange, fields, "token", kind=str),
        "logprob": get_field(exchange, fields, "logprob", kind=float),
        "bytes": data,
        "top_logprobs": [_read_token(response, {**other, "top_logprobs": None}) for other in others],
    }


def _find_byte_error(tokens: Sequence[Mapping[str, Any]]) -> str:
    """A token that is a part of a character has no text of its own."""
    for token in tokens:
        data = token["bytes"]
        if data is not None and "\ufffd" not in token["token"] and bytes(data) != token["token"].encode():
            return f"{data} for {token['token']!r}"
    return ""


def _find_order_error(token: Mapping[str, Any]) -> str:
    alternatives = token["top_logprobs"]
    logprobs = [it["logprob"] for it in alternatives]
    names = [(it["token"], str(it["bytes"])) for it in alternatives]
    described = json.dumps([[it["token"], it["logprob"]] for it in alternatives], ensure_ascii=False)
    if logprobs != sorted(logprobs, reverse=True) or len(set(names)) < len(names):
        return described
    if alternatives and abs(logprobs[0] - token["logprob"]) > _TOLERANCE:
        return f"{token['logprob']} and {described}"
    return ""
