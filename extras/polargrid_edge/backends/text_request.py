"""Convert a request of OpenAI's shape to requests for llama.cpp, one per choice. Pure.

Unknown fields are dropped. A request that cannot be served raises `ValueError`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from polargrid_edge.backends.completion_prompt import FillTokens, Prompt, fill_gap, read_logit_bias, read_prompts
from polargrid_edge.backends.constraint import find_constraint
from polargrid_edge.backends.grammar import constrain
from polargrid_edge.backends.request_error import InvalidFieldError
from polargrid_edge.backends.tool_plan import Json, ToolPlan, call_schema

# Without max_tokens a chat has as many tokens as the context holds.
CHAT_DEFAULTS: Final = {"temperature": 0.7, "top_p": 0.9}
COMPLETION_DEFAULTS: Final = {"max_tokens": 100, "temperature": 0.7, "top_p": 0.9, "top_k": 50}
MAX_CHOICES: Final = 128

_PASSED_FIELDS = (
    "temperature",
    "top_p",
    "top_k",
    "min_p",
    "frequency_penalty",
    "presence_penalty",
    "seed",
)
# The separator of documents in the training of both models: the start of a text without a prompt.
_DOCUMENT_START = "<|endoftext|>"


@dataclass(frozen=True, slots=True)
class TextLimits:
    """What a model and its build of llama.cpp can do.

    `context` and `max_output_tokens` are numbers of tokens: of a prompt and its response together, and of a response.
    `tools` says who makes tool calls: this edge of the text ("edge"), the server where no call is required
    ("optional"), or the server ("server"). `is_llama` is whether it takes llama.cpp's fields, which an edge needs to
    count tokens and to have grammars; other servers get the constraints of the request as they are.
    """

    context: int
    vocabulary_size: int
    max_output_tokens: int | None = None
    has_llguidance: bool = False
    fill_tokens: FillTokens | None = None
    tools: Literal["edge", "optional", "server"] = "edge"
    is_llama: bool = True

    @property
    def most_tokens(self) -> int:
        """The most tokens that a response may have. llama.cpp ends it where the context does."""
        return min(self.context, self.max_output_tokens or self.context)


def chat_requests(
    body: Mapping[str, Any], messages: Sequence[Json], plan: ToolPlan, limits: TextLimits
) -> Iterator[Json]:
    """The requests for the choices of a chat, with its messages for llama.cpp."""
    request = _validate(_chat_request(body, messages, plan, limits))
    return _repeat_for_choices([request], number_of_choices(body))


def completion_requests(body: Mapping[str, Any], limits: TextLimits) -> list[tuple[Prompt, list[Json]]]:
    """The prompts, each with the requests for its choices, of which the best ones are the response."""
    choices = max(number_of_choices(body), _best_of(body))
    prompts = read_prompts(body, limits.vocabulary_size)
    requests = [_validate(_completion_request(body, prompt, limits)) for prompt in prompts]
    return [
        (prompt, list(_repeat_for_choices([request], choices)))
        for prompt, request in zip(prompts, requests, strict=True)
    ]


def _best_of(body: Mapping[str, Any]) -> int:
    best_of, choices = int(body.get("best_of") or 1), number_of_choices(body)
    if body.get("best_of") is not None and best_of < choices:
        raise InvalidFieldError("best_of", f"{best_of} is less than n, {choices}")
    if best_of > choices and body.get("stream"):
        raise InvalidFieldError("best_of", "a stream begins before the best of several texts is known; omit stream")
    return best_of


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


def check_modalities(body: Mapping[str, Any]) -> None:
    """Raises `ValueError` for a request for audio."""
    if body.get("audio") is not None or "audio" in (body.get("modalities") or ()):
        field = "modalities" if "audio" in (body.get("modalities") or ()) else "audio"
        raise InvalidFieldError(
            field, "this model generates text only; send its text to /v1/audio/speech, or omit modalities and audio"
        )


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


def _chat_request(body: Mapping[str, Any], messages: Sequence[Json], plan: ToolPlan, limits: TextLimits) -> Json:
    request = _sampling_fields(body, CHAT_DEFAULTS, limits)
    request["messages"] = list(messages)
    if body.get("logprobs"):
        request |= {
            "logprobs": True,
            "top_logprobs": max(1, number_of_alternatives(body)),
        }  # llama.cpp omits logprobs for 0
    if plan.offered and (limits.tools == "server" or (limits.tools == "optional" and not plan.required)):
        request |= {"tools": list(plan.offered), "tool_choice": _server_choice(plan)}
        if not plan.parallel:
            request["parallel_tool_calls"] = False
        return request | _plain_constraint_fields(body, limits)
    if plan.offered:
        # With "none" llama.cpp does not parse calls, which it can for few templates; the prompt has the tools.
        request |= {"tools": list(plan.offered), "tool_choice": "none"}
        # A response that ends after its last call has no usage; the timings have it.
        request["timings_per_token"] = True
    if not limits.is_llama and not plan.required:
        return request | _plain_constraint_fields(body, limits)
    if not limits.is_llama:
        schema = {"name": "call", "schema": call_schema(plan), "strict": True}
        return request | {"response_format": {"type": "json_schema", "json_schema": schema}}
    return request | _constraint_fields(body, plan, has_llguidance=limits.has_llguidance)


def _server_choice(plan: ToolPlan) -> str | Json:
    """The choice among the tools that a server is given."""
    if not plan.required:
        return "auto"
    if plan.required == plan.names:
        return "required"
    return {"type": "function", "function": {"name": plan.required[0]}}


def _plain_constraint_fields(body: Mapping[str, Any], limits: TextLimits) -> Json:
    """The constraint of a request as the server takes it."""
    if limits.is_llama:
        constraint = find_constraint(body)
        return {} if constraint is None else constraint.fields(has_llguidance=limits.has_llguidance)
    return {name: body[name] for name in ("response_format", "structured_outputs") if body.get(name) is not None}


def _constraint_fields(body: Mapping[str, Any], plan: ToolPlan, *, has_llguidance: bool) -> Json:
    constraint = find_constraint(body)
    if plan.required:
        return constrain(call_schema(plan), has_llguidance=has_llguidance)
    if constraint is None:
        return {}
    if not plan.offered:
        return constraint.fields(has_llguidance=has_llguidance)
    if constraint.schema is None or constraint.is_plain:
        raise InvalidFieldError(constraint.field, "cannot be combined with tools that the model may call")
    return constrain(call_schema(plan, constraint.schema), has_llguidance=has_llguidance)


def _completion_request(body: Mapping[str, Any], prompt: Prompt, limits: TextLimits) -> Json:
    request = _sampling_fields(body, COMPLETION_DEFAULTS, limits, least=0)
    if body.get("logprobs") is not None or _best_of(body) > number_of_choices(body):
        request["logprobs"] = max(1, int(body.get("logprobs") or 0))
    return {**request, "prompt": fill_gap(prompt, body.get("suffix"), limits.fill_tokens) or _DOCUMENT_START}


def _sampling_fields(
    body: Mapping[str, Any], defaults: Mapping[str, Any], limits: TextLimits, *, least: int = 1
) -> Json:
    request: Json = {"stream": True, "stream_options": {"include_usage": True}, **defaults}
    request |= {key: body[key] for key in _PASSED_FIELDS if body.get(key) is not None}
    request["max_tokens"] = _max_tokens(body, defaults.get("max_tokens"), limits, least)
    biases = read_logit_bias(body, limits.vocabulary_size)
    if biases is not None:
        request["logit_bias"] = biases
    penalty = body.get("repetition_penalty")
    if penalty is not None:
        if penalty <= 0:
            raise InvalidFieldError("repetition_penalty", f"must be greater than 0, not {penalty}")
        request["repeat_penalty"] = penalty
    stop = body.get("stop") or []
    request["stop"] = [text for text in ([stop] if isinstance(stop, str) else stop) if text]
    # A partly cached prompt is computed in different batches, which round differently: a reproducible response
    # needs a full computation. Other requests save the cost of the earlier conversation.
    request["cache_prompt"] = body.get("seed") is None and request["temperature"] > 0
    return request


def _max_tokens(body: Mapping[str, Any], default: int | None, limits: TextLimits, least: int) -> int:
    names = ("max_completion_tokens", "max_tokens")
    name, value = next(((name, body[name]) for name in names if body.get(name) is not None), ("max_tokens", default))
    if value is not None and value < least:
        raise InvalidFieldError(name, f"must be at least {least}, not {value}")
    return limits.most_tokens if value is None else min(value, limits.most_tokens)
