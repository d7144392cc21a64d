"""Checks of the arguments of a test: what is wrong is said where the test passes it, with its name and value."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from polargrid_testing.steps import Answer, Piece

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2
_FRAMING = ("content-length", "transfer-encoding")


def check_times(times: Any) -> None:
    """Check how often something happens: None is always."""
    if times is None:
        return
    if not isinstance(times, int) or isinstance(times, bool):
        raise TypeError(f"times: expected a whole number, or None for always, got {times!r}")
    if times < 1:
        raise ValueError(f"times: {times} is out of range; expected 1 or more, or None for always")


def check_number(name: str, value: Any, *, is_above_zero: bool = False, is_whole: bool = False) -> None:
    """Check a number of seconds, or of something else, that is 0 or more, or above 0."""
    unit = "a whole number" if is_whole else "a number"
    if isinstance(value, bool) or not isinstance(value, int if is_whole else (int, float)):
        raise TypeError(f"{name}: expected {unit}, got {value!r}")
    if not math.isfinite(value) or value < 0 or (is_above_zero and not value):
        expected = "more than 0" if is_above_zero else "0 or more"
        raise ValueError(f"{name}: {value} is out of range; expected {unit}, {expected}")


def check_delay(delay: Any) -> None:
    """Check a number of seconds, or a list of them."""
    for value in delay if isinstance(delay, (list, tuple)) else (delay,):
        check_number("delay", value)


def check_list(name: str, values: Any, kind: type, expected: str) -> None:
    """Check a list or tuple of one kind of values; None is no list."""
    is_list = isinstance(values, (list, tuple)) and all(isinstance(value, kind) for value in values)
    if values is not None and not is_list:
        raise TypeError(f"{name}: expected a list of {expected}, got {values!r}")


def check_tool_calls(calls: Any) -> None:
    """Check calls of tools, in their short form or as in a message."""
    example = '{"name": "f", "arguments": {...}}'
    if not isinstance(calls, (list, tuple)):
        raise TypeError(f"tool_calls: expected a list of {example}, got {calls!r}")
    for call in calls:
        function = call.get("function", call) if isinstance(call, Mapping) else None
        if not isinstance(function, Mapping) or not function.get("name"):
            raise ValueError(f"tool_calls: {call!r} has no name; expected {example}")


def check_choices(choices: Any) -> None:
    """Check the choices of a whole response, whose fields openapi.yaml checks."""
    check_list("choices", choices, Mapping, "mappings")


def check_message(message: Any, name: str = "message") -> None:
    """Check what is read of a message; openapi.yaml says what else is in it."""
    if not isinstance(message, Mapping):
        raise TypeError(f"{name}: expected a mapping, got {message!r}")
    for field in ("content", "refusal"):
        text = message.get(field)
        if text is not None and not isinstance(text, str):
            raise TypeError(f"{field}: expected a text, got {text!r}")
    if message.get("tool_calls") is not None:
        check_tool_calls(message["tool_calls"])


def check_usage(usage: Any) -> None:
    """Check the usage of an answer; openapi.yaml says what is in it."""
    if usage is not None and not isinstance(usage, Mapping):
        raise TypeError(f"usage: expected a mapping such as {{'prompt_tokens': 3, ...}}, got {usage!r}")


def check_function(function: Any) -> None:
    """Check a function of the request. The server calls it on a thread, which has no event loop."""
    if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None)):  # noqa: B004
        raise TypeError(f"{function!r} is async; expected a function that returns its value, def instead of async def")


def check_key(key: Any, name: str = "api_key") -> None:
    """Check an API key that clients must send; None is any."""
    if key is not None and not isinstance(key, str):
        raise TypeError(f"{name}: expected a text, got {key!r}")
    if key is not None and not re.fullmatch("[!-~]+", key):
        raise ValueError(f"{name}: {key!r} cannot be sent; expected ASCII without spaces")


def check_port(port: Any) -> None:
    """Check the number of a port; 0 is a free one."""
    if not isinstance(port, int) or isinstance(port, bool):
        raise TypeError(f"port: expected a number, got {port!r}")
    if not 0 <= port <= 65_535:
        raise ValueError(f"port: {port} is out of range; expected 0 to 65535")


def check_status(status: Any) -> None:
    """Check the status of a response."""
    if not isinstance(status, int) or isinstance(status, bool):
        raise TypeError(f"status: expected a number such as 200, got {status!r}")
    if not 200 <= status <= 599:
        raise ValueError(f"status: {status} is out of range; expected 200 to 599")


def check_headers(headers: Any) -> None:
    """Check headers that are added to a response."""
    if not isinstance(headers, Mapping):
        raise TypeError(f"headers: expected a mapping of names to values, got {headers!r}")
    for name, value in headers.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise ValueError(f"headers: invalid name {name!r}")
        if name.lower() in _FRAMING:
            raise ValueError(f"headers: {name!r} is set by the body; a fault sends a wrong one")
        if not is_header_value(str(value)):
            raise ValueError(f"headers: invalid value of {name!r}: {value!r}; expected Latin-1 without line breaks")


def is_header_value(text: str) -> bool:
    """Whether a text can be sent as the value of a header."""
    return all(" " <= character <= "\xff" or character == "\t" for character in text)


def check_answer_types(answer: Answer) -> None:
    """Check that an answer can be sent."""
    check_status(answer.status)
    check_headers(answer.headers)
    check_number("delay", answer.delay)
    body: Any = answer.body
    if isinstance(body, bytes):
        return
    if not isinstance(body, tuple) or not all(
        isinstance(item, Piece) and isinstance(item.data, bytes) for item in body
    ):
        raise TypeError(f"body: expected bytes, or a tuple of Piece, got {body!r}")
    check_delay([item.delay for item in body])


def check_texts(name: str, values: Sequence[str] | None) -> None:
    """Check a list of texts."""
    check_list(name, values, str, "texts")
