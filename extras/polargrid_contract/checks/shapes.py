"""Fields of JSON responses, read so that another shape is a violation by the server; pure.

`read_object` of `bodies` requires that a whole response is as documented. These functions require the fields that a
check reads, and no others: a fault in one field is reported by the check of that field.
"""

from __future__ import annotations

from types import NoneType
from typing import Any

from polargrid_contract.curl import build_curl
from polargrid_contract.exchange import Exchange
from polargrid_contract.registry import UnexpectedResponse
from polargrid_contract.results import Violation

_NAMES: dict[type, str] = {
    object: "a value",
    str: "a text",
    int: "an integer",
    float: "a number",
    bool: "a boolean",
    list: "an array",
    dict: "an object",
    NoneType: "null",
}


def read_field(exchange: Exchange, *path: str | int, kind: type | tuple[type, ...] = object) -> Any:
    """Return a value in the JSON body of a response, by the names and indexes that lead to it.

    `float` is the kind of any number. Raises UnexpectedResponse if it is missing or of another kind.
    """
    return get_field(exchange, exchange.json(), *path, kind=kind)


def get_field(exchange: Exchange, value: Any, *path: str | int, kind: type | tuple[type, ...] = object) -> Any:
    """Like `read_field`, for a part of the body that is read already."""
    kinds = kind if isinstance(kind, tuple) else (kind,)
    part: Any
    for part in path:
        is_index = isinstance(value, list) and isinstance(part, int) and 0 <= part < len(value)
        if not is_index and not (isinstance(value, dict) and part in value):
            raise build_unexpected(exchange, _describe(path, kinds), f"none in {exchange.text[:200]!r}")
        value = value[part]
    if not any(is_kind(value, it) for it in kinds):
        raise build_unexpected(exchange, _describe(path, kinds), f"{value!r:.200}")
    return value


def read_objects(exchange: Exchange, *path: str | int) -> list[dict[str, Any]]:
    """Return an array of objects in the JSON body of a response. Raises UnexpectedResponse if it is none."""
    values = read_field(exchange, *path, kind=list)
    return [get_field(exchange, value, kind=dict) for value in values]


def read_error(exchange: Exchange) -> dict[str, Any]:
    """Return the object `error` of an error response; empty if it has none, which the check of the envelope reports."""
    body = exchange.json()
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else {}


def is_kind(value: Any, kind: type) -> bool:
    """Whether a JSON value is of a kind; `float` is any number, and a boolean is no number."""
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, kind) and (kind is not int or not isinstance(value, bool))


def build_unexpected(exchange: Exchange, expected: str, actual: str) -> UnexpectedResponse:
    """Build the exception for a response that a check cannot read."""
    if exchange.error or not 200 <= exchange.status < 300:
        actual = exchange.error or f"status {exchange.status}: {exchange.text[:120]}"
    return UnexpectedResponse(Violation(exchange.operation, expected, actual, exchange, build_curl(exchange)))


def _describe(path: tuple[str | int, ...], kinds: tuple[type, ...]) -> str:
    kind = " or ".join(_NAMES[it] for it in kinds)
    return f"{kind} in {'.'.join(map(str, path))}" if path else kind
