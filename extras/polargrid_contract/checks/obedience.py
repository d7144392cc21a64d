"""Obedience: what a request asks for is what the answer does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from polargrid_contract.check import Fault, check
from polargrid_contract.checks.asking import SIGNS, TALE, TEXT, answer, fresh, speaking, text_of
from polargrid_contract.server import Server

_COUNT = "One, two, three,"


@check(
    "max-tokens-obeyed",
    on=TEXT,
    why="It bounds what an answer costs and how long it takes.",
    source="SDK reference, chat_completion; openapi.yaml, max_tokens",
)
def max_tokens_obeyed(server: Server) -> Iterator[Fault]:
    """Neither the count nor the text itself is longer."""
    for operation in speaking(server):
        for most in (1, 5, 9):
            told = answer(server, operation, max_tokens=most)
            words = len(told.text.split())
            if told.tokens > most or words > 2 * most:
                came = f"{told.tokens} tokens, {words} words: {told.text!r}"
                yield server.fault(told.exchange, expected=f"at most {most} tokens", came=came)


@check(
    "max-completion-tokens-obeyed",
    on=("chat_completion",),
    why="It is the newer name of max_tokens, and newer clients send only that.",
    source="openapi.yaml, max_completion_tokens; OpenAI API, Chat, max_completion_tokens",
)
def max_completion_tokens_obeyed(server: Server) -> Iterator[Fault]:
    """It wins over max_tokens."""
    told = answer(server, "chat_completion", max_tokens=12, max_completion_tokens=4, optional=True)
    words = len(told.text.split())
    if told.tokens > 4 or words > 8:
        came = f"{told.tokens} tokens, {words} words: {told.text!r}"
        yield server.fault(told.exchange, expected="at most 4 tokens", came=came)


@check(
    "n-obeyed",
    on=TEXT,
    why="Who asks for three answers reads three.",
    source="openapi.yaml, n; OpenAI API, Chat, n",
)
def n_obeyed(server: Server) -> Iterator[Fault]:
    """As many choices as asked for, numbered from 0, each with its text; the usage counts all."""
    for operation in speaking(server):
        told = answer(server, operation, n=3, max_tokens=4, temperature=0.9, optional=True)
        places = sorted(choice["index"] for choice in told.body["choices"])
        if places != [0, 1, 2]:
            yield server.fault(told.exchange, expected="choices numbered 0, 1, 2", came=f"numbered {places}")
        words = sum(len(text_of(choice).split()) for choice in told.body["choices"])
        if not words / 2 <= told.tokens <= 4 * 3:
            expected = f"{words / 2:g} to 12 tokens for 3 choices with {words} words"
            yield server.fault(told.exchange, expected=expected, came=f"completion_tokens = {told.tokens}")


@check(
    "every-prompt-continued",
    on=("completion",),
    why="Texts that are sent together come back by their place.",
    source="openapi.yaml, CompletionRequest.prompt and CompletionChoice.index",
    profiles=("polargrid",),
)
def every_prompt_continued(server: Server) -> Iterator[Fault]:
    """A choice for each prompt, n for each where n are asked for, prompt by prompt."""
    prompts = [_COUNT, SIGNS]
    alone = [answer(server, "completion", prompt, max_tokens=5).text.strip() for prompt in prompts]
    for count in (1, 2):
        told = answer(server, "completion", prompts, max_tokens=5, n=count)
        choices = sorted(told.body["choices"], key=lambda choice: int(choice["index"]))
        places = [choice["index"] for choice in choices]
        if places != list(range(2 * count)):
            expected = f"choices numbered {list(range(2 * count))}"
            yield server.fault(told.exchange, expected=expected, came=f"choices numbered {places}")
        elif [choices[0]["text"].strip(), choices[-1]["text"].strip()] != alone:
            came = str([choice["text"] for choice in choices])
            yield server.fault(told.exchange, expected=f"the texts of each prompt alone, {alone}", came=came)


@check(
    "stop-obeyed",
    on=TEXT,
    why="Programs that read an answer up to a mark rely on its ending there.",
    source="openapi.yaml, stop; OpenAI API, Chat, stop",
)
def stop_obeyed(server: Server) -> Iterator[Fault]:
    """The text goes up to the stop text and does not hold it; `stop` is the reason; a string or a list, any of it."""
    for operation in speaking(server):
        text = answer(server, operation).text
        for stop in _stops(text):
            before = text[: text.index(stop[-1])].strip()
            told = answer(server, operation, stop=stop[0] if len(stop) == 1 else stop)
            if stop[-1] in told.text:
                expected = f"a text that ends before {stop[-1]!r}"
                yield server.fault(told.exchange, expected=expected, came=repr(told.text))
            elif told.text.strip() == before and told.finish_reason != "stop":
                yield server.fault(told.exchange, expected="finish_reason 'stop'", came=repr(told.finish_reason))
            elif told.text.strip() != before and server.target.profile == "polargrid":
                yield server.fault(told.exchange, expected=repr(before), came=repr(told.text))


@check(
    "seed-repeats",
    on=TEXT,
    why="A test that asks a model must be able to ask again and read the same.",
    source="openapi.yaml, seed; OpenAI API, Chat, seed",
)
def seed_repeats(server: Server) -> Iterator[Fault]:
    """Three times the same text at temperature 0 with a seed."""
    for operation in speaking(server):
        text = answer(server, operation).text
        for _ in range(2):
            told = fresh(server, operation)
            if told.text != text:
                yield server.fault(told.exchange, expected=repr(text), came=repr(told.text))
                break


@check(
    "seed-repeats-a-choice",
    on=TEXT,
    why="With a seed even what is left to chance comes out the same.",
    source="openapi.yaml, seed",
    profiles=("polargrid",),
)
def seed_repeats_a_choice(server: Server) -> Iterator[Fault]:
    """Twice the same text at a temperature above 0."""
    for operation in speaking(server):
        text = answer(server, operation, temperature=1, seed=7).text
        told = fresh(server, operation, temperature=1, seed=7)
        if told.text != text:
            yield server.fault(told.exchange, expected=repr(text), came=repr(told.text))


@check(
    "temperature-obeyed",
    on=TEXT,
    why="Who asks for variety must not read the same text each time.",
    source="openapi.yaml, temperature; OpenAI API, Chat, temperature",
)
def temperature_obeyed(server: Server) -> Iterator[Fault]:
    """At the highest temperature, three seeds do not all bring the same text."""
    for operation in speaking(server):
        told = [answer(server, operation, max_tokens=8, temperature=2, top_p=1, seed=seed) for seed in (1, 2, 3)]
        if told[0].text and len({each.text for each in told}) == 1:
            expected = "several texts at temperature 2, with other seeds"
            yield server.fault(told[0].exchange, expected=expected, came=f"three times {told[0].text!r}")


@check(
    "prompts-matter",
    on=TEXT,
    why="An answer that does not depend on the question is from a cache, or from another's question.",
    source="API overview, Chat",
)
def prompts_matter(server: Server) -> Iterator[Fault]:
    """Other prompts bring other answers."""
    for operation in speaking(server):
        told = [answer(server, operation, prompt) for prompt in (TALE, SIGNS, _COUNT)]
        if told[0].text and len({each.text for each in told}) == 1:
            expected = "other answers to other prompts"
            yield server.fault(told[0].exchange, expected=expected, came=f"three times {told[0].text!r}")


@check(
    "unknown-fields-accepted",
    on=TEXT,
    why="A newer client sends fields that an older edge does not know.",
    source="openapi.yaml, the requests: additional properties are open",
    profiles=("polargrid",),
)
def unknown_fields_accepted(server: Server) -> Iterator[Fault]:
    """And they change nothing."""
    for operation in speaking(server):
        told = answer(server, operation, max_tokens=5, x_field_of_tomorrow={"is": ["unknown"]})
        expected = answer(server, operation, max_tokens=5).text
        if told.text != expected:
            yield server.fault(told.exchange, expected=repr(expected), came=repr(told.text))


@check(
    "null-is-absent",
    on=TEXT,
    why="Many clients send null for what was not set.",
    source="openapi.yaml, the requests: types with null",
    profiles=("polargrid",),
)
def null_is_absent(server: Server) -> Iterator[Fault]:
    """And it changes nothing."""
    for operation in speaking(server):
        nothing: dict[str, Any] = dict.fromkeys(
            ("top_p", "stop", "n", "stream", "stream_options", "presence_penalty", "user")
        )
        told = answer(server, operation, max_tokens=5, **nothing)
        expected = answer(server, operation, max_tokens=5).text
        if told.text != expected:
            yield server.fault(told.exchange, expected=repr(expected), came=repr(told.text))


def _stops(text: str) -> Iterator[list[str]]:
    """A word out of the middle of a text, alone and in a list, and a stop text that spans two words."""
    words = [found for found in re.finditer(r"\w{3,}", text) if text[: text.index(found.group())].strip()]
    if not words:
        return
    word = words[len(words) // 2]
    yield [word.group()]
    yield ["§ never said §", word.group()]
    spanning = text[max(0, word.start() - 2) : word.start() + 2]
    if text[: text.index(spanning)].strip():
        yield [spanning]
