"""The document for openapi-python-client: without what it drops or writes wrongly, and with its limits said; pure.

It writes lists and objects in one style only, leaves out parameters with `content`, sends defaults, knows few media types,
and parses one of a response, whichever arrives. What it cannot write becomes text that the caller writes; what it
cannot parse, or would have to stream, is named in the description, which becomes the docstring.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from generator.media_types import Kind, classify_media_type, parse_media_type
from generator.normalize import PARAMETERS_OF
from generator.schemas import resolve
from generator.spec import Spec

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
_BINARY = {"type": "string", "format": "binary"}
#: A media type that no request declares: overrides are the same for requests and responses.
_TEXT = "text/plain; charset=utf-8"


def adapt_to_raw(spec: Spec) -> tuple[Spec, dict[str, str]]:
    """Return the document for the raw client, and the media types of bodies that it sends as bytes."""
    adapted = copy.deepcopy(spec)
    schemas = adapted.get("components", {}).get("schemas", {})
    for name in [name for name, schema in schemas.items() if PARAMETERS_OF in schema]:
        del schemas[name]
    overrides: dict[str, str] = {}
    for item in adapted["paths"].values():
        item["parameters"] = _adapt_parameters(adapted, item)
        for method in _METHODS:
            if method in item:
                overrides |= _adapt_operation(adapted, item[method])
    return adapted, overrides


def _adapt_operation(spec: Spec, operation: dict[str, Any]) -> dict[str, str]:
    operation["parameters"] = _adapt_parameters(spec, operation)
    limits: dict[str, None] = {}
    for status, reference in operation["responses"].items():
        response = copy.deepcopy(resolve(spec, reference))
        if content := response.get("content"):
            if status.startswith("2") or status == "default":
                limits |= dict.fromkeys(_describe_limits(content))
            response["content"] = _select_content(spec, content)
        operation["responses"][status] = response
    operation["description"] = "\n\n".join([operation.get("description", "").strip(), *limits]).strip()
    if "requestBody" not in operation:
        return {}
    body = operation["requestBody"] = copy.deepcopy(resolve(spec, operation["requestBody"]))
    known = [name for name in body["content"] if _kind(name) == "json" or parse_media_type(name) in _FORMS]
    binary = [name for name in body["content"] if name not in known]
    for name in binary:
        body["content"][name] = {"schema": _BINARY}
    return dict.fromkeys(binary, "application/octet-stream")


def _adapt_parameters(spec: Spec, owner: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the parameters of an operation or of a path, each in a form that the raw client writes as declared."""
    return [adapted for item in owner.get("parameters", ()) for adapted in _adapt_parameter(spec, resolve(spec, item))]


def _adapt_parameter(spec: Spec, parameter: dict[str, Any]) -> Iterator[dict[str, Any]]:
    place = parameter["in"]
    style = parameter.get("style", "form" if place in ("query", "cookie") else "simple")
    is_exploded = place == "query" and style == "form" and parameter.get("explode", True)
    schema = resolve(spec, parameter.get("schema", {}))
    kinds = schema.get("type", "object" if "properties" in schema else "")
    if "content" in parameter:
        yield _as_text(parameter, f"As `{next(iter(parameter['content']))}`.")
    elif style == "deepObject":
        for name, field in schema.get("properties", {}).items():
            is_required = parameter.get("required", False) and name in schema.get("required", ())
            yield {"name": f"{parameter['name']}[{name}]", "in": place, "required": is_required, "schema": field}
    elif ("array" in kinds or "object" in kinds) and not is_exploded:
        yield _as_text(parameter, f"In the style `{style}`, as it is sent.")
    elif "boolean" in kinds and place in ("path", "cookie"):
        yield {**parameter, "schema": {"type": "string", "enum": ["true", "false"]}}
    else:  # it sends defaults, which are the server's
        kept = {name: value for name, value in schema.items() if name != "default" or "const" in schema}
        yield {**parameter, "schema": kept} if "default" in schema else parameter


def _as_text(parameter: dict[str, Any], note: str) -> dict[str, Any]:
    kept: dict[str, Any] = {name: parameter[name] for name in ("name", "in", "required") if name in parameter}
    return {**kept, "description": f"{parameter.get('description', '')} {note}".strip(), "schema": {"type": "string"}}


def _select_content(spec: Spec, content: dict[str, Any]) -> dict[str, Any]:
    """Return the media type that the raw client parses: JSON if there is any, else bytes, else text."""
    if json := [name for name in content if _kind(name) == "json"]:
        return {json[0]: {"schema": content[json[0]].get("schema", {})}}
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
    return " or ".join(f"`{name}`" for name in names)
