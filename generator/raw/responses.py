"""Responses as openapi-python-client has to see them, and what it does not do with them as text; pure.

It knows few media types, and parses one of a response, whichever arrives. What it cannot parse or would have to stream
is named in the description of an operation, which becomes its docstring.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from generator.media_types import Kind, classify_media_type, parse_media_type
from generator.schemas import Schema, map_subschemas, resolve
from generator.spec import Spec

_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
_BINARY = {"type": "string", "format": "binary"}
#: A media type that no request declares: overrides are the same for requests and responses.
_TEXT = "text/plain; charset=utf-8"


def view_responses(spec: Spec) -> Spec:
    """Return a copy of a normalized document in which each response has one media type that the raw client parses."""
    viewed = copy.deepcopy(spec)
    for item in viewed["paths"].values():
        for operation in item.values():
            _view_operation(viewed, operation)
    schemas = viewed["components"]["schemas"]
    viewed["components"]["schemas"] = {name: _drop_boolean_items(schema) for name, schema in schemas.items()}
    return viewed


def _drop_boolean_items(schema: Schema) -> Schema:
    """Return a schema without `items: false`, behind `prefixItems`, which the raw client cannot read."""
    result = {key: value for key, value in schema.items() if key != "items" or isinstance(value, dict)}
    return map_subschemas(result, _drop_boolean_items)


def byte_bodies(spec: Spec) -> dict[str, str]:
    """Return the media types of bodies that the raw client sends as bytes, with the one that it knows for that."""
    operations = [operation for item in spec["paths"].values() for operation in item.values()]
    names = {name for operation in operations for name in operation.get("requestBody", {}).get("content", {})}
    others = sorted(name for name in names if _kind(name) != "json" and parse_media_type(name) not in _FORMS)
    return dict.fromkeys(others, "application/octet-stream")


def _view_operation(spec: Spec, operation: dict[str, Any]) -> None:
    limits: dict[str, None] = {}
    for status, reference in operation["responses"].items():
        response = copy.deepcopy(resolve(spec, reference))
        if content := response.get("content"):
            if status.startswith("2") or status == "default":
                limits |= dict.fromkeys(_describe_limits(content))
            response["content"] = _select_content(spec, content)
        operation["responses"][status] = response
    operation["description"] = "\n\n".join([operation.get("description", "").strip(), *limits]).strip()


def _select_content(spec: Spec, content: dict[str, Any]) -> dict[str, Any]:
    """Return the media type that the raw client parses: JSON if there is any, else bytes, else text."""
    if json := [name for name in content if _kind(name) == "json"]:
        return {"application/json": {"schema": content[json[0]].get("schema", {})}}
    if any(_is_binary(spec, name, item) for name, item in content.items()):
        return {"application/octet-stream": {"schema": _BINARY}}
    return {_TEXT: {"schema": {"type": "string"}}}


def _is_binary(spec: Spec, name: str, item: dict[str, Any]) -> bool:
    is_file = resolve(spec, item.get("schema", {})).get("format") == "binary"
    return is_file or _kind(name) in ("binary", "unreadable")


def _describe_limits(content: dict[str, Any]) -> Iterator[str]:
    """Yield sentences on what the raw client does not do with a response."""
    json, streams = ([name for name in content if _kind(name) == kind] for kind in ("json", "events"))
    others = [name for name in content if name not in (*json, *streams)]
    if streams and json:
        yield (
            "The raw client does not stream: it reads a response to its end and parses JSON, so a stream of events "
            "raises `json.JSONDecodeError`. The methods of `PolarGrid` and `PolarGridSync` stream it."
        )
    elif streams:
        yield (
            "The raw client does not stream: it reads all events, and returns them as one text. The methods of "
            "`PolarGrid` and `PolarGridSync` stream them."
        )
    if json and others:
        yield f"The raw client parses JSON only; a response of type {_list(others)} raises `json.JSONDecodeError`."
    elif len(others) > 1:
        yield f"The raw client returns {_list(others)} as bytes or text; the headers of the response say which it is."


def _kind(name: str) -> Kind:
    return classify_media_type(parse_media_type(name))


def _list(names: list[str]) -> str:
    *others, last = [f"`{name}`" for name in names]
    return f"{', '.join(others)} or {last}" if others else last
