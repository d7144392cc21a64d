"""What answers in text have in common: parts, tokens, usage, times and the events of a stream."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from polargrid_testing.samples import EVENT_STREAM
from polargrid_testing.steps import Answer, Piece, render_event

Json: TypeAlias = Mapping[str, Any]
Delay: TypeAlias = float | Sequence[float]

CREATED: Final = 1793534400
"""Every response has this time, 2026-11-01T12:00:00Z: answers do not differ from run to run."""
TIMESTAMP: Final = "2026-11-01T12:00:00Z"

_TOKEN = re.compile(r"\s*(?:\w+|[^\w\s])")
_WORD = re.compile(r"\s*\S+")


def split_text(text: str) -> tuple[str, ...]:
    """Split a text into the chunks of a stream: words, each with the space before it."""
    words = _WORD.findall(text)
    if words:
        words[-1] += text[sum(map(len, words)) :]
    return tuple(words) or (text,)


def split_tokens(text: str) -> list[str]:
    """Split a text into tokens: words and signs, each with the space before it."""
    return _TOKEN.findall(text)


def list_likely(token: str, count: int) -> list[tuple[str, float]]:
    """Return so many tokens with their log probabilities: this one first, and then others that are less likely."""
    others = (letter for letter in "abcdefghijklmnopqrstuvwxyz" if letter != token)
    return [(token, -0.1), *((letter, -3.0 - index) for index, letter in zip(range(count - 1), others, strict=False))]


def count_tokens(texts: Iterable[str]) -> int:
    """Count the tokens of texts. The count is plausible and always the same, not that of a tokenizer."""
    return sum(len(split_tokens(text)) for text in texts)


def build_usage(prompt: Iterable[str], texts: Iterable[str], limit: int | None) -> dict[str, int]:
    """Return the usage of a request and its answer; a request limits the tokens of each choice."""
    prompt_tokens = count_tokens(prompt)
    counts = [count_tokens([text]) for text in texts]
    completion_tokens = sum(count if limit is None else min(count, limit) for count in counts)
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
    }


def list_delays(delay: Delay, count: int) -> list[float]:
    """Return the seconds to wait before each of so many chunks: a number is between chunks, a list before each."""
    if isinstance(delay, (int, float)):
        return [0.0, *[float(delay)] * (count - 1)]
    return [float(seconds) for seconds in (*delay, *[0.0] * count)][:count]


def build_json(value: Any, delay: Delay, count: int) -> Answer:
    """Return a response in JSON, which starts when the last chunk of a stream would have been sent."""
    answer = Answer.json(value)
    return Answer(answer.status, answer.headers, answer.body, sum(list_delays(delay, count)))


def build_stream(chunks: Iterable[tuple[float, Json]]) -> Answer:
    """Return a stream of these chunks, each with the seconds to wait before it, and of `[DONE]`."""
    pieces = [Piece(render_event(json.dumps(chunk, ensure_ascii=False)), delay) for delay, chunk in chunks]
    return Answer(200, {"content-type": EVENT_STREAM}, (*pieces, Piece(render_event("[DONE]"))))


def wants_usage(request: Json) -> bool:
    """Whether a stream ends with the usage."""
    return (request.get("stream_options") or {}).get("include_usage") is True


def list_texts(value: Any) -> Iterator[str]:
    """Yield the texts in a part of a request, in order: contents, prompts, and what tools get."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from list_texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from list_texts(item)
