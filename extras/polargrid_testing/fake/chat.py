"""Answers of a chat: a message as one response or as a stream, both from the same script."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from polargrid_testing.arguments import check_choices, check_message
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


@dataclass(frozen=True)
class ChatScript:
    """What a model says, and how a stream of it is cut."""

    text: str | None = None
    chunks: Sequence[str] | None = None
    delay: Delay = 0.0
    tool_calls: Sequence[Json] = ()
    finish_reason: str | None = None
    usage: Json | None = None
    model: str | None = None
    message: Json | None = None
    """More fields of the message."""


def build_chat(value: Any, request: ReceivedRequest, number: int, options: ChatScript) -> Answer:
    """Return the answer to a request: `value` is a text, a message, a whole response, or an object to send as JSON."""
    body = request.json if isinstance(request.json, dict) else {}
    if isinstance(value, Mapping) and "choices" in value:
        check_choices(value["choices"])
        for choice in value["choices"]:
            check_message(choice.get("message", {}), "choices: message")
        return _send(body, dict(value), options)
    script = read_script(value, options)
    count = body.get("n") or 1
    messages = [_build_message(script, f"{number}_{index}" if index else f"{number}") for index in range(count)]
    reason = script.finish_reason or ("tool_calls" if script.tool_calls else "stop")
    extra: dict[str, Any] = {"finish_reason": reason}
    if body.get("logprobs"):
        extra["logprobs"] = _build_logprobs(messages[0].get("content") or "", body.get("top_logprobs") or 0)
    limit = body.get("max_completion_tokens") or body.get("max_tokens")
    texts = [" ".join(_list_generated(messages[0]))] * count
    usage = script.usage or build_usage(list_texts(body.get("messages")), texts, limit)
    response = {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion",
        "created": CREATED,
        "model": script.model or body.get("model", ""),
        "choices": [{"index": index, "message": message, **extra} for index, message in enumerate(messages)],
        "usage": dict(usage),
    }
    return _send(body, response, script)


def read_script(value: Any, options: ChatScript) -> ChatScript:
    """Return what a value of a rule says. Raises `TypeError` for one that says nothing."""
    if isinstance(value, str) or value is None:
        return replace(options, text=value if value is not None else options.text)
    if isinstance(value, Mapping) and not {"content", "tool_calls", "refusal"}.isdisjoint(value):
        check_message(value)
        extra = {name: item for name, item in value.items() if name not in ("role", "content", "tool_calls")}
        return replace(
            options, text=value.get("content"), tool_calls=value.get("tool_calls") or (), message=extra, chunks=None
        )
    dump = getattr(value, "model_dump_json", None)
    if dump is not None:  # a Pydantic model
        return replace(options, text=dump())
    raise TypeError(
        f"cannot answer a chat with {value!r}; expected a text, a message with `content` or `tool_calls`, "
        "a response with `choices`, a Pydantic model, an Answer, or a function that returns one"
    )


def _build_message(script: ChatScript, identity: str) -> dict[str, Any]:
    text = "".join(script.chunks) if script.chunks is not None and script.text is None else script.text
    message: dict[str, Any] = {"role": "assistant", "content": text, **(script.message or {})}
    if script.tool_calls:
        message["tool_calls"] = [
            _build_call(call, f"call_{identity}_{position}") for position, call in enumerate(script.tool_calls, 1)
        ]
    return message


def _list_generated(message: Json) -> Iterator[str]:
    """Yield what a model generated of a message."""
    yield from filter(None, (message.get("content"), message.get("refusal")))
    for call in message.get("tool_calls", ()):
        yield from list_texts(call["function"])


def _build_call(call: Json, identity: str) -> dict[str, Any]:
    """Return a tool call of a message, also of its short form `{"name": ..., "arguments": {...}}`."""
    function = call.get("function", call)
    arguments = function.get("arguments", {})
    text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return {
        "id": call.get("id", identity),
        "type": call.get("type", "function"),
        "function": {"name": function.get("name"), "arguments": text},
    }


def _build_logprobs(text: str, top: int) -> dict[str, Any]:
    entries = [list_likely(token, max(1, top)) for token in split_tokens(text)]
    content = [[{"token": it, "logprob": p, "bytes": list(it.encode())} for it, p in entry] for entry in entries]
    return {"content": [{**entry[0], "top_logprobs": entry[:top]} for entry in content]}


def _send(request: Json, response: dict[str, Any], script: ChatScript) -> Answer:
    """Return a response whole, or as a stream if the request wants one."""
    choices = [_split_choice(choice, script) for choice in response.get("choices", ())]
    length = max((len(parts) - 1 for parts in choices), default=1)
    if not request.get("stream"):
        return build_json(response, script.delay, length)
    shared = {name: item for name, item in response.items() if name not in ("choices", "usage")}
    shared["object"] = "chat.completion.chunk"
    return build_stream(_iter_chunks(shared, choices, response.get("usage"), script.delay, request))


def _iter_chunks(
    shared: Json, choices: list[list[Json]], usage: Any, delay: Delay, request: Json
) -> Iterator[tuple[float, Json]]:
    """Yield the chunks of the choices in turn, each with the seconds before it."""
    length = max((len(parts) for parts in choices), default=0)
    for position, seconds in enumerate([*list_delays(delay, length - 1), 0.0]):
        parts = [parts[position] for parts in choices if position < len(parts)]
        for number, part in enumerate(parts):
            yield (0.0 if number else seconds), {**shared, "choices": [part]}
    if wants_usage(request):
        yield 0.0, {**shared, "choices": [], "usage": usage}


def _split_choice(choice: Json, script: ChatScript) -> list[Json]:
    """Return the choice of each chunk: the message in parts, and then the finish reason."""
    message = choice.get("message") or {}
    deltas = list(_iter_deltas(message, script)) or [{}]
    deltas[0] = {"role": message.get("role", "assistant"), **deltas[0]}
    index = choice.get("index", 0)
    parts: list[Json] = [{"index": index, "delta": delta, "finish_reason": None} for delta in deltas]
    if choice.get("logprobs"):
        parts[0] = {**parts[0], "logprobs": choice["logprobs"]}
    return [*parts, {"index": index, "delta": {}, "finish_reason": choice.get("finish_reason")}]


def _iter_deltas(message: Json, script: ChatScript) -> Iterator[dict[str, Any]]:
    content = message.get("content")
    if isinstance(content, str):
        has_chunks = script.chunks is not None and "".join(script.chunks) == content
        for text in script.chunks if script.chunks is not None and has_chunks else split_text(content):
            yield {"content": text}
    for index, call in enumerate(message.get("tool_calls") or ()):
        function = call["function"]
        arguments = function["arguments"]
        middle = len(arguments) // 2
        start = {"name": function["name"], "arguments": ""}
        yield {"tool_calls": [{"index": index, "id": call["id"], "type": "function", "function": start}]}
        for part in filter(None, (arguments[:middle], arguments[middle:])):
            yield {"tool_calls": [{"index": index, "function": {"arguments": part}}]}
    extra = {name: item for name, item in message.items() if name not in ("role", "content", "tool_calls")}
    if extra:
        yield extra
