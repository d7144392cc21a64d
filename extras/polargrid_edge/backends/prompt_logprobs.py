"""The log probabilities of the tokens of a prompt.

llama.cpp has those of generated tokens only, so the tokens are generated, each after the ones before it, which the
cache of the model holds: a prompt costs as much as a text of its length.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from polargrid_edge.backends.llama_events import EventReceiver
from polargrid_edge.backends.llama_server import LlamaServer
from polargrid_edge.backends.text_response import token_logprobs
from polargrid_edge.backends.tool_plan import Json

# More than any logit: the token is generated for certain, and its log probability is that of the model.
_FORCE: Final = 1e6
_FEW: Final = 64


def iter_token_logprobs(server: LlamaServer, tokens: Sequence[int], alternatives: int) -> Iterator[Json]:
    """Yield each token with its log probability and the `alternatives` likeliest ones; the first token has none."""
    for end, token in enumerate(tokens):
        if end == 0:
            yield {"token": server.detokenize([token]), "logprob": None, "top_logprobs": []}
            continue
        choice = _generate(server, tokens[:end], token, max(1, alternatives))
        entries = token_logprobs(choice, alternatives)
        if not entries:
            yield _find_entry(server, tokens[:end], token, alternatives)
        elif entries[0]["token"]:
            yield entries[0]
        else:  # llama.cpp has no text for a token such as <|im_end|>, which the prompt shows
            yield entries[0] | {"token": server.detokenize([token])}


def _generate(server: LlamaServer, prompt: Sequence[int], token: int, alternatives: int) -> Json:
    """The choice of a request for one token."""
    request: Json = {"prompt": list(prompt), "logit_bias": [[token, _FORCE]], "logprobs": alternatives}
    request |= {"max_tokens": 1, "temperature": 0, "cache_prompt": True, "stream": False}
    receiver = EventReceiver(lambda _: False)
    server.handle_completions(request, receiver.receive)
    receiver.raise_error()
    return receiver.last_choice()


def _find_entry(server: LlamaServer, prompt: Sequence[int], token: int, alternatives: int) -> Json:
    """A token that is a part of a character: llama.cpp has its probability as an alternative of a complete one only."""
    (complete, *_) = server.tokenize("a")
    for count in (max(_FEW, alternatives), server.vocabulary_size):
        (entry,) = _generate(server, prompt, complete, count)["logprobs"]["content"]
        likeliest = entry["top_logprobs"]
        logprob = next((top["logprob"] for top in likeliest if top["id"] == token), None)
        if logprob is not None:
            break
    text = server.detokenize([token])
    return {"token": text, "logprob": logprob, "top_logprobs": likeliest[:alternatives]}
