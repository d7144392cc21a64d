"""What a span says of a response, or of the chunks of one; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from polargrid_otel import conventions as names

_TOKENS = {
    "prompt_tokens": names.USAGE_INPUT_TOKENS,
    "input_tokens": names.USAGE_INPUT_TOKENS,
    "completion_tokens": names.USAGE_OUTPUT_TOKENS,
    "output_tokens": names.USAGE_OUTPUT_TOKENS,
}
_INPUT_DETAILS = {
    "cached_tokens": names.USAGE_CACHE_READ_INPUT_TOKENS,
    "cache_write_tokens": names.USAGE_CACHE_WRITE_INPUT_TOKENS,
    "audio_tokens": names.USAGE_AUDIO_INPUT_TOKENS,
    "image_tokens": names.USAGE_IMAGE_INPUT_TOKENS,
    "text_tokens": names.USAGE_TEXT_INPUT_TOKENS,
}
_OUTPUT_DETAILS = {
    "reasoning_tokens": names.USAGE_REASONING_OUTPUT_TOKENS,
    "audio_tokens": names.USAGE_AUDIO_OUTPUT_TOKENS,
    "text_tokens": names.USAGE_TEXT_OUTPUT_TOKENS,
}
#: The kinds of tokens, by the field of the usage that counts them.
_DETAILS = {"prompt_tokens_details": _INPUT_DETAILS, "completion_tokens_details": _OUTPUT_DETAILS}
_NONE: dict[str, Any] = {}
_COUNT_END = 2**63  #: OpenTelemetry has integers of 64 bits.


def add_response(attributes: dict[str, Any], finish_reasons: dict[int, str], value: Any) -> None:
    """Add the facts of a response or a chunk: a model or a mapping; anything else has none.

    Of the chunks of a stream, the first id and model count, and the last usage. Reasons are by the index of the choice.
    """
    fields = value if type(value) is dict else getattr(value, "__dict__", _NONE)  # `fields_of`, without a call
    if names.RESPONSE_ID not in attributes and isinstance(text := fields.get("id"), str):
        attributes[names.RESPONSE_ID] = text
    if names.RESPONSE_MODEL not in attributes and isinstance(text := fields.get("model"), str):
        attributes[names.RESPONSE_MODEL] = text
    if (usage := fields.get("usage")) is not None:
        _add_usage(attributes, usage)
    choices = fields.get("choices")
    if type(choices) is list:
        for position, choice in enumerate(choices):
            facts = choice if type(choice) is dict else getattr(choice, "__dict__", _NONE)
            if isinstance(reason := facts.get("finish_reason"), str):
                index = facts.get("index")  # which some servers leave out, or write as a text
                finish_reasons[index if type(index) is int else position] = reason


def _add_usage(attributes: dict[str, Any], usage: Any) -> None:
    fields = usage if type(usage) is dict else getattr(usage, "__dict__", _NONE)
    for field, value in fields.items():
        if field in _TOKENS:
            if type(value) is int and 0 <= value < _COUNT_END:
                attributes[_TOKENS[field]] = value
        elif field in _DETAILS and value is not None:
            details = fields_of(value)
            counts = {name: details.get(kind) for kind, name in _DETAILS[field].items()}
            attributes |= {
                name: count for name, count in counts.items() if type(count) is int and 0 <= count < _COUNT_END
            }


def fields_of(value: Any) -> Mapping[str, Any]:
    """Return the fields of a model or a mapping; those that a model does not know are left out."""
    return value if type(value) is dict else getattr(value, "__dict__", _NONE)
