"""From llama.cpp's events to chunks of OpenAI's shape, and from chunks to the answer they add up to. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from polargrid_edge.backends import tools
from polargrid_edge.backends.tools import Json, ToolPlan

Emit = Callable[[Json], bool]
"""Takes a chunk; returns True to have no more of them."""


class ChatChoice:
    """Turns llama.cpp's events of one choice into OpenAI's, holding back what may become a tool call."""

    def __init__(self, index: int, send: Emit, *, plan: ToolPlan, alternatives: int) -> None:
        self._index, self._emit, self._plan, self._alternatives = index, send, plan, alternatives
        self._held = ""
        self._held_logprobs: list[Json] = []
        self._begun = False
        self._holding = bool(plan.shown)

    def receive(self, event: Json) -> bool:
        """Takes an event; returns True to have no more of them."""
        return any(self._receive(choice) for choice in event["choices"])

    def _receive(self, choice: Json) -> bool:
        if not self._begun:
            self._begun = True
            if self._send({"role": "assistant", "content": ""}):
                return True
        text = choice["delta"].get("content") or ""
        stopped = bool(text) and self._take(text, _logprobs(choice, self._alternatives))
        return stopped or bool(choice["finish_reason"] and self._finish(choice["finish_reason"]))

    def _take(self, text: str, logprobs: list[Json]) -> bool:
        self._held += text
        self._held_logprobs += logprobs
        if self._holding and (self._plan.demanded or tools.may_be_call(self._held)):
            return False
        self._holding = False
        text, logprobs = self._held, self._held_logprobs
        self._held, self._held_logprobs = "", []
        return self._send({"content": text}, logprobs)

    def _finish(self, reason: str) -> bool:
        calls, text = tools.parse_calls(self._held, self._plan.names)
        if self._plan.demanded and not calls:
            text = ""  # a call cut short by max_tokens is neither a call nor something to read
        return (
            (bool(text) and self._send({"content": text}, self._held_logprobs))
            or (bool(calls) and self._send({"tool_calls": tools.deltas(calls)}))
            or self._send({}, reason="tool_calls" if calls else reason)
        )

    def _send(self, delta: Json, logprobs: list[Json] | None = None, *, reason: str | None = None) -> bool:
        choice: Json = {"index": self._index, "delta": delta, "finish_reason": reason}
        if logprobs:
            choice["logprobs"] = {"content": logprobs}
        return self._emit(choice)


class CompletionChoice:
    """Turns llama.cpp's events of one completion into OpenAI's, which have an older form of logprobs."""

    def __init__(self, index: int, send: Emit, *, alternatives: int) -> None:
        self._index, self._emit, self._alternatives = index, send, alternatives
        self._offset = 0

    def receive(self, event: Json) -> bool:
        """Takes an event; returns True to have no more of them."""
        return any(self._receive(choice) for choice in event["choices"])

    def _receive(self, choice: Json) -> bool:
        text, reason = choice["text"], choice["finish_reason"]
        logprobs = _legacy_logprobs(_logprobs(choice, self._alternatives), self._offset)
        self._offset += len(text)
        if not text and not reason:
            return False
        return self._emit({"index": self._index, "text": text, "logprobs": logprobs, "finish_reason": reason})


def _logprobs(choice: Json, alternatives: int) -> list[Json]:
    """The tokens of a choice with their log probabilities, in OpenAI's fields alone."""
    entries: list[Json] = (choice.get("logprobs") or {}).get("content") or []
    return [
        _logprob(entry) | {"top_logprobs": [_logprob(top) for top in entry["top_logprobs"][:alternatives]]}
        for entry in entries
    ]


def _logprob(entry: Json) -> Json:
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


def chat_answer(chunks: Iterable[Json]) -> Json:
    """The `chat.completion` that the chunks add up to."""
    return _answer(chunks, _add_delta) | {"object": "chat.completion"}


def completion_answer(chunks: Iterable[Json]) -> Json:
    """The `text_completion` that the chunks add up to."""
    return _answer(chunks, _add_text)


def _answer(chunks: Iterable[Json], add: Callable[[Json, Json], None]) -> Json:
    answer: Json = {}
    choices: dict[int, Json] = {}
    for chunk in chunks:
        answer = answer or dict(chunk)
        answer["usage"] = chunk.get("usage")
        for part in chunk["choices"]:
            choice = choices.setdefault(part["index"], {"index": part["index"]})
            add(choice, part)
            choice["logprobs"] = _joined(choice.get("logprobs"), part.get("logprobs"))
            choice["finish_reason"] = part["finish_reason"]
    return answer | {"choices": list(choices.values())}


def _add_delta(choice: Json, part: Json) -> None:
    message, delta = choice.setdefault("message", {"role": "assistant", "content": ""}), part["delta"]
    message["content"] = (message["content"] or "") + delta.get("content", "")
    if "tool_calls" in delta:
        message["tool_calls"] = [{k: call[k] for k in call if k != "index"} for call in delta["tool_calls"]]
    if "tool_calls" in message:
        message["content"] = message["content"] or None


def _add_text(choice: Json, part: Json) -> None:
    choice["text"] = choice.get("text", "") + part["text"]


def _joined(so_far: Json | None, more: Json | None) -> Json | None:
    if so_far is None or more is None:
        return so_far or more
    return {key: so_far[key] + more[key] for key in so_far}
