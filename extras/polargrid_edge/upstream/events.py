"""Turn the events of upstream servers into those of llama.cpp, complete and in order. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from polargrid_edge.upstream.errors import unavailable_error

Json = dict[str, Any]
OnEvent = Callable[[Json], bool]

# TGI's and SGLang's reasons; others that are not OpenAI's end a text by itself.
_REASONS: Final = {"eos_token": "stop", "stop_sequence": "stop", "max_tokens": "length", "abort": "length"}
_KNOWN: Final = ("stop", "length", "tool_calls", "function_call", "content_filter")
_BYTES_A_TOKEN: Final = 4


class EventNormalizer:
    """The events of one choice.

    Each has `choices` with `delta` (a chat) or `text`, and a finish_reason; the last one has the usage, which is
    estimated if the server sends none: a token for each event with text, and for four bytes of the prompt.
    """

    def __init__(self, server: str, request: Json) -> None:
        self._server = server
        self._request = request
        self._key = "text" if "prompt" in request else "delta"
        self._usage: Json | None = None
        self._reason: str | None = None
        self._has_calls = False
        self._pieces = 0
        self._is_done = False

    def normalize(self, event: Json) -> Json | None:
        """An event for the edge; None for one without a choice, and after the end."""
        if event.get("done") is True and "choices" not in event:
            self._is_done = True
        if self._is_done:
            return None
        usage = event.get("usage")
        if _is_usage(usage):
            self._usage = usage
        # The edge asks for one choice; a server that sends others would mix their texts.
        choices = [self._choice(choice) for choice in event.get("choices") or () if choice.get("index") in (0, None)]
        if not choices:
            return None
        return {"choices": choices, "timings": event["timings"]} if "timings" in event else {"choices": choices}

    def end(self) -> Json:
        """The last event, which has the usage. Raises `EdgeError` for a stream that is cut."""
        if self._reason is None and not self._is_done:
            raise unavailable_error(self._server, "ended its stream before the text was complete")
        last: Json = {"choices": [], "usage": self._usage or self._estimate_usage()}
        if self._reason is None:
            empty: Any = "" if self._key == "text" else {}
            last["choices"] = [{"index": 0, self._key: empty, "finish_reason": self._derive_reason(), "logprobs": None}]
        return last

    def _choice(self, choice: Json) -> Json:
        reason = choice.get("finish_reason")
        value = choice.get(self._key)
        if self._key == "text":
            value = value if isinstance(value, str) else ""
            has_text = bool(value)
        else:
            value = value if isinstance(value, dict) else {}
            has_text = bool(value.get("content") or value.get("reasoning_content") or value.get("reasoning"))
            self._has_calls = self._has_calls or bool(value.get("tool_calls"))
        self._pieces += has_text
        if reason:
            self._reason = reason = self._normalize_reason(str(reason))
        return {
            "index": 0,
            self._key: value,
            "logprobs": _chat_logprobs(choice.get("logprobs")),
            "finish_reason": reason or None,
        }

    def _normalize_reason(self, reason: str) -> str:
        reason = _REASONS.get(reason, reason)
        return reason if reason in _KNOWN else "stop"

    def _derive_reason(self) -> str:
        """Why the text ended, where the server does not say it."""
        tokens = (self._usage or {}).get("completion_tokens", self._pieces)
        return "length" if tokens >= self._request.get("max_tokens", math.inf) else "stop"

    def _estimate_usage(self) -> Json:
        prompt = self._request.get("prompt", self._request.get("messages"))
        size = math.ceil(len(str(prompt).encode("utf-8", "replace")) / _BYTES_A_TOKEN)
        if isinstance(prompt, list) and all(isinstance(token, int) for token in prompt):
            size = len(prompt)
        return {"prompt_tokens": size, "completion_tokens": self._pieces, "total_tokens": size + self._pieces}


def _is_usage(usage: object) -> bool:
    return isinstance(usage, dict) and all(
        isinstance(usage.get(name), int) and usage[name] >= 0 for name in ("prompt_tokens", "completion_tokens")
    )


def _chat_logprobs(logprobs: Any) -> Json | None:
    """The log probabilities in the form of chats, of either form."""
    match logprobs:
        case {"content": list(entries)}:
            return {"content": [_entry(entry) for entry in entries]}
        case {"tokens": list(tokens), "token_logprobs": list(values)}:
            tops = logprobs.get("top_logprobs") or [{}] * len(tokens)
            return {
                "content": [
                    _entry(
                        {
                            "token": token,
                            "logprob": value,
                            "top_logprobs": [
                                {"token": name, "logprob": number} for name, number in (top or {}).items()
                            ],
                        }
                    )
                    for token, value, top in zip(tokens, values, tops, strict=False)
                    if value is not None
                ]
            }
        case _:
            return None


def _entry(entry: Json) -> Json:
    return {
        **_token(entry),
        "top_logprobs": [_token(top) | {"id": top.get("id")} for top in entry.get("top_logprobs") or ()],
    }


def _token(entry: Json) -> Json:
    token = str(entry.get("token"))
    values = entry.get("bytes")
    data = values if isinstance(values, list) else list(token.encode("utf-8", "replace"))
    return {"token": token, "logprob": entry["logprob"], "bytes": data}
