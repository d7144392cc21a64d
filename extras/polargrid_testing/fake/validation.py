"""Whether a request or an answer is valid by openapi.yaml, and if not, where and why."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from polargrid_runtime.sse import EventDecoder
from polargrid_testing.errors import InvalidAnswerError
from polargrid_testing.fake.document import (
    read_event_schemas,
    read_request_content,
    read_response,
    select_media_type,
    select_schema,
)
from polargrid_testing.samples import EVENT_STREAM, load_document
from polargrid_testing.steps import Answer

if TYPE_CHECKING:
    import jsonschema_rs

_EXCERPT = 120  # characters
_DESCRIBE: Mapping[str, Callable[[Any], str]] = {
    "required": lambda kind: f"a field {kind.property!r}",
    "type": lambda kind: "of type " + " or ".join(kind.types),
    "enum": lambda kind: "one of " + ", ".join(json.dumps(item) for item in kind.options),
    "const": lambda kind: json.dumps(kind.expected_value),
    "minimum": lambda kind: f"at least {kind.limit}",
    "maximum": lambda kind: f"at most {kind.limit}",
    "minItems": lambda kind: f"at least {kind.limit} items",
    "maxItems": lambda kind: f"at most {kind.limit} items",
    "minLength": lambda kind: f"at least {kind.limit} characters",
    "maxLength": lambda kind: f"at most {kind.limit} characters",
    "pattern": lambda kind: f"a text that matches {kind.pattern}",
    "format": lambda kind: f"a {kind.format}",
}


class Mismatch(NamedTuple):
    """Where a value does not match its schema, and why."""

    path: str
    """In the notation of code: `choices[0].message`; empty for the whole value."""
    expected: str
    actual: str


def find_mismatch(schema: Any, value: Any) -> Mismatch | None:
    """Return the first place where a value does not match a schema of the document."""
    error = next(iter(_compile(json.dumps(schema)).iter_errors(value)), None)
    return None if error is None else _describe(_find_cause(error))


@cache
def _compile(schema: str) -> jsonschema_rs.Validator:
    import jsonschema_rs

    root = {"components": load_document()["components"], "allOf": [json.loads(schema)]}
    return jsonschema_rs.validator_for(root, validate_formats=True)


def _find_cause(error: Any) -> Any:
    """Of the alternatives of a value, the one that fits best fails deepest: return its error."""
    branches = getattr(error.kind, "context", None) or ()
    causes = [_find_cause(errors[0]) for errors in branches if errors]
    return max([error, *causes], key=lambda item: len(item.instance_path))


def _describe(error: Any) -> Mismatch:
    describe = _DESCRIBE.get(error.kind.name)
    expected = describe(error.kind) if describe else error.message
    return Mismatch(_format_path(error.instance_path), expected, _excerpt(error.instance))


def _format_path(path: list[str | int]) -> str:
    name = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return name.removeprefix(".")


def _excerpt(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _EXCERPT else text[: _EXCERPT - 1] + "…"


def find_request_mismatch(operation: str, media_type: str, body: Any) -> Mismatch | None:
    """Return where the body of a request does not match openapi.yaml."""
    return find_mismatch(read_request_content(operation)[media_type]["schema"], body)


def check_answer(operation: str, answer: Answer, request: Any) -> None:
    """Check an answer to a request with this body, or to any request if it is None. Raises `InvalidAnswerError`."""
    response = read_response(operation, answer.status)
    if not response:
        raise InvalidAnswerError(operation, "status", "a status that openapi.yaml has", answer.status)
    content = response.get("content", {})
    media_type = answer.media_type
    if not content:
        if answer.content:
            raise InvalidAnswerError(operation, "", f"no body with status {answer.status}", f"{media_type!r}")
        return
    types = list(content) if request is None else [select_media_type(operation, answer.status, request)]
    if media_type not in types:
        expected = " or ".join(map(repr, types))
        raise InvalidAnswerError(operation, "content-type", f"{expected} for this request", f"{media_type!r}")
    mismatch = next(_find_mismatches(content[media_type], media_type, answer.content, request), None)
    if mismatch is not None:
        raise InvalidAnswerError(operation, *mismatch)


def _find_mismatches(content: Mapping[str, Any], media_type: str, body: bytes, request: Any) -> Iterator[Mismatch]:
    if "schema" not in content:
        return
    if media_type == EVENT_STREAM:
        yield from _find_event_mismatches(content["schema"], body)
        return
    schema = select_schema(content, request)
    if media_type.endswith("json"):
        mismatch = _find_json_mismatch(schema, body)
    else:
        text = body.decode("utf-8", "replace") if media_type.startswith("text/") else body.decode("latin-1")
        mismatch = find_mismatch(schema, text)  # patterns of audio are of its bytes
    if mismatch is not None:
        yield mismatch


def _find_event_mismatches(schema: Any, body: bytes) -> Iterator[Mismatch]:
    """Yield what is wrong with events that are JSON; others are constants, as `[DONE]`."""
    schemas = read_event_schemas(schema)
    for number, event in enumerate(EventDecoder().feed(body), 1):
        mismatch = _find_json_mismatch({"anyOf": schemas}, event.data) if event.data[:1] == b"{" else None
        if mismatch is not None:
            yield mismatch._replace(path=": ".join(filter(None, (f"event {number}", mismatch.path))))


def _find_json_mismatch(schema: Any, data: bytes) -> Mismatch | None:
    try:
        value = json.loads(data)
    except ValueError as error:
        return Mismatch("", f"JSON ({error})", _excerpt(data.decode("utf-8", "replace")))
    return find_mismatch(schema, value)
