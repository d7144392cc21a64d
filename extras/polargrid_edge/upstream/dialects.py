"""How the kinds of upstream servers differ from llama.cpp, in whose form the edge writes requests for text. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from polargrid_edge.backends.request_error import InvalidFieldError
from polargrid_edge.backends.text_request import CHAT_DEFAULTS, COMPLETION_DEFAULTS
from polargrid_edge.sources import UpstreamKind

Json = dict[str, Any]

_SAMPLING: Final = ("top_k", "min_p", "repeat_penalty", "logit_bias")
_INTERNAL: Final = ("cache_prompt", "timings_per_token")


@dataclass(frozen=True, slots=True)
class Dialect:
    """A kind of server: `tools` says who makes tool calls (see `TextLimits`).

    `sampling` are the fields that it knows beside OpenAI's, with their names there; `constraints` are the forms of
    `structured_outputs` that it knows, with their names there. Where it has `structured_outputs` itself, that is None.
    """

    title: str
    tools: Literal["optional", "server"]
    sampling: Mapping[str, str] = field(default_factory=dict)
    constraints: Mapping[str, str] | None = field(default_factory=dict)
    is_llama: bool = False


_OPENAI_SAMPLING: Final = {"logit_bias": "logit_bias"}
_ALL_SAMPLING: Final = {
    "top_k": "top_k",
    "min_p": "min_p",
    "repeat_penalty": "repetition_penalty",
    "logit_bias": "logit_bias",
}
DIALECTS: Final[Mapping[UpstreamKind, Dialect]] = {
    "llama.cpp": Dialect("llama.cpp", "optional", is_llama=True),
    "vllm": Dialect("vLLM", "server", _ALL_SAMPLING, None),
    "sglang": Dialect("SGLang", "server", _ALL_SAMPLING, {"json": "json_schema", "regex": "regex", "grammar": "ebnf"}),
    "tgi": Dialect("TGI", "server", {}, {}),
    "ollama": Dialect("Ollama", "optional", {}, {}),
    "openai": Dialect("this server", "server", _OPENAI_SAMPLING, {}),
}


def adapt_request(request: Json, dialect: Dialect, context: int) -> Json:
    """The request in the form of llama.cpp as the server takes it. Raises `InvalidFieldError`.

    A field that the server does not know is rejected where the client set it, for it would be dropped in silence. A
    limit of tokens beyond the context is none: servers reject it, and the text ends at the context anyway.
    """
    if dialect.is_llama:
        # Whether prompts are cached is up to who runs the server; without, a long conversation is slow.
        return {name: value for name, value in request.items() if name != "cache_prompt"}
    defaults = COMPLETION_DEFAULTS if "prompt" in request else CHAT_DEFAULTS
    adapted = {name: value for name, value in request.items() if name not in (*_INTERNAL, *_SAMPLING)}
    for name in _SAMPLING:
        if name not in request:
            continue
        if name in dialect.sampling:
            adapted[dialect.sampling[name]] = request[name]
        elif request[name] != defaults.get(name):
            public_name = "repetition_penalty" if name == "repeat_penalty" else name
            raise InvalidFieldError(public_name, f"{dialect.title} does not support it; omit it")
    if adapted.get("max_tokens", 0) >= context:
        del adapted["max_tokens"]
    if not adapted.get("stop"):
        adapted.pop("stop", None)
    return _adapt_constraint(adapted, dialect)


def _adapt_constraint(request: Json, dialect: Dialect) -> Json:
    outputs = request.get("structured_outputs")
    if outputs is None or dialect.constraints is None:
        return request
    adapted = {name: value for name, value in request.items() if name != "structured_outputs"}
    for name, value in outputs.items():
        if name == "json" and name not in dialect.constraints and isinstance(value, dict):
            schema = {"name": "output", "schema": value, "strict": True}
            adapted["response_format"] = {"type": "json_schema", "json_schema": schema}
        elif name == "json_object":
            adapted["response_format"] = {"type": "json_object"}
        elif name in dialect.constraints:
            adapted[dialect.constraints[name]] = value
        else:
            raise InvalidFieldError(
                f"structured_outputs.{name}", f"{dialect.title} does not support it; use response_format"
            )
    return adapted
