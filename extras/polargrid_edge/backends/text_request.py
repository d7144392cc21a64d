"""Convert a request of OpenAI's shape to requests for llama.cpp, one per choice. Pure.

Unknown fields are dropped. A request that cannot be served raises `ValueError`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

from polargrid_edge.backends import tool_calls
from polargrid_edge.backends.grammar import constrain
from polargrid_edge.backends.tool_calls import Json, ToolPlan
from polargrid_edge.backends.tool_results import results_to_facts

CHAT_DEFAULTS: Final = {"max_tokens": 150, "temperature": 0.7, "top_p": 0.9}
COMPLETION_DEFAULTS: Final = {"max_tokens": 100, "temperature": 0.7, "top_p": 0.9, "top_k": 50}
MAX_CHOICES: Final = 128

_PASSED_FIELDS = (
    "temperature",
    "top_p",
    "top_k",
    "min_p",
    "frequency_penalty",
    "presence_penalty",
    "logit_bias",
    "seed",
)
_ROLES = ("system", "developer", "user", "assistant", "tool")
# The separator of documents in the training of both models: the start of a text without a prompt.
_DOCUMENT_START = "<|endoftext|>"


def chat_requests(
    body: Mapping[str, Any], plan: ToolPlan, cap: int | None = None, *, has_llguidance: bool = False
) -> Iterator[Json]:
    """The requests for the choices of a chat; `cap` limits the tokens of a choice."""
    request = _validate(_chat_request(body, plan, cap, has_llguidance=has_llguidance))
    return _repeat_for_choices([request], number_of_choices(body))


def completion_requests(body: Mapping[str, Any], cap: int | None = None) -> Iterator[Json]:
    """The requests for the choices of each prompt; `cap` limits the tokens of a choice."""
    choices = number_of_choices(body)
    requests = [_validate(_completion_request(body, prompt, cap)) for prompt in _prompts(body)]
    return _repeat_for_choices(requests, choices)


def number_of_choices(body: Mapping[str, Any]) -> int:
    """The number of choices per prompt."""
    choices: object = body.get("n")
    if choices is None:
        return 1
    if not isinstance(choices, int) or not 1 <= choices <= MAX_CHOICES:
        raise ValueError(f"n must be an integer from 1 to {MAX_CHOICES}, not {choices!r}")
    return choices


def number_of_alternatives(body: Mapping[str, Any]) -> int:
    """The number of alternatives that a chat requests for each token."""
    return int(body.get("top_logprobs") or 0)


def wants_usage(body: Mapping[str, Any]) -> bool:
    """Whether a stream ends with its usage."""
    return bool((body.get("stream_options") or {}).get("include_usage"))


def prompt_bytes(request: Json) -> int:
    """The size of what a request to llama.cpp adds to the context: its prompt, or its messages and tools."""
    parts = [request.get(name) for name in ("prompt", "messages", "tools")]
    return len(json.dumps(parts, ensure_ascii=False).encode("utf-8"))


def _repeat_for_choices(requests: Sequence[Json], choices: int) -> Iterator[Json]:
    return (_with_seed(request, choice) for request in requests for choice in range(choices))


def _with_seed(request: Json, choice: int) -> Json:
    """Give a choice a seed of its own, of 32 bits; the highest value means "random" to llama.cpp."""
    return request | {"seed": (request["seed"] + choice) % 0xFFFFFFFF} if "seed" in request else request


def _validate(request: Json) -> Json:
    """Return the request if it is valid JSON: llama.cpp rejects NaN and lone surrogates."""
    try:
        json.dumps(request, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the request is not valid JSON: {error}") from None
    return request


def _chat_request(body: Mapping[str, Any], plan: ToolPlan, cap: int | None, *, has_llguidance: bool) -> Json:
    request = _sampling_fields(body, CHAT_DEFAULTS, cap)
    messages = _convert_messages(body.get("messages"))
    request["messages"] = messages if plan.offered else results_to_facts(messages)
    if body.get("logprobs"):
        request |= {
            "logprobs": True,
            "top_logprobs": max(1, number_of_alternatives(body)),
        }  # llama.cpp omits logprobs for 0
    schema = response_schema(body.get("response_format"))
    if plan.offered:
        # With "none" llama.cpp does not parse calls, which it can for few templates; the prompt has the tools.
        request |= {"tools": list(plan.offered), "tool_choice": "none"}
    if plan.required or (plan.offered and schema is not None):
        schema = tool_calls.call_schema(plan, None if plan.required else schema)
    if schema is not None:
        request |= constrain(schema, has_llguidance=has_llguidance)
    return request


def _completion_request(body: Mapping[str, Any], prompt: str, cap: int | None) -> Json:
    request = _sampling_fields(body, COMPLETION_DEFAULTS, cap)
    if body.get("logprobs") is not None:
        request["logprobs"] = max(1, int(body["logprobs"]))
    return {**request, "prompt": prompt or _DOCUMENT_START}


def _sampling_fields(body: Mapping[str, Any], defaults: Mapping[str, Any], cap: int | None) -> Json:
    request: Json = {"stream": True, "stream_options": {"include_usage": True}, **defaults}
    request |= {key: body[key] for key in _PASSED_FIELDS if body.get(key) is not None}
    request["max_tokens"] = _max_tokens(body, defaults["max_tokens"], cap)
    penalty = body.get("repetition_penalty")
    if penalty is not None:
        if penalty <= 0:
            raise ValueError(f"repetition_penalty must be greater than 0, not {penalty}")
        request["repeat_penalty"] = penalty
    stop = body.get("stop") or []
    request["stop"] = [text for text in ([stop] if isinstance(stop, str) else stop) if text]
    # A partly cached prompt is computed in different batches, which round differently: a reproducible response
    # needs a full computation. Other requests save the cost of the earlier conversation.
    request["cache_prompt"] = body.get("seed") is None and request["temperature"] > 0
    return request


def _max_tokens(body: Mapping[str, Any], default: int, cap: int | None) -> int:
    values = (body.get(name) for name in ("max_completion_tokens", "max_tokens"))
    max_tokens: int = next((value for value in values if value is not None), default)
    if max_tokens < 1:
        raise ValueError(f"max_tokens must be at least 1, not {max_tokens}")
    return min(max_tokens, cap or max_tokens)


def _convert_messages(messages: object) -> list[Json]:
    if not isinstance(messages, list) or not messages:
        raise ValueError("messages must be a list of at least one message")
    return [_convert_message(message) for message in messages]


def _convert_message(message: Json) -> Json:
    if message.get("role") not in _ROLES:
        raise ValueError(f"a message's role must be one of {', '.join(_ROLES)}, not {message.get('role')!r}")
    content = message.get("content")
    for part in content if isinstance(content, list) else []:
        if part.get("type") == "image_url":
            raise ValueError("unsupported content part 'image_url'; this model reads text only")
        if part.get("type") != "text" or not isinstance(part.get("text"), str):
            raise ValueError(f"unsupported content part {part.get('type')!r}; expected 'text'")
    role = "system" if message["role"] == "developer" else message["role"]
    if content is None and not (role == "assistant" and message.get("tool_calls")):
        content = ""  # the API allows null in any message; chat templates do not
    return message | {"role": role, "content": content}


def response_schema(response_format: Json | None) -> Json | None:
    """The JSON schema of the content; None for plain text. Raises `ValueError`."""
    match response_format:
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
        raise ValueError("prompt must be a string or a list of at least one string")
    return prompts
