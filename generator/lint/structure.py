"""Fields that are missing or have a value of the wrong form, by the schemas of OpenAPI 3.1 and JSON Schema; pure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from jsonschema_rs import Draft202012Validator, ValidationError, ValidationErrorKind as Kind
from openapi_spec_validator.schemas import schema_v31

from generator.lint.describe import describe_error, find_closest, resolve_path, show, suggest
from generator.lint.document import Finding, Location
from generator.lint.objects import FIELDS, Object

_METASCHEMA = "https://json-schema.org/draft/2020-12/schema"
_TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
_OTHER_NAMES = {"str": "string", "text": "string", "date": "string", "file": "string", "int": "integer",
                "long": "integer", "float": "number", "double": "number", "bool": "boolean", "dict": "object",
                "map": "object", "list": "array", "none": "null", "any": ""}  # fmt: skip


def check_document(spec: dict[str, Any], objects: list[Object]) -> Iterator[Finding]:
    """Yield each object that breaks the schema of OpenAPI 3.1, except for unknown fields."""
    by_location = {item.location: item for item in objects}
    unexpected: list[tuple[Location, list[str]]] = []
    reported: list[Location] = []
    for error in _document_validator().iter_errors(spec):
        location = resolve_path(spec, error.instance_path)
        item = by_location.get(location)
        if isinstance(error.kind, Kind.UnevaluatedProperties | Kind.AdditionalProperties):
            unexpected.append((location, error.kind.unexpected))
        elif not (isinstance(error.kind, Kind.Required) and _is_misspelt(item, error.kind.property)):
            sentence = _explain_field(spec, error, location, item)
            if isinstance(error.kind, Kind.PropertyNames):
                yield Finding(sentence, (*location, str(error.kind.error.instance)), True)
            elif sentence:
                reported.append(location)
                yield Finding(sentence, location)
    for location, names in unexpected:
        if location in by_location:
            wrong = [name for name in names if not _is_consequence(location, name, reported, unexpected)]
            yield from _explain_unexpected(by_location[location], wrong)


def _is_consequence(
    location: Location, name: str, reported: list[Location], unexpected: list[tuple[Location, list[str]]]
) -> bool:
    """Whether a field is unexpected only because the object or something in the field breaks another rule."""
    inner = (*location, name)
    is_broken = any(other[: len(inner)] == inner for other, _ in unexpected)
    return is_broken or any(other[: len(location)] == location for other in reported)


def _explain_unexpected(item: Object, names: list[str]) -> Iterator[Finding]:
    """Yield the fields that an object does not allow although its kind has them, and names of the wrong form."""
    for name in names:
        where = (*item.location, name)
        if item.is_reference:
            if name not in ("summary", "description"):
                message = f"{name!r} beside $ref has no effect; move it to the {item.kind} that $ref names"
                yield Finding(message, where, True)
        elif item.kind == "paths":
            yield Finding(f"the path {name!r} does not start with /; write {'/' + name!r}", where, True)
        elif item.kind == "responses":
            yield Finding(f"{name!r} is no status; {_advise_status(name)}", where, True)
        elif name in FIELDS.get(item.kind, {}):
            yield Finding(f"{name!r} has no effect here; {_advise_field(item)}", where, True)


def _advise_status(name: str) -> str:
    if name.upper() in ("1XX", "2XX", "3XX", "4XX", "5XX"):
        return f"write {name.upper()!r}"
    return suggest(name, ["default"]) or "expected a status like '200', a class like '2XX', or default"


def _advise_field(item: Object) -> str:
    if item.kind == "security scheme":
        return f"a scheme of the type {item.value.get('type')!r} does not have it"
    if item.kind in ("parameter", "header") and "content" in item.value:
        return "a parameter with `content` does not have it"
    if item.kind == "parameter":
        return f"a parameter in {item.value.get('in')!r} does not have it"
    return f"the {item.kind} does not have it"


def _is_misspelt(item: Object | None, name: str) -> bool:
    """Whether a missing field is there under a similar unknown name, which is another finding."""
    if item is None:
        return False
    fields = FIELDS.get(item.kind, {})
    return any(find_closest(other, fields) == name for other in item.value if other not in fields)


def _explain_field(spec: dict[str, Any], error: ValidationError, location: Location, item: Object | None) -> str:
    """Return a sentence on a field; empty if another finding says it."""
    field, kind = str(location[-1]) if location else "", item.kind if item else ""
    match error.kind:
        case Kind.Enum() if field == "in":
            hints = {"body": "write requestBody", "formData": "write requestBody with multipart/form-data"}
            reported = ("query", "header", "path", "cookie")
            advice = hints.get(str(error.instance)) or suggest(str(error.instance), reported)
            sentence = f"{show(error.instance)} is no place; {advice or 'expected path, query, header or cookie'}"
        case Kind.Required(property="required") | Kind.Constant() if _is_parameter(location) or field == "required":
            sentence = "a parameter of the path is always sent; write required: true"
        case Kind.Required() | Kind.MinProperties() if kind == "responses":
            sentence = "" if item and item.value else "it is empty; add a response by its status"
        case Kind.Required(property=name):
            sentence = f"{name!r} is missing; add it"
        case Kind.PropertyNames(error=wrong):
            sentence = f"{show(wrong.instance)} is no name of a component; use letters, digits, '.', '_' and '-'"
        case Kind.OneOfMultipleValid() | Kind.OneOfNotValid() | Kind.Not() | Kind.MinProperties():
            sentence = _EXCLUSIVE.get("parameter" if _is_parameter(location) else kind, "it is empty; add an entry")
        case _:
            sentence = next((text for _, text, _ in describe_error(error, spec)), "")
    return sentence


_EXCLUSIVE = {
    "parameter": "a parameter has either `schema` or `content`; write one of them",
    "header": "a header has either `schema` or `content`; write one of them",
    "link": "a link has either operationId or operationRef; write one of them",
    "example": "`value` and `externalValue` exclude each other; keep one of them",
    "license": "`identifier` and `url` exclude each other; keep one of them",
}


def _is_parameter(location: Location) -> bool:
    """Whether a place is that of a parameter or a header."""
    return "parameters" in location[-2:] or "headers" in location[-2:]


def check_schema(item: Object) -> Iterator[Finding]:
    """Yield each keyword of a schema, and of the schemas in it, whose value is not of the form of JSON Schema."""
    reported: set[Location] = set()
    for error in _schema_validator().iter_errors(item.value):
        location = resolve_path(item.value, error.instance_path)
        if location not in reported:
            yield Finding(_explain_keyword(error, location, item.value), (*item.location, *location))
        reported.add(location)


def _explain_keyword(error: ValidationError, location: Location, schema: Any) -> str:
    keyword, value = str(location[-1]) if location else "", error.instance
    if keyword == "type" or location[-2:-1] == ("type",):
        return _explain_type(value)
    hints = {
        "exclusiveMinimum": "it is a number since OpenAPI 3.1; write exclusiveMinimum: LIMIT instead of minimum",
        "exclusiveMaximum": "it is a number since OpenAPI 3.1; write exclusiveMaximum: LIMIT instead of maximum",
        "required": "it is a list of names of properties, each once",
        "items": "it is one schema; write prefixItems for a list of schemas",
        "pattern": "it is no regular expression; check brackets, and escape special characters with \\",
        "examples": "it is a list of values in a schema",
    }
    if keyword in hints and not (keyword == "items" and not isinstance(value, list)):
        return f"{show(value)} is invalid for {keyword}; {hints[keyword]}"
    return next((text for _, text, _ in describe_error(error, schema)), "invalid value")


def _explain_type(value: Any) -> str:
    names = value if isinstance(value, list) else [value]
    unknown = [name for name in names if name not in _TYPES]
    if not unknown:
        return "the list of types is empty or names a type twice"
    if unknown[0] is None:
        return "a type is a text; quote it: 'null'"
    word = str(unknown[0])
    name = _OTHER_NAMES.get(word.lower(), "") or find_closest(word, _TYPES)
    return f"unknown type {word!r}; {f'did you mean {name!r}?' if name else 'expected one of ' + ', '.join(_TYPES)}"


@cache
def _document_validator() -> Draft202012Validator:
    return Draft202012Validator(dict(schema_v31), offline=True)


@cache
def _schema_validator() -> Draft202012Validator:
    return Draft202012Validator({"$ref": _METASCHEMA}, validate_formats=True, offline=True)
