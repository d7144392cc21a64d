"""Request parameters of the text operations take effect."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from polargrid_contract.checks.requests import (
    LIGHTHOUSE_PROMPT,
    STORY_PROMPT,
    TEXT_OPERATIONS,
    TextResponse,
    ask_cached,
    ask_fresh,
    text_of,
    text_operations,
)
from polargrid_contract.checks.shapes import get_field
from polargrid_contract.client import ServerClient
from polargrid_contract.registry import CheckSkipped, check
from polargrid_contract.results import Violation

_N_TOKENS = 4  # of each choice
_COUNTING_PROMPT = "One, two, three,"
PROMPT_LIST = [_COUNTING_PROMPT, LIGHTHOUSE_PROMPT]
UNKNOWN_FIELDS: dict[str, Any] = {"x_unknown_field": {"is": ["unknown"]}}
NULL_FIELDS: dict[str, Any] = dict.fromkeys(
    ("top_p", "stop", "n", "stream", "stream_options", "presence_penalty", "user")
)


@check(
    "max-tokens-respected",
    on=TEXT_OPERATIONS,
    rationale="max_tokens bounds the cost and the duration of a response.",
    reference="SDK reference, chat_completion; openapi.yaml, max_tokens",
)
def check_max_tokens(client: ServerClient) -> Iterator[Violation]:
    """Neither the token count nor the text is longer."""
    for operation in text_operations(client):
        for limit in (1, 5, 9):
            response = ask_cached(client, operation, max_tokens=limit)
            words = len(response.text.split())
            if response.tokens > limit or words > 2 * limit:
                actual = f"{response.tokens} tokens, {words} words: {response.text!r}"
                yield client.violation(response.exchange, expected=f"at most {limit} tokens", actual=actual)


@check(
    "max-completion-tokens-respected",
    on=("chat_completion",),
    rationale="Newer clients send max_completion_tokens instead of max_tokens.",
    reference="openapi.yaml, max_completion_tokens; OpenAI API, Chat, max_completion_tokens",
)
def check_max_completion_tokens(client: ServerClient) -> Iterator[Violation]:
    """max_completion_tokens takes precedence over max_tokens."""
    response = ask_cached(client, "chat_completion", max_tokens=12, max_completion_tokens=4, optional=True)
    words = len(response.text.split())
    if response.tokens > 4 or words > 8:
        actual = f"{response.tokens} tokens, {words} words: {response.text!r}"
        yield client.violation(response.exchange, expected="at most 4 tokens", actual=actual)


@check(
    "n-respected",
    on=TEXT_OPERATIONS,
    rationale="A client that requests three choices reads three.",
    reference="openapi.yaml, n; OpenAI API, Chat, n",
)
def check_n(client: ServerClient) -> Iterator[Violation]:
    """There are n choices with indexes from 0, and the usage counts all of them."""
    for operation in text_operations(client):
        response = ask_cached(client, operation, n=3, max_tokens=_N_TOKENS, temperature=0.9, optional=True)
        indexes = sorted(read_indexes(response))
        if indexes != [0, 1, 2]:
            yield client.violation(response.exchange, expected="choices 0, 1, 2", actual=f"choices {indexes}")
        words = sum(len(text_of(choice).split()) for choice in response.choices)
        # Longer texts than requested are a violation of max-tokens-respected.
        least, most = words / 2, max(_N_TOKENS * 3, 2 * words)
        if not least <= response.tokens <= most:
            expected = f"{least:g} to {most} tokens for 3 choices with {words} words"
            actual = f"completion_tokens = {response.tokens}"
            yield client.violation(response.exchange, expected=expected, actual=actual)


@check(
    "prompt-list-completed",
    on=("completion",),
    rationale="A client that sends several prompts finds each completion by its index.",
    reference="openapi.yaml, CompletionRequest.prompt and CompletionChoice.index",
    profiles=("polargrid",),
)
def check_prompt_list(client: ServerClient) -> Iterator[Violation]:
    """There are n choices for each prompt, in the order of the prompts."""
    separate = [ask_cached(client, "completion", prompt, max_tokens=5).text.strip() for prompt in PROMPT_LIST]
    for count in (1, 2):
        response = ask_cached(client, "completion", PROMPT_LIST, max_tokens=5, n=count)
        indexes = sorted(read_indexes(response))
        choices = sorted(response.choices, key=lambda choice: int(choice["index"]))
        if indexes != list(range(2 * count)):
            expected = f"choices {list(range(2 * count))}"
            yield client.violation(response.exchange, expected=expected, actual=f"choices {indexes}")
        elif [text_of(choices[0]).strip(), text_of(choices[-1]).strip()] != separate:
            expected = f"the texts of separate requests, {separate}"
            actual = str([text_of(choice) for choice in choices])
            yield client.violation(response.exchange, expected=expected, actual=actual)


@check(
    "stop-respected",
    on=TEXT_OPERATIONS,
    rationale="Programs that read a response up to a stop sequence rely on its end there.",
    reference="openapi.yaml, stop; OpenAI API, Chat, stop",
)
def check_stop(client: ServerClient) -> Iterator[Violation]:
    """The text ends before the stop sequence, with finish_reason `stop`; `stop` is a string or a list."""
    compared = 0
    for operation in text_operations(client):
        text = ask_cached(client, operation).text
        for stop in choose_stop_sequences(text):
            compared += 1
            before = text[: text.index(stop[-1])].strip()
            response = ask_cached(client, operation, stop=stop[0] if len(stop) == 1 else stop)
            if stop[-1] in response.text:
                expected = f"a text that ends before {stop[-1]!r}"
                yield client.violation(response.exchange, expected=expected, actual=repr(response.text))
            elif response.text.strip() == before and response.finish_reason != "stop":
                actual = repr(response.finish_reason)
                yield client.violation(response.exchange, expected="finish_reason 'stop'", actual=actual)
            elif response.text.strip() != before and client.target.profile == "polargrid":
                yield client.violation(response.exchange, expected=repr(before), actual=repr(response.text))
    if not compared:
        raise CheckSkipped("the generated texts have no words to use as a stop sequence")


@check(
    "seed-reproducible",
    on=TEXT_OPERATIONS,
    rationale="A test that uses a model needs the same text each time.",
    reference="openapi.yaml, seed; OpenAI API, Chat, seed",
)
def check_seed(client: ServerClient) -> Iterator[Violation]:
    """Three requests at temperature 0 with a seed give the same text; for OpenAI's API a seed is best effort."""
    is_free = client.target.profile == "openai"
    for operation in text_operations(client):
        text = ask_cached(client, operation).text
        for _ in range(2):
            response = ask_fresh(client, operation)
            if response.text != text:
                expected, actual = repr(text), repr(response.text)
                yield client.violation(response.exchange, expected=expected, actual=actual, warning=is_free)
                break


@check(
    "seed-reproducible-sampling",
    on=TEXT_OPERATIONS,
    rationale="A seed makes sampling reproducible.",
    reference="openapi.yaml, seed",
    profiles=("polargrid",),
)
def check_seed_when_sampling(client: ServerClient) -> Iterator[Violation]:
    """Two requests at a temperature above 0 with a seed give the same text."""
    for operation in text_operations(client):
        text = ask_cached(client, operation, temperature=1, seed=7).text
        response = ask_fresh(client, operation, temperature=1, seed=7)
        if response.text != text:
            yield client.violation(response.exchange, expected=repr(text), actual=repr(response.text))


@check(
    "temperature-respected",
    on=TEXT_OPERATIONS,
    rationale="A client that requests variety needs different texts.",
    reference="openapi.yaml, temperature; OpenAI API, Chat, temperature",
)
def check_temperature(client: ServerClient) -> Iterator[Violation]:
    """At the highest temperature, three seeds do not all give the same text."""
    for operation in text_operations(client):
        responses = [
            ask_cached(client, operation, max_tokens=8, temperature=2, top_p=1, seed=seed) for seed in (1, 2, 3)
        ]
        first = responses[0]
        if first.text and len({response.text for response in responses}) == 1:
            expected = "different texts at temperature 2 with different seeds"
            yield client.violation(first.exchange, expected=expected, actual=f"three times {first.text!r}")


@check(
    "prompt-affects-response",
    on=TEXT_OPERATIONS,
    rationale="A response that does not depend on the prompt is from a cache or for another client.",
    reference="API overview, Chat",
)
def check_prompt_effect(client: ServerClient) -> Iterator[Violation]:
    """Different prompts give different texts."""
    for operation in text_operations(client):
        prompts = (STORY_PROMPT, LIGHTHOUSE_PROMPT, _COUNTING_PROMPT)
        responses = [ask_cached(client, operation, prompt) for prompt in prompts]
        first = responses[0]
        if first.text and len({response.text for response in responses}) == 1:
            expected = "different texts for different prompts"
            yield client.violation(first.exchange, expected=expected, actual=f"three times {first.text!r}")


@check(
    "unknown-fields-accepted",
    on=TEXT_OPERATIONS,
    rationale="A newer client sends fields that an older edge does not know.",
    reference="openapi.yaml, the requests: additional properties are open",
    profiles=("polargrid",),
)
def check_unknown_fields(client: ServerClient) -> Iterator[Violation]:
    """Unknown fields have no effect."""
    yield from _compare_without(client, UNKNOWN_FIELDS)


@check(
    "null-means-default",
    on=TEXT_OPERATIONS,
    rationale="Many clients send null for options that are not set.",
    reference="openapi.yaml, the requests: types with null",
    profiles=("polargrid",),
)
def check_null(client: ServerClient) -> Iterator[Violation]:
    """Null has the same effect as a missing field."""
    yield from _compare_without(client, NULL_FIELDS)


def read_indexes(response: TextResponse) -> list[int]:
    """Return the index of each choice. Raises UnexpectedResponse if it has none."""
    return [get_field(response.exchange, choice, "index", kind=int) for choice in response.choices]


def _compare_without(client: ServerClient, fields: dict[str, Any]) -> Iterator[Violation]:
    """Require the same text with and without the fields."""
    for operation in text_operations(client):
        response = ask_cached(client, operation, max_tokens=5, **fields)
        expected = ask_cached(client, operation, max_tokens=5).text
        if response.text != expected:
            yield client.violation(response.exchange, expected=repr(expected), actual=repr(response.text))


def choose_stop_sequences(text: str) -> Iterator[list[str]]:
    """A word from the middle of a text, alone and in a list, and a sequence that spans two words."""
    words = [word for word in re.finditer(r"\w{3,}", text) if text[: text.index(word.group())].strip()]
    if not words:
        return
    word = words[len(words) // 2]
    yield [word.group()]
    yield ["§ not in the text §", word.group()]
    spanning = text[max(0, word.start() - 2) : word.start() + 2]
    if text[: text.index(spanning)].strip():
        yield [spanning]
