"""Parameters: from arguments to the path, the query, headers and cookies, validated once; pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

import pydantic

from polargrid_codec.invalid_fields import to_validation_error
from polargrid_codec.jsonable import encode_json
from polargrid_runtime import errors
from polargrid_runtime.operation import Operation, Parameter

#: A space is `%20`, which each server decodes; `+` is one in forms only.
_quote = partial(quote, safe="")
_DELIMITERS = {"form": ",", "spaceDelimited": " ", "pipeDelimited": "|"}


def encode_parameters(
    operation: Operation[Any, Any], arguments: Mapping[str, Any], extra_query: Mapping[str, Any]
) -> tuple[str, dict[str, str]]:
    """Return the path with the query, and the headers of an operation; None is an omitted argument.

    Parameters of `extra_query` override those of the operation. Raises ValidationError, naming the argument.
    """
    values = _validate(operation, arguments)
    path, query, headers, cookies = operation.path, dict(operation.query), {}, []
    pieces: dict[str, str] = {}
    for item in operation.parameters:
        value = values.get(item.argument) if item.constant is None else item.constant
        if item.location == "path":
            template = f"{{{item.name}}}"
            pieces |= {name: _pair(name, to_text(value)) for name, text in query.items() if text == template}
            path = path.replace(template, _encode_segment(item, value))
        elif value is None and item.argument not in values:
            continue
        elif item.location == "query":
            pieces[item.name] = "&".join(encode_pairs(item.name, value, item.style, item.explode, item.argument))
        elif item.location == "header":
            headers[item.name.lower()] = _encode_header(item, value)
        else:
            cookies += encode_pairs(item.name, value, item.style, item.explode, item.argument)
    if cookies:
        headers["cookie"] = "; ".join(cookies)
    pieces = {name: _pair(name, text) for name, text in query.items() if name not in pieces} | pieces
    pieces = {name: pair for name, pair in pieces.items() if pair and name not in extra_query}
    parts = [*pieces.values(), *_encode_extra(extra_query)]
    return path + (f"?{'&'.join(parts)}" if parts else ""), headers


def _validate(operation: Operation[Any, Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments that are given as values of JSON."""
    kind = operation.parameters_model
    if kind is None:
        return {}
    required = {item.argument for item in operation.parameters if item.required}
    provided = {name: value for name, value in arguments.items() if value is not None or name in required}
    try:
        model = kind.model_validate(provided)
    except pydantic.ValidationError as error:
        raise to_validation_error(error, operation.name, provided) from error
    values: dict[str, Any] = json.loads(encode_json(model, operation.name))
    return values


def encode_pairs(name: str, value: Any, style: str, explode: bool, param: str) -> list[str]:
    """Return `name=value` for each pair of a query or of a form, percent-encoded; `param` names it in errors."""
    if style == "json":
        return [_pair(name, json.dumps(value, ensure_ascii=False, separators=(",", ":")))]
    if style == "deepObject":
        return [_pair(f"{name}[{key}]", _to_scalar(item, param)) for key, item in value.items() if item is not None]
    if isinstance(value, dict) and explode:
        return [_pair(key, _to_scalar(item, param)) for key, item in value.items() if item is not None]
    if isinstance(value, list) and explode:
        return [_pair(name, _to_scalar(item, param)) for item in value]
    if not isinstance(value, list | dict):
        return [_pair(name, to_text(value))]
    delimiter = _DELIMITERS[style]
    items = _flatten(value, param)
    if delimiter != "," and any(delimiter in item for item in items):
        raise errors.ValidationError(f"{param}: an item holds {delimiter!r}, which separates the items", param=param)
    encoded = "," if delimiter == "," else quote(delimiter)
    return [f"{_quote(name)}={encoded.join(map(_quote, items))}"] if items else []


def _encode_segment(item: Parameter, value: Any) -> str:
    """Percent-encode a value of the path, so that it can neither add nor remove a segment."""
    name, explode = _quote_segment(item.name), item.explode
    if item.style == "json":
        return _quote_segment(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    pairs = _explode(value, item.argument, _quote_segment) if explode else None
    items = pairs or [_quote_segment(text) for text in _flatten(value, item.argument)]
    if not "".join(items):
        raise errors.ValidationError(f"{item.argument}: it is empty; the path needs a value", param=item.argument)
    if item.style == "label":
        return "." + ("." if explode else ",").join(items)
    if item.style != "matrix":
        return ",".join(items)
    if pairs:
        return "".join(f";{pair}" for pair in pairs)
    return "".join(f";{name}={text}" for text in (items if explode else [",".join(items)]))


def _encode_header(item: Parameter, value: Any) -> str:
    if item.style == "json":
        text = json.dumps(value, separators=(",", ":"))
    else:
        pairs = _explode(value, item.argument, str) if item.explode else None
        text = ",".join(pairs or _flatten(value, item.argument))
    if not text.isascii() or not text.isprintable() or text != text.strip():
        raise errors.ValidationError(
            f"{item.argument}: expected printable ASCII, as it is a header", param=item.argument
        )
    return text


def _explode(value: Any, param: str, encode: Callable[[str], str]) -> list[str] | None:
    """Return `key=value` for each field of an object; None for anything else."""
    if not isinstance(value, dict):
        return None
    return [f"{encode(key)}={encode(_to_scalar(item, param))}" for key, item in value.items() if item is not None]


def _flatten(value: Any, param: str) -> list[str]:
    """Return the items of a list, names and values of an object by turns, or the only value, as text."""
    if isinstance(value, dict):
        pairs = [(key, item) for key, item in value.items() if item is not None]
        return [text for key, item in pairs for text in (key, _to_scalar(item, param))]
    return [_to_scalar(item, param) for item in (value if isinstance(value, list) else [value])]


def _to_scalar(value: Any, param: str) -> str:
    if isinstance(value, list | dict):
        raise errors.ValidationError(f"{param}: a list or an object inside of another cannot be sent", param=param)
    return to_text(value)


def _pair(name: str, text: str) -> str:
    return f"{_quote(name)}={_quote(text)}"


def _quote_segment(text: str) -> str:
    return "%2E" if text == "." else _quote(text).replace("..", "%2E%2E")  # `..` would lead to the parent path


def _encode_extra(query: Mapping[str, Any]) -> Iterable[str]:
    """Encode as httpx does: true and false in lower case, None as an empty value, a list as repeated names."""
    for name, value in query.items():
        for item in value if isinstance(value, list | tuple) else [value]:
            yield _pair(name, "" if item is None else to_text(item))


def to_text(value: Any) -> str:
    """Return a value of JSON as text: strings as they are, anything else as JSON."""
    return str.__str__(value) if isinstance(value, str) else json.dumps(value)  # `str` of an enum is its name
