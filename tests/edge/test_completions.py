"""Completions in every form that OpenAI's API takes, with a scripted llama.cpp."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from polargrid_edge.backends.completion_prompt import FillTokens
from polargrid_edge.backends.text import ContextLengthError, TextBackend
from polargrid_edge.backends.text_response import CompletionChoice
from tests.edge.test_text_backend import ScriptedLlama, completion_events

Json = dict[str, Any]

FILL = FillTokens("<P>", "<S>", "<M>")


@pytest.fixture
def llama() -> ScriptedLlama:
    return ScriptedLlama()


@pytest.fixture
def scripted(llama: ScriptedLlama) -> TextBackend:
    return TextBackend(Path("model.gguf"), fill_tokens=FILL, fingerprint="fp_1", open_server=lambda *_: llama)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Once", ["Once"]),
        ("", ["<|endoftext|>"]),
        (["Once", "Then"], ["Once", "Then"]),
        ([1, 2, 3], [[1, 2, 3]]),
        ([[1, 2], [3]], [[1, 2], [3]]),
        ([[]], ["<|endoftext|>"]),
    ],
)
def test_a_prompt_is_text_or_tokens(scripted: TextBackend, llama: ScriptedLlama, prompt: Any, expected: Any) -> None:
    """One, or a list of them."""
    llama.scripts = [completion_events("a")]
    scripted.complete({"prompt": prompt})
    assert [request["prompt"] for request in llama.requests] == expected


def test_a_suffix_is_a_gap_to_fill(scripted: TextBackend, llama: ScriptedLlama) -> None:
    """In the tokens of the model's training; those that its texts seem to have are text."""
    llama.scripts = [completion_events("a")]
    scripted.complete({"prompt": "def f(): ", "suffix": "\nf()"})
    scripted.complete({"prompt": "def f(): ", "suffix": ""})
    assert [request["prompt"] for request in llama.requests] == [[0, 0, 1, 0, 0, 0], "def f(): "]
    assert llama.literals == ["def f(): ", "\nf()"]


@pytest.mark.parametrize(("max_tokens", "expected"), [(None, 100), (7, 7), (10**9, 4096), (2**70, 4096)])
def test_a_completion_is_as_long_as_the_context_allows(
    scripted: TextBackend, llama: ScriptedLlama, max_tokens: int | None, expected: int
) -> None:
    """100 tokens unless max_tokens is set; more than the context holds is no error."""
    llama.scripts = [completion_events("a")]
    scripted.complete({"prompt": "Once", "max_tokens": max_tokens})
    assert llama.requests[0]["max_tokens"] == expected


def test_no_tokens_are_no_generation(scripted: TextBackend, llama: ScriptedLlama) -> None:
    """The usage has the tokens of the prompt."""
    response = scripted.complete({"prompt": ["Once upon a", [5, 6]], "max_tokens": 0})
    assert [choice["text"] for choice in response["choices"]] == ["", ""]
    assert {choice["finish_reason"] for choice in response["choices"]} == {"length"}
    assert response["usage"] == {"prompt_tokens": 5, "completion_tokens": 0, "total_tokens": 5}
    assert llama.requests == []


@pytest.mark.parametrize(("prompt", "text"), [("Once", "Once a"), ([5, 6], "<5><6> a"), ("", " a")])
def test_echo_is_the_prompt_before_the_text(
    scripted: TextBackend, llama: ScriptedLlama, prompt: Any, text: str
) -> None:
    """Of each choice."""
    llama.scripts = [completion_events(" a")]
    response = scripted.complete({"prompt": prompt, "echo": True, "n": 2})
    assert [choice["text"] for choice in response["choices"]] == [text, text]
    assert [choice["logprobs"] for choice in response["choices"]] == [None, None]


@pytest.mark.parametrize("fields", [{"echo": True}, {"echo": True, "logprobs": 1}, {"max_tokens": 0}])
def test_a_prompt_beyond_the_context_is_rejected_before_it_is_sent(scripted: TextBackend, fields: Json) -> None:
    """So that a stream has the status 400."""
    chunks: list[Json] = []
    with pytest.raises(ContextLengthError):
        scripted.complete_stream({"prompt": "word " * 4096, **fields}, lambda chunk: chunks.append(chunk) is None)
    assert chunks == []


def test_the_best_texts_are_returned(scripted: TextBackend, llama: ScriptedLlama) -> None:
    """Those with the highest log probability per token; all tokens count."""
    llama.scripts = [with_logprob(-3, "bad"), with_logprob(-1, "best"), with_logprob(-2, "good")]
    response = scripted.complete({"prompt": "Once", "best_of": 3, "n": 2, "seed": 1})
    assert [(choice["index"], choice["text"]) for choice in response["choices"]] == [(0, "best"), (1, "good")]
    assert all(choice["logprobs"] is None for choice in response["choices"])
    assert response["usage"]["completion_tokens"] == 3


def with_logprob(logprob: float, text: str) -> list[Json]:
    events = completion_events(text, logprobs=True)
    events[0]["choices"][0]["logprobs"]["content"][0]["logprob"] = logprob
    return events


def test_a_response_names_its_configuration(scripted: TextBackend, llama: ScriptedLlama) -> None:
    """In every chunk."""
    llama.scripts = [completion_events("a", "b")]
    chunks: list[Json] = []
    scripted.complete_stream({"prompt": "Once"}, lambda chunk: chunks.append(chunk) is not None)
    assert {chunk["system_fingerprint"] for chunk in chunks} == {"fp_1"}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"prompt": []}, "prompt: must be"),
        ({"prompt": None}, "prompt: must be"),
        ({"prompt": ["a", 1]}, "prompt: must be"),
        ({"prompt": [1000]}, "prompt: 1000 is no token of this model; its ids are 0 to 999"),
        ({"prompt": [[1], [-1]]}, "prompt: -1 is no token"),
        ({"prompt": [1], "suffix": "x"}, "suffix: requires a prompt of text"),
        ({"best_of": 1, "n": 2}, "best_of: 1 is less than n"),
        ({"best_of": 2, "stream": True}, "best_of: a stream begins"),
        ({"max_tokens": -1}, "max_tokens: must be at least 0"),
        ({"logit_bias": {"hello": 5}}, "logit_bias: 'hello' is no token id"),
        ({"logit_bias": {"9" * 5_000: 5}}, "logit_bias: '99999999999999999999' is no token id"),
        ({"logit_bias": {"\u0661": 5}}, "logit_bias: '\u0661' is no token id"),
        ({"logit_bias": {"1000": 5}}, "logit_bias: 1000 is no token"),
    ],
)
def test_an_invalid_completion_is_rejected(
    scripted: TextBackend, llama: ScriptedLlama, fields: Json, message: str
) -> None:
    """Before llama.cpp gets it."""
    with pytest.raises(ValueError, match=message):
        scripted.complete({"prompt": "Once", **fields})
    assert llama.requests == []


def test_a_model_without_fill_tokens_rejects_a_suffix(llama: ScriptedLlama) -> None:
    """With what to do."""
    backend = TextBackend(Path("model.gguf"), open_server=lambda *_: llama)
    with pytest.raises(ValueError, match="not trained to fill a gap; send the prompt without"):
        backend.complete({"prompt": "Once", "suffix": "x"})


def test_offsets_of_an_echo_are_those_of_its_text() -> None:
    """Also behind characters of several tokens, which have the offset of their character."""
    chunks: list[Json] = []
    choice = CompletionChoice(0, lambda part: chunks.append(part) is not None, alternatives=0)
    choice.echo("a\N{GRINNING FACE}\N{GRINNING FACE}b\ufffd c")
    for token in ("a", *["\ufffd"] * 6, "b", "\ufffd", " c"):
        choice.echo_token({"token": token, "logprob": -1.0, "top_logprobs": []})
    offsets = [offset for chunk in chunks if chunk["logprobs"] for offset in chunk["logprobs"]["text_offset"]]
    assert offsets == [0, *[1] * 6, 3, 4, 5]
