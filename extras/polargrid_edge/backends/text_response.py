"""Convert llama.cpp's events to chunks of OpenAI's shape, and combine chunks to a response. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import accumulate
from typing import Final

from polargrid_edge.backends import tool_calls
from polargrid_edge.backends.tool_fragments import ToolCallAssembler
from polargrid_edge.backends.tool_plan import Json, ToolPlan

OnChunk = Callable[[Json], bool]
"""Called with a chunk; returns True to stop the stream."""

# The text of a token that is a part of a character.
_PART: Final = "\N{REPLACEMENT CHARACTER}"


class ChatChoice:
    """Convert llama.cpp's events of a chat choice, buffering text that may become a tool call."""

    def __init__(self, index: int, on_chunk: OnChunk, *, plan: ToolPlan, alternatives: int) -> None:
        self._index, self._on_chunk, self._plan, self._alternatives = index, on_chunk, plan, alternatives
        self._buffer = ""
        self._buffered_logprobs: list[Json] = []
        self._started = False
        self._buffering = bool(plan.offered)
        self._calls = ToolCallAssembler()
        self.is_finished = False
        """Whether the choice ended before the text of the model."""

    def receive(self, event: Json) -> bool:
        """Receive an event; returns True to stop the stream."""
        return any(self._receive_choice(choice) for choice in event["choices"])

    def _receive_choice(self, choice: Json) -> bool:
        if not self._started:
            self._started = True
            if self._send({"role": "assistant", "content": ""}):
                return True
        self._calls.add(choice["delta"].get("tool_calls") or ())
        reasoning = choice["delta"].get("reasoning_content") or choice["delta"].get("reasoning")
        if reasoning and self._send({"reasoning_content": reasoning}):
            return True
        text = choice["delta"].get("content") or ""
        stopped = bool(text) and self._add_text(text, token_logprobs(choice, self._alternatives))
        return stopped or bool(choice["finish_reason"] and self._finish(choice["finish_reason"]))

    def _add_text(self, text: str, logprobs: list[Json]) -> bool:
        self._buffer += text
        self._buffered_logprobs += logprobs
        if self._buffering and (self._plan.required or tool_calls.may_be_call(self._buffer)):
            return "}" in text and self._has_last_call() and self._finish_early()
        self._buffering = False
        text, logprobs = self._buffer, self._buffered_logprobs
        self._buffer, self._buffered_logprobs = "", []
        return self._send({"content": text}, logprobs)

    def _has_last_call(self) -> bool:
        """Whether the calls so far are all that the response may have."""
        if self._plan.parallel and not self._plan.distinct:
            return False
        calls, _ = tool_calls.parse_calls(self._buffer, self._plan.names)
        return len(calls) > len(self._limit(calls)) or (bool(calls) and not self._plan.parallel)

    def _limit(self, calls: list[Json]) -> list[Json]:
        calls = tool_calls.drop_repeats(calls) if self._plan.distinct else calls
        return calls if self._plan.parallel else calls[:1]

    def _finish_early(self) -> bool:
        self._finish("stop")
        self.is_finished = True
        return True

    def _finish(self, reason: str) -> bool:
        calls, text = tool_calls.parse_calls(self._buffer, self._plan.names)
        calls = self._limit(self._calls.calls() or calls)
        if self._plan.required and not calls:
            text = ""  # a call truncated by max_tokens is neither a call nor text
        return (
            (bool(text) and self._send({"content": text}, self._buffered_logprobs))
            or (bool(calls) and self._send(self._to_delta(calls)))
            or self._send({}, reason=self._plan.finish_reason if calls else reason)
        )

    def _to_delta(self, calls: list[Json]) -> Json:
        if self._plan.legacy:
            return {"function_call": calls[0]["function"]}
        return {"tool_calls": tool_calls.to_deltas(calls)}

    def _send(self, delta: Json, logprobs: list[Json] | None = None, *, reason: str | None = None) -> bool:
        choice: Json = {"index": self._index, "delta": delta, "finish_reason": reason}
        if logprobs:
            choice["logprobs"] = {"content": logprobs}
        return self._on_chunk(choice)


class CompletionChoice:
    """Convert llama.cpp's events of a completion choice, with the legacy format of logprobs.

    `alternatives` is the number of likely tokens to send with each token, or None for no logprobs.
    """

    is_finished = False

    def __init__(self, index: int, on_chunk: OnChunk, *, alternatives: int | None) -> None:
        self._index, self._on_chunk, self._alternatives = index, on_chunk, alternatives
        self._offset = self._echoed = 0
        self._prompt, self._in_character = "", False
        self.logprobs: list[float] = []
        """The log probabilities of the generated tokens."""

    def receive(self, event: Json) -> bool:
        """Receive an event; returns True to stop the stream."""
        return any(self._receive_choice(choice) for choice in event["choices"])

    def echo(self, text: str) -> bool:
        """Send the prompt as the beginning of the text; returns True to stop the stream."""
        self._prompt = text
        return bool(text) and self._send(text, [], None)

    def echo_token(self, entry: Json) -> bool:
        """Send a token of the prompt with its log probability; returns True to stop the stream.

        Tokens that are parts of characters have the offset of the first of these; the next complete one has its own.
        """
        token = entry["token"]
        is_search = self._in_character and token.strip(_PART)
        at = self._prompt.find(token, self._echoed, None if is_search else self._echoed + len(token))
        self._in_character = at < 0
        self._echoed = max(at, self._echoed)
        stopped = self._send("", [entry], None, self._echoed)
        self._echoed += 0 if self._in_character else len(token)
        return stopped

    def finish(self) -> bool:
        """End a choice without generated text; returns True to stop the stream."""
        return self._send("", [], "length")

    def _receive_choice(self, choice: Json) -> bool:
        text, reason = choice["text"], choice["finish_reason"]
        entries = token_logprobs(choice, self._alternatives or 0)
        self.logprobs += [entry["logprob"] for entry in entries]
        return bool(text or reason) and self._send(text, entries, reason)

    def _send(self, text: str, entries: list[Json], reason: str | None, start: int | None = None) -> bool:
        start = self._offset if start is None else start
        self._offset += len(text)
        logprobs = None if self._alternatives is None else _legacy_logprobs(entries, start, self._offset)
        return self._on_chunk({"index": self._index, "text": text, "logprobs": logprobs, "finish_reason": reason})


def token_logprobs(choice: Json, alternatives: int) -> list[Json]:
    """The tokens of a choice with their log probabilities, limited to OpenAI's fields."""
    entries: list[Json] = (choice.get("logprobs") or {}).get("content") or []
    return [
        _select_fields(entry) | {"top_logprobs": [_select_fields(top) for top in entry["top_logprobs"][:alternatives]]}
        for entry in entries
    ]


def _select_fields(entry: Json) -> Json:
    return {field: entry[field] for field in ("token", "logprob", "bytes")}


def _legacy_logprobs(entries: list[Json], start: int, end: int) -> Json | None:
    """The lists of the legacy format for a text from `start` to `end`; the first token of a prompt has no logprob."""
    if not entries:
        return None
    ends = accumulate(len(entry["token"]) for entry in entries)
    return {
        "tokens": [entry["token"] for entry in entries],
        "token_logprobs": [entry["logprob"] for entry in entries],
        "top_logprobs": [
            None if entry["logprob"] is None else {top["token"]: top["logprob"] for top in entry["top_logprobs"]}
            for entry in entries
        ],
        "text_offset": [min(start + offset, end) for offset in [0, *ends][:-1]],
    }


def usage(prompt_tokens: int, completion_tokens: int, cached_tokens: int | None = None) -> Json:
    """The token usage; `cached_tokens` is how many of the prompt llama.cpp had computed before."""
    details = {} if cached_tokens is None else {"prompt_tokens_details": {"cached_tokens": cached_tokens}}
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
        **details,
    }


def usage_so_far(timings: Json) -> Json:
    """The usage of a choice that ended before llama.cpp sent its usage."""
    cached = int(timings["cache_n"])
    return usage(cached + int(timings["prompt_n"]), int(timings["predicted_n"]), cached)


def add_usage(total: Json, choice: Json, *, with_prompt: bool) -> Json:
    """The usage of several choices, of which those of a prompt share it."""
    cached = (choice.get("prompt_tokens_details") or {}).get("cached_tokens")
    before = (total.get("prompt_tokens_details") or {}).get("cached_tokens")
    return usage(
        total["prompt_tokens"] + (choice["prompt_tokens"] if with_prompt else 0),
        total["completion_tokens"] + choice["completion_tokens"],
        (before or 0) + cached if with_prompt and cached is not None else before,
    )


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
    if "reasoning_content" in delta:
        message["reasoning_content"] = message.get("reasoning_content", "") + delta["reasoning_content"]
    if "tool_calls" in delta:
        message["tool_calls"] = [{k: call[k] for k in call if k != "index"} for call in delta["tool_calls"]]
    if "function_call" in delta:
        message["function_call"] = delta["function_call"]
    if {"tool_calls", "function_call"} & message.keys():
        message["content"] = message["content"] or None


def _add_text(choice: Json, part: Json) -> None:
    choice["text"] = choice.get("text", "") + part["text"]


def _join_logprobs(first: Json | None, second: Json | None) -> Json | None:
    if first is None or second is None:
        return first or second
    return {key: first[key] + second[key] for key in first}
