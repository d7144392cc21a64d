"""Whether a request is one that the API accepts: its key, path, method and body. What is wrong becomes a response."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from polargrid_edge.errors import EdgeError, invalid_request
from polargrid_testing.fake.document import Json, find_definition, load_operations, read_request_content
from polargrid_testing.fake.validation import Mismatch, find_mismatch, find_request_mismatch
from polargrid_testing.forms import FormError
from polargrid_testing.received import ReceivedRequest
from polargrid_testing.samples import find_sample, load_document
from polargrid_testing.steps import Answer

_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
_CONVERT: Mapping[str, Any] = {"integer": int, "number": float, "boolean": {"true": True, "false": False}.__getitem__}


def find_operation(method: str, target: str) -> str:
    """Return the operationId of a request; empty if the API has none. A request to a proxy has the whole URL."""
    if "://" in target.partition("?")[0]:
        target = "/" + target.partition("://")[2].partition("/")[2]
    try:
        return find_sample(method, target).name
    except ValueError:
        return ""


def render_error(error: EdgeError) -> Answer:
    """Return an error as the edge sends it."""
    return Answer.json(error.envelope(), status=error.status, headers=error.headers)


def find_error(request: ReceivedRequest, api_key: str | None) -> EdgeError | None:
    """Return why the edge would reject a request; None if it would not. Without `api_key` any key is accepted."""
    sample = load_operations().get(request.operation)
    if (sample is None or sample.requires_key) and not _has_key(request, api_key):
        return EdgeError(401, "Invalid API key", "invalid_api_key", headers={"WWW-Authenticate": "Bearer"})
    if sample is None:
        return _reject_path(request)
    try:
        _check_parameters(request)
        _check_body(request)
    except EdgeError as error:
        return error
    return None


def _has_key(request: ReceivedRequest, api_key: str | None) -> bool:
    scheme, _, key = str(request.headers.get("authorization", "")).partition(" ")
    return scheme.lower() == "bearer" and bool(key.strip()) and api_key in (None, key.strip())


def _reject_path(request: ReceivedRequest) -> EdgeError:
    methods = [item.method for item in load_operations().values() if item.matches(item.method, request.target)]
    if not methods:
        return EdgeError(404, f"unknown path {request.path}", "not_found")
    allowed = ", ".join(dict.fromkeys(methods))
    message = f"method {request.method} not allowed; expected one of: {allowed}"
    return EdgeError(405, message, "method_not_allowed", headers={"Allow": allowed})


def _check_parameters(request: ReceivedRequest) -> None:
    """Check what the query has; names that the API does not know are ignored."""
    for parameter in find_definition(request.operation).get("parameters", ()):
        texts = request.query.get(parameter.get("name", ""), ())
        if parameter.get("in") == "query" and texts and "schema" in parameter:
            schema = parameter["schema"]
            value = list(texts) if schema.get("type") == "array" else _convert(texts[-1], schema)
            _raise_mismatch(find_mismatch(schema, value), parameter["name"])


def _check_body(request: ReceivedRequest) -> None:
    content = read_request_content(request.operation)
    is_required = find_definition(request.operation).get("requestBody", {}).get("required", False)
    if not content:
        return
    expected = next(iter(content))
    if not request.body and not request.media_type:
        if is_required:
            raise invalid_request(f"missing body; expected {expected}", code="missing_body")
        return
    if request.media_type not in content:
        message = f"unsupported Content-Type {request.media_type!r}; expected {' or '.join(content)}"
        raise EdgeError(415, message, "unsupported_media_type")
    if request.media_type.endswith("json"):
        _check_value(request, _read_json(request))
    elif request.media_type in _FORMS:
        _check_value(request, _read_form(request, content[request.media_type]["schema"]))


def _check_value(request: ReceivedRequest, value: Any) -> None:
    try:
        mismatch = find_request_mismatch(request.operation, request.media_type, value)
    except ValueError as error:  # of the validator: half a surrogate pair, or too deep
        raise invalid_request(f"invalid body: {error}") from None
    _raise_mismatch(mismatch)


def _read_json(request: ReceivedRequest) -> Any:
    try:
        return request.json
    except (ValueError, RecursionError) as error:
        raise invalid_request(f"invalid JSON: {error}", code="invalid_json") from None


def _read_form(request: ReceivedRequest, schema: Json) -> Json:
    """Return a form as an object: texts are what the schema says, and a file is a text."""
    from polargrid_contract.schemas import flatten_object

    properties, _ = flatten_object(load_document(), schema)
    try:
        fields = {name: _convert(value, properties.get(name, {})) for name, value in request.form.items()}
        return fields | dict(_list_files(request, properties))
    except FormError as error:
        raise invalid_request(f"invalid form: {error}", code="invalid_form") from None


def _list_files(request: ReceivedRequest, properties: Json) -> Iterator[tuple[str, Any]]:
    for name in request.files:
        yield name, [""] if properties.get(name, {}).get("type") == "array" else ""


def _convert(value: Any, schema: Json) -> Any:
    """Return a text as the number or flag that a schema wants, or as it is."""
    kind = schema.get("type")
    try:
        return _CONVERT[kind](value) if isinstance(value, str) and isinstance(kind, str) and kind in _CONVERT else value
    except (KeyError, ValueError):
        return value


def _raise_mismatch(mismatch: Mismatch | None, name: str = "") -> None:
    if mismatch is not None:
        path = mismatch.path or name
        missing = json.dumps(mismatch.actual) if len(mismatch.actual) > 40 else mismatch.actual
        message = f"{path or 'invalid body'}: expected {mismatch.expected}, got {missing}"
        raise invalid_request(message, path or None)
