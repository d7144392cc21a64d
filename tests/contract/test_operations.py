"""The facts of the operations of a document, and the requests that are built from them."""

from __future__ import annotations

from typing import Any

import pytest

from polargrid_contract.checks.invalid_bodies import derive_invalid_fields, derive_malformed_bodies
from polargrid_contract.document import load_document
from polargrid_contract.examples import build_request, set_model
from polargrid_contract.operations import DocumentedOperation, read_operations
from polargrid_contract.routing import find_operation, methods_at
from polargrid_contract.schemas import build_value, flatten_object, is_valid

BEARER: list[dict[str, list[str]]] = [{"bearerAuth": []}]
TEXT = {"type": "string"}


def read_one(method: str = "get", *, path: str = "/v1/x", item: Any = None, **fields: Any) -> DocumentedOperation:
    """The only operation of a document whose operations need a key."""
    operation = {"operationId": "x", **fields}
    return read_operations({"security": BEARER, "paths": {path: {**(item or {}), method: operation}}})["x"]


@pytest.mark.parametrize(
    ("security", "requires_key"), [(None, True), (BEARER, True), ([], False), ([{}, *BEARER], False)]
)
def test_an_operation_needs_a_key_unless_an_alternative_has_none(security, requires_key):
    """The default is the `security` of the document."""
    fields = {} if security is None else {"security": security}
    assert read_one(**fields).requires_key is requires_key


@pytest.mark.parametrize(
    ("method", "effect", "has_effect"),
    [("get", None, False), ("post", None, True), ("post", "none", False), ("get", "jobs", True)],
)
def test_an_operation_may_change_anything_unless_it_says_otherwise(method, effect, has_effect):
    """One that reads changes nothing."""
    fields = {} if effect is None else {"x-effect": effect}
    assert read_one(method, **fields).has_effect is has_effect


def test_parameters_of_the_path_belong_to_each_operation():
    """One of the operation replaces one of the same name and place."""
    shared = [{"name": name, "in": "query", "schema": TEXT} for name in ("a", "b")]
    own = [{"name": "b", "in": "query", "required": True, "schema": TEXT}]
    parameters = read_one(item={"parameters": shared}, parameters=own).parameters
    assert [(it["name"], it.get("required")) for it in parameters] == [("a", None), ("b", True)]


@pytest.mark.parametrize(
    ("expression", "location", "field"),
    [("$request.body#/model_name", "body", "model_name"), ("$request.path.model", "path", "model")],
)
def test_a_model_is_in_the_body_or_a_parameter(expression, location, field):
    """`x-model` says where."""
    model = read_one(**{"x-model": {"in": expression}}).model
    assert model is not None
    assert (model.kind, model.location, model.field) == (None, location, field)


def test_a_target_has_the_query_of_its_key():
    """Each value is one segment or one value."""
    parameters = [{"name": name, "in": "path", "required": True, "schema": TEXT} for name in ("a", "b")]
    parameters.append({"name": "c", "in": "query", "schema": {"type": "array"}})
    operation = read_one(path="/v1/{a}/x?later=true&id={b}", parameters=parameters)
    target = operation.build_target({"a": "1/2?", "b": "3&4", "c": [True, 5]})
    assert target == "/v1/1%2F2%3F/x?later=true&id=3%264&c=true&c=5"


def test_the_operation_of_a_request():
    """A path without a template and a key with the most of the query come first."""
    keys = ("/v1/x", "/v1/x?id={id}", "/v1/x?later=true", "/v1/{y}")
    paths = {key: {"get": {"operationId": key}} for key in keys}
    operations = read_operations({"paths": paths})

    def find(target: str) -> str | None:
        found = find_operation(operations, "GET", target)
        return found.name if found else None

    assert [find("/v1/x"), find("/v1/x?id=3"), find("/v1/x?later=true"), find("/v1/z")] == list(keys)
    assert find("/v1/x/y") is None
    assert methods_at(operations, "/v1/x") == {"GET"}
    assert methods_at(operations, "/v1") == set()


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string", "minLength": 3}, "xxx"),
        ({"type": "string", "format": "date"}, "2026-01-01"),
        ({"enum": ["a", "b"]}, "a"),
        ({"type": "integer", "minimum": 4}, 4),
        ({"type": ["number", "null"], "exclusiveMinimum": 0}, 1),
        ({"type": "array", "items": {"type": "boolean"}, "minItems": 2}, [False, False]),
        ({"anyOf": [{"type": "null"}, {"type": "string"}]}, None),
        ({"allOf": [{"properties": {"a": TEXT}, "required": ["a"]}, {"properties": {"b": TEXT}}]}, {"a": "x"}),
    ],
)
def test_a_value_is_built_from_its_schema(schema, value):
    """It is short, and valid."""
    assert build_value({}, schema) == value
    assert is_valid({}, schema, value)


@pytest.mark.parametrize("operation", read_operations(load_document()).values(), ids=lambda it: it.name)
def test_the_request_of_each_operation_is_right(operation):
    """Its body is valid by the schema, and names the model."""
    request = set_model(operation, build_request(operation), "m")
    if operation.json_type:
        assert is_valid(operation.document, operation.json_schema, request["body"])
    if operation.model is not None:
        part = request["form" if "form" in request else "body"] if operation.model.location == "body" else None
        assert (part or request["parameters"])[operation.model.field] == "m"
    assert "{" not in operation.build_target(request.get("parameters", {}))


JSON_OPERATIONS = [it for it in read_operations(load_document()).values() if it.json_type]


@pytest.mark.parametrize("operation", JSON_OPERATIONS, ids=lambda it: it.name)
def test_derived_bodies_are_invalid(operation):
    """Every required field is left out once, and no body is JSON of the operation."""
    changes = list(derive_invalid_fields(operation, build_request(operation)["body"]))
    missing = {name for change in changes for name, value in change.items() if value is ...}
    _, required = flatten_object(operation.document, operation.json_schema)
    assert missing == required
    assert b"[]" in derive_malformed_bodies(operation)
