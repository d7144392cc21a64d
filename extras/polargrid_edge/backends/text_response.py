"""Convert llama.cpp's events to chunks of OpenAI's shape, and combine chunks to a response. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from polargrid_edge.backends import tool_calls
from polargrid_edge.backends.tool_calls import Json, ToolPlan

OnChunk = Callable[[Json], bool]
"""Called with a chunk; returns True to stop the stream."""


class ChatChoice:
    """Convert llama.cpp's events of a chat choice, buffering text that may become a tool call."""

    def __init__(self, index: int, on_chunk: OnChunk, *, plan: ToolPlan, alternatives: int) -> None:
        self._index, self._on_chunk, self._plan, self._alternatives = index, on_chunk, plan, alternatives
        self._buffer = ""
        self._buffered_logprobs: list[Json] = []
        self._started = False
        self._buffering = bool(plan.offered)

    def receive(self, event: Json) -> bool:
        """Receive an event; returns True to stop the stream."""
        return any(self._receive_choice(choice) for choice in event["choices"])

    def _receive_choice(self, choice: Json) -> bool:
        if not self._started:
            self._started = True
            if self._send({"role": "assistant", "content": ""}):
                return True
        text = choice["delta"].get("content") or ""
        stopped = bool(text) and self._add_text(text, _token_logprobs(choice, self._alternatives))
        return stopped or bool(choice["finish_reason"] and self._finish(choice["finish_reason"]))

    def _add_text(self, text: str, logprobs: list[Json]) -> bool:
        self._buffer += text
        self._buffered_logprobs += logprobs
        if self._buffering and (self._plan.required or tool_calls.may_be_call(self._buffer)):
            return False
        self._buffering = False
        text, logprobs = self._buffer, self._buffered_logprobs
        self._buffer, self._buffered_logprobs = "", []
        return self._send({"content": text}, logprobs)

    def _finish(self, reason: str) -> bool:
        calls, text = tool_calls.parse_calls(self._buffer, self._plan.names)
        if self._plan.required and not calls:
            text = ""  # a call truncated by max_tokens is neither a call nor text
        return (
            (bool(text) and self._send({"content": text}, self._buffered_logprobs))
            or (bool(calls) and self._send({"tool_calls": tool_calls.to_deltas(calls)}))
            or self._send({}, reason="tool_calls" if calls else reason)
        )

    def _send(self, delta: Json, logprobs: list[Json] | None = None, *, reason: str | None = None) -> bool:
        choice: Json = {"index": self._index, "delta": delta, "finish_reason": reason}
        if logprobs:
            choice["logprobs"] = {"content": logprobs}
        return self._on_chunk(choice)


class CompletionChoice:
    """Convert llama.cpp's events of a completion choice, with the legacy format of logprobs."""

    def __init__(self, index: int, on_chunk: OnChunk, *, alternatives: int) -> None:
        self._index, self._on_chunk, self._alternatives = index, on_chunk, alternatives
        self._offset = 0

    def receive(self, event: Json) -> bool:
        """Receive an event; returns True to stop the stream."""
        return any(self._receive_choice(choice) for choice in event["choices"])

    def _receive_choice(self, choice: Json) -> bool:
        text, reason = choice["text"], choice["finish_reason"]
        logprobs = _legacy_logprobs(_token_logprobs(choice, self._alternatives), self._offset)
        self._offset += len(text)
        if not text and not reason:
            return False
        return self._on_chunk({"index": self._index, "text": text, "logprobs": logprobs, "finish_reason": reason})


def _token_logprobs(choice: Json, alternatives: int) -> list[Json]:
    """The tokens of a choice with their log probabilities, limited to OpenAI's fields."""
    entries: list[Json] = (choice.get("logprobs") or {}).get("content") or []
    return [
        _select_fields(entry) | {"top_logprobs": [_select_fields(top) for top in entry["top_logprobs"][:alternatives]]}
        for entry in entries
    ]


def _select_fields(entry: Json) -> Json:
    return {field: entry[field] for field in ("token", "logprob", "bytes")}


def _legacy_logprobs(entries: list[Json], offset: int) -> Json | None:
    if not entries:
        return None
    return {
        "tokens": [entry["token"] for entry in entries],
        "token_logprobs": [entry["logprob"] for entry in entries],
        "top_logprobs": [{top["token"]: top["logprob"] for top in entry["top_logprobs"]} for entry in entries],
        "text_offset": [offset] * len(entries),
    }


def usage(prompt_tokens: int, completion_tokens: int) -> Json:
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
    }


def chat_response(chunks: Iterable[Json]) -> Json:
    """Combine chunks to a `chat.completion`."""
    return _combine(chunks, _add_delta) | {"object": "chat.completion"}


def completion_response(chunks: Iterable[Json]) -> Json:
    """Combine chunks to a `text_completion`."""
    return _combine(chunks, _add_text)


def _combine(chunks: Iterable[Json], add: Callable[[Json, Json], None]) -> Json:
    response: Json = {}
    choices: dict[int, Json] = {}
    for chunk in chunks:
        response = response or dict(chunk)
        response["usage"] = chunk.get("usage")
        for part in chunk["choices"]:
            choice = choices.setdefault(part["index"], {"index": part["index"]})
            add(choice, part)
            choice["logprobs"] = _join_logprobs(choice.get("logprobs"), part.get("logprobs"))
            choice["finish_reason"] = part["finish_reason"]
    return response | {"choices": list(choices.values())}


def _add_delta(choice: Json, part: Json) -> None:
    message, delta = choice.setdefault("message", {"role": "assistant", "content": ""}), part["delta"]
    message["content"] = (message["content"] or "") + delta.get("content", "")
    if "tool_calls" in delta:
        message["tool_calls"] = [{k: call[k] for k in call if k != "index"} for call in delta["tool_calls"]]
    if "tool_calls" in message:
        message["content"] = message["content"] or None


def _add_text(choice: Json, part: Json) -> None:
    choice["text"] = choice.get("text", "") + part["text"]


def _join_logprobs(first: Json | None, second: Json | None) -> Json | None:
    if first is None or second is None:
        return first or second
    return {key: first[key] + second[key] for key in first}
