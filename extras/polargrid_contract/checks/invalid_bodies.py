"""Invalid request bodies: each has one field that is missing, of another type or out of range."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

#: Marks a field that is left out.
MISSING = ...
NOT_AN_OBJECT = (b"", b"{", b'{"model": "m",}', b"[]", b'"x"', b"5", b"null", b"\xff\xfe", b"[" * 20_000)
_MESSAGE = {"role": "user", "content": "Hi"}
_SAMPLING: tuple[dict[str, Any], ...] = (
    {"max_tokens": 0},
    {"max_tokens": -1},
    {"max_tokens": "ten"},
    {"max_tokens": 1.5},
    {"max_tokens": 1_000_000_000},
    {"temperature": -1},
    {"temperature": 3},
    {"temperature": "hot"},
    {"top_p": 2},
    {"top_p": -0.1},
    {"top_k": "many"},
    {"n": 0},
    {"n": 9},
    {"n": "two"},
    {"frequency_penalty": 3},
    {"presence_penalty": -3},
    {"stop": 5},
    {"stop": [5]},
    {"seed": "x"},
    {"stream": "yes"},
    {"stream_options": "usage"},
    {"model": MISSING},
    {"model": 5},
    {"stream": True, "max_tokens": 0},
)
INVALID_FIELDS: dict[str, tuple[dict[str, Any], ...]] = {
    "chat_completion": (
        *_SAMPLING,
        {"messages": MISSING},
        {"messages": []},
        {"messages": "Hi"},
        {"messages": [5]},
        {"messages": [{"role": MISSING, "content": "Hi"}]},
        {"messages": [{"role": "stranger", "content": "Hi"}]},
        {"messages": [{"role": "user", "content": 5}]},
        {"messages": [_MESSAGE, {"role": "user", "content": [{"type": "noise", "text": "Hi"}]}]},
        {"max_completion_tokens": 0},
        {"logprobs": "yes"},
        {"logprobs": True, "top_logprobs": 21},
        {"response_format": {"type": "xml"}},
        {"response_format": "json"},
        {"tools": "all"},
        {"tools": [{"type": "function", "function": {"name": MISSING}}]},
        {"tool_choice": "sometimes"},
    ),
    "completion": (*_SAMPLING, {"prompt": MISSING}, {"prompt": 5}, {"prompt": []}, {"prompt": [{"text": 5}]}),
    "text_to_speech": (
        {"input": ""},
        {"input": MISSING},
        {"input": 5},
        {"input": "a" * 4097},
        {"model": MISSING},
        {"voice": MISSING},
        {"voice": 5},
        {"speed": 0},
        {"speed": 9},
        {"speed": "fast"},
        {"response_format": "mp9"},
        {"stream": "yes"},
    ),
    "load_model": ({"model_name": MISSING}, {"model_name": 5}, {"model_name": ""}, {"force_reload": "maybe"}),
    "unload_model": ({"model_name": MISSING}, {"model_name": 5}, {"model_name": ""}),
    "purge_gpu": ({"force": "maybe"}, {"force": 2}),
}
INVALID_FORM_FIELDS: tuple[dict[str, Any], ...] = (
    {"model": MISSING},
    {"response_format": "pdf"},
    {"temperature": "warm"},
    {"temperature": "2"},
)
FORM_HEADERS = {"content-type": "multipart/form-data; boundary=b"}
FORM_WITHOUT_FILE = b'--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n--b--\r\n'


def remove_missing(value: Any) -> Any:
    """Remove the fields that are marked as MISSING."""
    if isinstance(value, dict):
        return {name: remove_missing(item) for name, item in value.items() if item is not MISSING}
    return [remove_missing(item) for item in value] if isinstance(value, list) else value


def field_names(value: Any) -> Iterator[str]:
    """Every field name in a value: an error may name a nested field as well."""
    if isinstance(value, dict):
        yield from value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from field_names(item)
