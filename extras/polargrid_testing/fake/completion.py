"""Answers of a text completion: the texts of each prompt, as one response or as a stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from polargrid_testing.arguments import check_choices
from polargrid_testing.fake.text import (
    CREATED,
    Delay,
    Json,
    build_json,
    build_stream,
    build_usage,
    list_delays,
    list_likely,
    list_texts,
    split_text,
    split_tokens,
    wants_usage,
)
from polargrid_testing.received import ReceivedRequest
from polargrid_testing.steps import Answer

ALWAYS_STREAMS = "stream_completion"


@dataclass(frozen=True)
class CompletionScript:
    """What a model writes, and how a stream of it is cut."""

    chunks: Sequence[str] | None = None
    delay: Delay = 0.0
    finish_reason: str = "stop"
    usage: Json | None = None
    model: str | None = None


def build_completion(value: Any, request: ReceivedRequest, number: int, script: CompletionScript) -> Answer:
    """Return the answer to a request: `value` is the text after each prompt, or a whole response."""
    body = request.json if isinstance(request.json, dict) else {}
    is_stream = bool(body.get("stream")) or request.operation == ALWAYS_STREAMS
    if isinstance(value, Mapping):
        check_choices(value.get("choices", ()))
        return _send(body, dict(value), script, is_stream=is_stream)
    if value is None and script.chunks is not None:
        value = "".join(script.chunks)
    if not isinstance(value, str):
        raise TypeError(
            f"cannot answer a completion with {value!r}; expected a text, a response with `choices`, an Answer, "
            "or a function that returns one"
        )
    prompts = _list_prompts(body.get("prompt", ""))
    texts = [prompt + value if body.get("echo") else value for prompt in prompts for _ in range(body.get("n") or 1)]
    usage = script.usage or build_usage(list_texts(body.get("prompt")), [value] * len(texts), body.get("max_tokens"))
    response = {
        "id": f"cmpl-{number}",
        "object": "text_completion",
        "created": CREATED,
        "model": script.model or body.get("model", ""),
        "choices": [_build_choice(index, text, script, body.get("logprobs")) for index, text in enumerate(texts)],
        "usage": dict(usage),
    }
    return _send(body, response, script, is_stream=is_stream)


def _list_prompts(prompt: Any) -> list[str]:
    """Return the prompts; one that is token ids has no text."""
    if isinstance(prompt, list) and prompt and not isinstance(prompt[0], int):
        return [item if isinstance(item, str) else "" for item in prompt]
    return [prompt if isinstance(prompt, str) else ""]


def _build_choice(index: int, text: str, script: CompletionScript, logprobs: int | None) -> dict[str, Any]:
    choice = {"text": text, "index": index, "logprobs": None, "finish_reason": script.finish_reason}
    return choice if logprobs is None else {**choice, "logprobs": _build_logprobs(text, logprobs)}


def _build_logprobs(text: str, top: int) -> dict[str, Any]:
    tokens = split_tokens(text)
    offsets = [sum(map(len, tokens[:position])) for position in range(len(tokens))]
    return {
        "tokens": tokens,
        "token_logprobs": [-0.1] * len(tokens),
        "top_logprobs": [dict(list_likely(token, top)) for token in tokens] if top else None,
        "text_offset": offsets,
    }


def _send(request: Json, response: dict[str, Any], script: CompletionScript, *, is_stream: bool) -> Answer:
    choices = [_split_choice(choice, script) for choice in response.get("choices", ())]
    if not is_stream:
        return build_json(response, script.delay, max(map(len, choices), default=1))
    shared = {name: item for name, item in response.items() if name not in ("choices", "usage")}
    return build_stream(_iter_chunks(shared, choices, response.get("usage"), script.delay, request))


def _iter_chunks(
    shared: Json, choices: list[list[Json]], usage: Any, delay: Delay, request: Json
) -> Iterator[tuple[float, Json]]:
    length = max(map(len, choices), default=0)
    for position, seconds in enumerate(list_delays(delay, length)):
        parts = [parts[position] for parts in choices if position < len(parts)]
        for number, part in enumerate(parts):
            yield (0.0 if number else seconds), {**shared, "choices": [part]}
    if wants_usage(request):
        yield 0.0, {**shared, "choices": [], "usage": usage}


def _split_choice(choice: Json, script: CompletionScript) -> list[Json]:
    """Return the choice of each chunk; the last one has the finish reason."""
    text, index = choice.get("text", ""), choice.get("index", 0)
    texts = _split(text, "".join(script.chunks or ()), tuple(script.chunks or ()))
    parts: list[Json] = [{"text": part, "index": index, "finish_reason": None} for part in texts]
    if choice.get("logprobs"):
        parts[0] = {**parts[0], "logprobs": choice["logprobs"]}
    return [*parts[:-1], {**parts[-1], "finish_reason": choice.get("finish_reason")}]


def _split(text: str, ending: str, chunks: tuple[str, ...]) -> tuple[str, ...]:
    """Return the chunks of a text: those of the script, after a prompt that is returned as well."""
    if not ending or not text.endswith(ending):
        return split_text(text)
    prompt = text.removesuffix(ending)
    return (prompt, *chunks) if prompt else chunks
