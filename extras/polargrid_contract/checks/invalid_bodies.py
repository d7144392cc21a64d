"""Invalid requests: each has one field or parameter that is missing, of another type or out of range; pure.

Most are derived from the schemas of the document, for every operation. `NESTED_FIELDS` adds what is deep in a body.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from polargrid_contract.client import MISSING
from polargrid_contract.examples import is_constant
from polargrid_contract.extensions.runtime_expressions import resolve
from polargrid_contract.operations import DocumentedOperation
from polargrid_contract.schemas import flatten_object, is_valid, types_of

_NOT_JSON = (b"", b"{", b'{"model": "m",}', b"\xff\xfe", b"[" * 20_000)
_OTHER_JSON = {b"[]": [], b'"x"': "x", b"5": 5, b"null": None}
_MESSAGE = {"role": "user", "content": "Hi"}
# One value of each JSON type. An object with the name of no field is right where any object is.
_VALUES: tuple[Any, ...] = ("many", 1.5, 5, True, [5], {"x_unknown": 5})
_MAX_LENGTH = 100_000  # characters of a text that is too long
#: Changes deep in a body, by operation.
NESTED_FIELDS: dict[str, tuple[dict[str, Any], ...]] = {
    "chat_completion": (
        {"stream": True, "max_tokens": 0},
        {"messages": [{"role": MISSING, "content": "Hi"}]},
        {"messages": [{"role": "stranger", "content": "Hi"}]},
        {"messages": [{"role": "user", "content": 5}]},
        {"messages": [_MESSAGE, {"role": "user", "content": [{"type": "noise", "text": "Hi"}]}]},
        {"logprobs": True, "top_logprobs": 21},
        {"response_format": {"type": "xml"}},
        {"tools": [{"type": "function", "function": {"name": MISSING}}]},
        {"tool_choice": "sometimes"},
    ),
    "completion": ({"stream": True, "max_tokens": -1}, {"prompt": []}, {"prompt": [{"text": 5}]}),
}
FORM_HEADERS = {"content-type": "multipart/form-data; boundary=b"}
EMPTY_FORM = b"--b--\r\n"


def derive_malformed_bodies(operation: DocumentedOperation) -> Iterator[bytes]:
    """Yield bodies that are not JSON, or JSON that the schema of the operation forbids as a whole."""
    yield from (body for body in _NOT_JSON if body or operation.body.get("required"))
    for body, value in _OTHER_JSON.items():
        if not is_valid(operation.document, operation.json_schema, value):
            yield body


def derive_invalid_fields(operation: DocumentedOperation, body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield changes of a right JSON body that make one of its fields invalid."""
    properties, required = flatten_object(operation.document, operation.json_schema)
    for name, schema in properties.items():
        candidates = [MISSING] if name in required else []
        candidates += _invalid_values(operation.document, schema)
        for value in candidates:
            changed = remove_missing({**body, name: value})
            if not is_valid(operation.document, operation.json_schema, changed):
                yield {name: value}


def derive_invalid_form_fields(operation: DocumentedOperation, form: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield changes of the text fields of a right form that make one of them invalid."""
    schema = operation.contents[operation.form_type or ""].get("schema", {})
    properties, required = flatten_object(operation.document, schema)
    for name in form:
        if name in required:
            yield {name: MISSING}
    for name, field in properties.items():
        if name not in operation.files:
            yield from ({name: text} for text in _invalid_texts(operation.document, field))


def derive_invalid_parameters(operation: DocumentedOperation) -> Iterator[dict[str, Any]]:
    """Yield values of the query that are invalid, and parameters of the query that are missing."""
    for item in operation.parameters:
        if item["in"] != "query" or is_constant(operation.document, item) or "schema" not in item:
            continue
        if item.get("required"):
            yield {item["name"]: MISSING}
        yield from ({item["name"]: text} for text in _invalid_texts(operation.document, item["schema"]))


def _invalid_values(document: Mapping[str, Any], schema: Any) -> Iterable[Any]:
    """Values of another type, an unknown value of an enum, and values just out of the bounds, in each branch."""
    types = types_of(document, schema)
    if types:
        yield from [value for value in _VALUES if not _names_type(types, value)][:2]
    for branch in _branches(document, schema):
        if "enum" in branch:
            yield "no-such-value"
        yield from _beyond_bounds(branch)


def _beyond_bounds(schema: Mapping[str, Any]) -> Iterator[Any]:
    if "minimum" in schema:
        yield schema["minimum"] - 1
    if "maximum" in schema:
        yield schema["maximum"] + 1
    yield from (schema[name] for name in ("exclusiveMinimum", "exclusiveMaximum") if name in schema)
    if schema.get("minLength"):
        yield ""
    if schema.get("maxLength", _MAX_LENGTH) < _MAX_LENGTH:
        yield "a" * (schema["maxLength"] + 1)
    if schema.get("minItems"):
        yield []
    if "items" in schema:
        yield [5]


def _invalid_texts(document: Mapping[str, Any], schema: Any) -> Iterator[str]:
    """Texts that no value of the schema has on the wire."""
    schema = resolve(document, schema)
    types = types_of(document, schema) - {"null"}
    if types and types <= {"integer", "number", "boolean"}:
        yield "many"
    if types <= {"integer", "number"}:
        yield from (str(value) for value in _beyond_bounds(schema) if isinstance(value, int | float))
    for branch in _branches(document, schema):
        if "enum" in branch and types <= {"string"} and len(list(_branches(document, schema))) == 1:
            yield "no-such-value"
    if schema.get("format") in ("date", "date-time"):
        yield "yesterday"


def _branches(document: Mapping[str, Any], schema: Any) -> Iterator[Mapping[str, Any]]:
    """The schema and its alternatives."""
    schema = resolve(document, schema) if isinstance(schema, Mapping) else {}
    alternatives = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    if not alternatives:
        yield schema
    for part in alternatives:
        yield from _branches(document, part)


def _names_type(types: set[str], value: Any) -> bool:
    match value:
        case bool():
            return "boolean" in types
        case str():
            return "string" in types
        case int() | float():
            return bool({"integer", "number"} & types) and (isinstance(value, int) or "number" in types)
        case list():
            return "array" in types
        case _:
            return "object" in types


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
