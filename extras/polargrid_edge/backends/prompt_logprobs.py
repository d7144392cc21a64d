"""The log probabilities of the tokens of a prompt.

llama.cpp has those of generated tokens only, so the tokens are generated, each after the ones before it, which the
cache of the model holds: a prompt costs as much as a text of its length.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from polargrid_edge.backends.llama_events import EventReceiver
from polargrid_edge.backends.server_calls import Calls, Generate, detokenize, tokenize
from polargrid_edge.backends.text_response import token_logprobs
from polargrid_edge.backends.tool_plan import Json

# More than any logit: the token is generated for certain, and its log probability is that of the model.
_FORCE: Final = 1e6
_FEW: Final = 64


def read_token_logprobs(tokens: Sequence[int], at: int, alternatives: int, vocabulary_size: int) -> Calls[Json]:
    """A token of a prompt with its log probability and the `alternatives` likeliest ones; the first token has none."""
    token, before = tokens[at], tokens[:at]
    if not before:
        return {"token": (yield from detokenize([token])), "logprob": None, "top_logprobs": []}
    choice = yield from _generate(before, token, max(1, alternatives))
    entries = token_logprobs(choice, alternatives)
    if not entries:
        return (yield from _find_entry(before, token, alternatives, vocabulary_size))
    if entries[0]["token"]:
        return entries[0]
    # llama.cpp has no text for a token such as <|im_end|>, which the prompt shows
    return entries[0] | {"token": (yield from detokenize([token]))}


def _generate(prompt: Sequence[int], token: int, alternatives: int) -> Calls[Json]:
    """The choice of a request for one token."""
    request: Json = {"prompt": list(prompt), "logit_bias": [[token, _FORCE]], "logprobs": alternatives}
    request |= {"max_tokens": 1, "temperature": 0, "cache_prompt": True, "stream": False}
    receiver = EventReceiver(lambda _: False)
    yield Generate(request, receiver.receive)
    receiver.raise_error()
    return receiver.last_choice()


def _find_entry(prompt: Sequence[int], token: int, alternatives: int, vocabulary_size: int) -> Calls[Json]:
    """A token that is a part of a character: llama.cpp has its probability as an alternative of a complete one only."""
    (complete, *_) = yield from tokenize("a")
    for count in (max(_FEW, alternatives), vocabulary_size):
        choice = yield from _generate(prompt, complete, count)
        (entry,) = choice["logprobs"]["content"]
        likeliest = entry["top_logprobs"]
        logprob = next((top["logprob"] for top in likeliest if top["id"] == token), None)
        if logprob is not None:
            break
    text = yield from detokenize([token])
    return {"token": text, "logprob": logprob, "top_logprobs": likeliest[:alternatives]}
