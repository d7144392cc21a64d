"""Values in the document that do not match their schemas: examples, defaults, constants, enums; pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import quote

from jsonschema_rs import Draft202012Validator, ReferencingError, Registry, ValidationError

from generator.lint.describe import describe_error
from generator.lint.document import Finding, Location, Spec
from generator.lint.objects import Object
from generator.lint.references import References
from generator.lint.selectors import check_names, list_answers

_DOCUMENT = "urn:openapi"


def check_values(references: References) -> Iterator[Finding]:
    """Yield each value that its schema does not accept. The document must have no unknown references."""
    registry = Registry([(_DOCUMENT, references.spec)])
    for item in references.objects:
        values = _values_of_schema(item) if item.kind == "schema" else _values_of_content(item, references)
        for schema, location, value in values:
            for path, sentence, is_key in _find_errors(registry, schema, value, references.spec):
                yield Finding(sentence, (*location, *path), is_key)
        for owner, location, value in list_answers(item, references):
            for path, sentence, is_key in _find_errors(
                registry, {"$ref": _uri(owner.location)}, value, references.spec
            ):
                yield Finding(sentence, (*location, *path), is_key)


def check_example_names(references: References) -> Iterator[Finding]:
    """Yield the misspelt names in the examples of parameters, headers and media types."""
    for item in references.objects:
        schema = references.child(item, "schema")
        for _, location, value in _values_of_content(item, references) if schema else ():
            yield from check_names(value, [schema] if schema else [], references, location)


def _values_of_schema(item: Object) -> Iterator[tuple[Any, Location, Any]]:
    """Yield (schema, location, value); constants and enums are compared with the schema without them."""
    value, reference = item.value, {"$ref": _uri(item.location)}
    rest = {key: part for key, part in value.items() if key in ("type", "$ref", "allOf", "format") and "enum" in value}
    for keyword in ("default", "example"):
        if keyword in value:
            yield reference, (*item.location, keyword), value[keyword]
    for index, example in enumerate(value["examples"] if isinstance(value.get("examples"), list) else ()):
        yield reference, (*item.location, "examples", index), example
    if "const" in value:
        yield reference, (*item.location, "const"), value["const"]
    for index, entry in enumerate(value["enum"] if isinstance(value.get("enum"), list) else ()):
        yield _absolute(rest), (*item.location, "enum", index), entry


def _values_of_content(item: Object, references: References) -> Iterator[tuple[Any, Location, Any]]:
    """Yield (schema, location, value) of the examples of a parameter, a header or a media type."""
    if item.kind not in ("parameter", "header", "media type") or "schema" not in item.value:
        return
    schema = {"$ref": _uri((*item.location, "schema"))}
    if "example" in item.value:
        yield schema, (*item.location, "example"), item.value["example"]
    entries = item.value.get("examples")
    for name in entries if isinstance(entries, dict) else ():
        entry = references.child(item, "examples", name)
        entry = references.resolve(entry) if entry else None
        if entry is not None and "value" in entry.value:
            yield schema, (*entry.location, "value"), entry.value["value"]


def _uri(location: Location) -> str:
    steps = (quote(str(part).replace("~", "~0").replace("/", "~1"), safe="~") for part in location)
    return f"{_DOCUMENT}#/{'/'.join(steps)}"


def _absolute(node: Any) -> Any:
    """Return a schema whose references name the document, so that it can be used outside of it."""
    if isinstance(node, dict):
        return {
            key: f"{_DOCUMENT}{value}" if key == "$ref" and isinstance(value, str) else _absolute(value)
            for key, value in node.items()
        }
    return [_absolute(item) for item in node] if isinstance(node, list) else node


def _find_errors(registry: Registry, schema: Any, value: Any, spec: Spec) -> Iterator[tuple[Location, str, bool]]:
    try:
        validator = Draft202012Validator(
            schema, registry=registry, offline=True, validate_formats=True,
            keywords={"contentSchema": partial(ContentSchema, registry)},  # type: ignore[dict-item]
        )  # fmt: skip
    except (ValidationError, ReferencingError) as error:
        yield (), f"the schema cannot be used: {str(error).partition(chr(10))[0]}; check its keywords", True
        return
    for mismatch in validator.iter_errors(value):
        yield from describe_error(mismatch, value, spec)


class ContentSchema:
    """The keyword contentSchema, asserted: the text is JSON that matches the schema, as in the data of an event."""

    def __init__(self, registry: Registry, parent: dict[str, Any], value: Any, _path: list[str | int]) -> None:
        self._is_json = "json" in str(parent.get("contentMediaType", "application/json"))
        self._validator = Draft202012Validator(_absolute(value), registry=registry, offline=True)

    def validate(self, instance: Any) -> None:
        """Raise ValueError unless a text is JSON of the schema."""
        if not isinstance(instance, str) or not self._is_json:
            return
        try:
            data = json.loads(instance)
        except ValueError as error:
            raise ValueError(f"the text is not JSON: {error}") from error
        for mismatch in self._validator.iter_errors(data):
            path, sentence, _ = next(describe_error(mismatch, data))
            raise ValueError(f"in its JSON, {'.'.join(str(part) for part in path) or 'the value'}: {sentence}")
