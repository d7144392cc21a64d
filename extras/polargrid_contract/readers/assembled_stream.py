"""Joins the chunks of a streamed text to the response that is not streamed; pure.

The reader is lenient, as clients are: a field of another type is left out, so that a rule for the whole response
reports what is missing. An id, a type or a name of a tool call that a server repeats in each fragment counts once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from polargrid_contract.exchange import Exchange
from polargrid_contract.readers.event_stream import Stream

Json = dict[str, Any]
_OF_THE_RESPONSE = ("id", "object", "created", "model", "system_fingerprint")


class AssembledExchange(Exchange):
    """An exchange with a stream. Its body is what was sent; `json` is the response that the stream is a form of."""

    def json(self) -> Any:
        """Return the assembled response; the JSON of the body if the response is no stream."""
        stream = Stream(self)
        return assemble(stream) if self.media_type == "text/event-stream" else super().json()


def assemble(stream: Stream) -> Json:
    """Return the response that a stream of chat or text chunks is a form of, with the fields that the stream has."""
    response: Json = {}
    choices: dict[int, Json] = {}
    for chunk in stream.chunks:
        for name in _OF_THE_RESPONSE:
            if name in chunk:
                response.setdefault(name, chunk[name])
        if isinstance(chunk.get("usage"), dict):
            response["usage"] = chunk["usage"]
        for part in _objects(chunk.get("choices")):
            index = part.get("index")
            if isinstance(index, int):
                _add_part(choices.setdefault(index, {"index": index, "finish_reason": None}), part)
    response["choices"] = [_finish(choices[index]) for index in sorted(choices)]
    return response


def list_call_fragments(stream: Stream, index: int) -> dict[int, list[Json]]:
    """Return the fragments of the tool calls of a choice in their order, by the index of the call."""
    fragments: dict[int, list[Json]] = {}
    for part in stream.choice(index):
        delta = part.get("delta")
        for fragment in _objects(delta.get("tool_calls") if isinstance(delta, dict) else None):
            fragments.setdefault(_read_index(fragment), []).append(fragment)
    return fragments


def _add_part(choice: Json, part: Mapping[str, Any]) -> None:
    if part.get("finish_reason") is not None:
        choice["finish_reason"] = part["finish_reason"]
    if "logprobs" in part:
        choice["logprobs"] = _join_logprobs(choice.get("logprobs"), part["logprobs"])
    if isinstance(part.get("text"), str):
        choice["text"] = choice.get("text", "") + part["text"]
    if "delta" in part:
        delta = part["delta"] if isinstance(part["delta"], dict) else {}
        _add_delta(choice.setdefault("message", {}), delta)


def _add_delta(message: Json, delta: Mapping[str, Any]) -> None:
    """Join texts, such as content and refusal; the role counts once; tool calls are joined by their index."""
    for name, value in delta.items():
        if name == "role":
            message["role"] = message.get("role") or value
        elif name == "tool_calls":
            for fragment in _objects(value):
                _add_fragment(message.setdefault("tool_calls", {}), fragment)
        elif isinstance(value, str):
            message[name] = (message.get(name) or "") + value
        else:
            message.setdefault(name, value)


def _add_fragment(calls: dict[int, Json], fragment: Mapping[str, Any]) -> None:
    call = calls.setdefault(_read_index(fragment), {})
    for name in ("id", "type"):
        _add_once(call, name, fragment.get(name))
    function = fragment.get("function")
    if isinstance(function, dict):
        joined = call.setdefault("function", {})
        _add_once(joined, "name", function.get("name"))
        if isinstance(function.get("arguments"), str):
            joined["arguments"] = joined.get("arguments", "") + function["arguments"]


def _add_once(target: Json, name: str, value: object) -> None:
    """Join the fragments of a text that is short enough to come whole: an equal one is a repetition."""
    if isinstance(value, str) and value and target.get(name) != value:
        target[name] = target.get(name, "") + value


def _finish(choice: Json) -> Json:
    """Replace the calls by index with a list, as a response has them; a message with calls only has no text."""
    message = choice.get("message")
    if message is None or "tool_calls" not in message:
        return choice
    calls = message["tool_calls"]
    listed = [calls[index] for index in sorted(calls)]
    return {**choice, "message": {**message, "content": message.get("content") or None, "tool_calls": listed}}


def _join_logprobs(first: Any, second: Any) -> Any:
    """Join the lists of tokens, of either operation."""
    if not isinstance(first, dict) or not isinstance(second, dict):
        return second if isinstance(second, dict) else first
    joined = dict(first)
    for name, value in second.items():
        has_lists = isinstance(joined.get(name), list) and isinstance(value, list)
        joined[name] = [*joined[name], *value] if has_lists else joined.get(name) or value
    return joined


def _read_index(fragment: Mapping[str, Any]) -> int:
    """The index of a tool call; -1 if it has none."""
    index = fragment.get("index")
    return index if isinstance(index, int) else -1


def _objects(values: Any) -> Iterable[Json]:
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []
