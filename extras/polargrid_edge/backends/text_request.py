"""From a request of OpenAI's shape to those that llama.cpp is given, one a choice. Pure.

Only what is known is handed on. What cannot be served raises `ValueError`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

from polargrid_edge.backends import tools
from polargrid_edge.backends.looked_up import as_facts
from polargrid_edge.backends.tools import Json, ToolPlan

CHAT_DEFAULTS: Final = {"max_tokens": 150, "temperature": 0.7, "top_p": 0.9}
COMPLETION_DEFAULTS: Final = {"max_tokens": 100, "temperature": 0.7, "top_p": 0.9, "top_k": 50}
MOST_CHOICES: Final = 128

_HANDED_ON = ("temperature", "top_p", "top_k", "min_p", "frequency_penalty", "presence_penalty", "logit_bias", "seed")
_ROLES = ("system", "developer", "user", "assistant", "tool")
# What both models' training put between documents: how a text begins when no prompt is given.
_DOCUMENT_START = "<|endoftext|>"


def chat_requests(body: Mapping[str, Any], plan: ToolPlan, cap: int | None = None) -> Iterator[Json]:
    """What llama.cpp is asked for each choice of a chat; `cap` is the most tokens of a choice."""
    request = _checked(_chat_request(body, plan, cap))
    return _one_a_choice([request], number_of_choices(body))


def completion_requests(body: Mapping[str, Any], cap: int | None = None) -> Iterator[Json]:
    """What llama.cpp is asked for each choice of each prompt; `cap` is the most tokens of a choice."""
    choices = number_of_choices(body)
    requests = [_checked(_completion_request(body, prompt, cap)) for prompt in _prompts(body)]
    return _one_a_choice(requests, choices)


def number_of_choices(body: Mapping[str, Any]) -> int:
    """How many choices each prompt is to have."""
    choices: object = body.get("n")
    if choices is None:
        return 1
    if not isinstance(choices, int) or not 1 <= choices <= MOST_CHOICES:
        raise ValueError(f"n must be a whole number from 1 to {MOST_CHOICES}")
    return choices


def alternatives(body: Mapping[str, Any]) -> int:
    """How many other tokens a chat wants to see beside each that was chosen."""
    return int(body.get("top_logprobs") or 0)


def wants_usage(body: Mapping[str, Any]) -> bool:
    """Whether a stream is to end with its usage."""
    return bool((body.get("stream_options") or {}).get("include_usage"))


def _one_a_choice(requests: Sequence[Json], choices: int) -> Iterator[Json]:
    return (_with_seed(request, choice) for request in requests for choice in range(choices))


def _with_seed(request: Json, choice: int) -> Json:
    """Each choice has its own seed, of 32 bits; llama.cpp takes the highest value for "at random"."""
    return request | {"seed": (request["seed"] + choice) % 0xFFFFFFFF} if "seed" in request else request


def _checked(request: Json) -> Json:
    """The request, if it is JSON: llama.cpp takes neither NaN nor half a surrogate pair."""
    try:
        json.dumps(request, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except (ValueError, RecursionError) as failure:
        raise ValueError(f"the request is not valid JSON: {failure}") from None
    return request


def _chat_request(body: Mapping[str, Any], plan: ToolPlan, cap: int | None) -> Json:
    request = _sampling(body, CHAT_DEFAULTS, cap)
    messages = _messages(body.get("messages"))
    request["messages"] = messages if plan.shown else as_facts(messages)
    if body.get("logprobs"):
        request |= {"logprobs": True, "top_logprobs": max(1, alternatives(body))}  # it takes 0 for none at all
    schema = _answer_schema(body.get("response_format"))
    if plan.shown:
        # "none" keeps llama.cpp from reading calls itself, as it does for few templates; the tools are shown.
        request |= {"tools": list(plan.shown), "tool_choice": "none"}
    if plan.demanded or (plan.shown and schema is not None):
        schema = tools.call_schema(plan, None if plan.demanded else schema)
    if schema is not None:
        request["response_format"] = {"type": "json_schema", "json_schema": {"schema": schema}}
    return request


def _completion_request(body: Mapping[str, Any], prompt: str, cap: int | None) -> Json:
    request = _sampling(body, COMPLETION_DEFAULTS, cap)
    if body.get("logprobs") is not None:
        request["logprobs"] = max(1, int(body["logprobs"]))
    return {**request, "prompt": prompt or _DOCUMENT_START}


def _sampling(body: Mapping[str, Any], defaults: Mapping[str, Any], cap: int | None) -> Json:
    request: Json = {"stream": True, "stream_options": {"include_usage": True}, **defaults}
    request |= {key: body[key] for key in _HANDED_ON if body.get(key) is not None}
    request["max_tokens"] = _max_tokens(body, defaults["max_tokens"], cap)
    penalty = body.get("repetition_penalty")
    if penalty is not None:
        if penalty <= 0:
            raise ValueError("repetition_penalty must be greater than 0")
        request["repeat_penalty"] = penalty
    stop = body.get("stop") or []
    request["stop"] = [text for text in ([stop] if isinstance(stop, str) else stop) if text]
    # A prompt half from the cache is computed in other batches, which round otherwise: a repeatable answer
    # needs the whole of it computed anew. Others gain what the conversation so far had cost.
    request["cache_prompt"] = body.get("seed") is None and request["temperature"] > 0
    return request


def _max_tokens(body: Mapping[str, Any], default: int, cap: int | None) -> int:
    asked = (body.get(name) for name in ("max_completion_tokens", "max_tokens"))
    wanted: int = next((tokens for tokens in asked if tokens is not None), default)
    if wanted < 1:
        raise ValueError("max_tokens must be at least 1")
    return min(wanted, cap or wanted)


def _messages(messages: object) -> list[Json]:
    if not isinstance(messages, list) or not messages:
        raise ValueError("messages must be a list of at least one message")
    return [_message(message) for message in messages]


def _message(message: Json) -> Json:
    if message.get("role") not in _ROLES:
        raise ValueError(f"a message's role must be one of {', '.join(_ROLES)}, not {message.get('role')!r}")
    content = message.get("content")
    for part in content if isinstance(content, list) else []:
        if part.get("type") == "image_url":
            raise ValueError("this model cannot see images")
        if part.get("type") != "text" or not isinstance(part.get("text"), str):
            raise ValueError(f"this model reads parts of type text, not {part.get('type')!r}")
    role = "system" if message["role"] == "developer" else message["role"]
    if content is None and not (role == "assistant" and message.get("tool_calls")):
        content = ""  # the API lets any message be silent; chat templates do not
    return message | {"role": role, "content": content}


def _answer_schema(wanted: Json | None) -> Json | None:
    match wanted:
        case None | {"type": "text"}:
            return None
        case {"type": "json_object"}:
            return {"type": "object"}
        case {"type": "json_schema", "json_schema": {"schema": dict(schema)}}:
            return cast("Json", schema)
        case _:
            raise ValueError("response_format must be text, json_object, or json_schema with a json_schema.schema")


def _prompts(body: Mapping[str, Any]) -> list[str]:
    prompt = body.get("prompt")
    prompts: list[Any] = prompt if isinstance(prompt, list) else [prompt]
    if not prompts or not all(isinstance(text, str) for text in prompts):
        raise ValueError("prompt must be a text or a list of at least one text")
    return prompts
