"""The bounds of JSON schemas: what would explode as a grammar is rejected before it is compiled."""

from __future__ import annotations

from typing import Any

import pydantic
import pytest

from polargrid_edge.backends.schema_bounds import SchemaBounds, SchemaError

Json = dict[str, Any]


def nest(levels: int, **keywords: Any) -> Json:
    schema: Json = {"type": "integer"}
    for _ in range(levels):
        schema = {"type": "array", "items": schema, **keywords}
    return schema


def chain(length: int, link: str) -> Json:
    """Definitions that refer to the next one."""

    def refer(number: int) -> Json:
        reference = {"$ref": f"#/$defs/d{number}"}
        return {"type": "object", "properties": {"a": reference}} if link == "properties" else {link: [reference]}

    definitions = {f"d{number}": refer(number + 1) for number in range(length)}
    return {"$defs": definitions | {f"d{length}": {"type": "string"}}, "$ref": "#/$defs/d0"}


def properties(count: int) -> Json:
    return {"type": "object", "properties": {f"p{number}": {"type": "integer"} for number in range(count)}}


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        (nest(4, maxItems=1_000_000), r"`maxItems` at #: the repetitions"),
        (nest(30, minItems=1_000), r"`minItems` at #/items.*: the repetitions"),
        ({"properties": {"a": {"type": "string", "minLength": 100_000}}}, "`minLength` at #/properties/a"),
        ({"anyOf": [{"minProperties": 99_999}]}, "`minProperties` at #/anyOf/0"),
        ({"enum": list(range(20_000))}, "`enum` at #: all together"),
        ({"const": "x" * 300_000}, "300[0-9]{3} bytes"),
        (properties(5_000), "more than 2000 subschemas"),
        ({"properties": {"x" * 200_000: properties(1_500)}, "minItems": 10**6}, "`minItems` at #"),
        ({"anyOf": [{"anyOf": [{"const": [i, j]} for j in range(50)]} for i in range(50)]}, "2000 subschemas"),
        (nest(900), "nested deeper than 64 levels"),
        (chain(990, "properties"), "more than (200 definitions|2000 subschemas)"),
        (chain(60, "properties"), "nested deeper than 64 levels, references included"),
        (chain(60, "allOf"), "nested deeper than 64 levels, references included"),
        ({"$ref": "https://example.com/x"}, r"`\$ref` at #: 'https://example.com/x' is not a pointer"),
        ({"items": {"$ref": "#name"}}, r"`\$ref` at #/items"),
        ({"$ref": "#/$defs/missing"}, "missing does not exist"),
        ({"$ref": "#/type", "type": "object"}, "#/type is not a schema"),
        ({"$defs": {"a": {"$id": "https://example.com/a"}}, "$ref": "#/$defs/a"}, r"`\$id` at #/\$defs/a"),
    ],
)
def test_a_schema_beyond_a_bound_is_rejected(schema: Json, message: str) -> None:
    """The message names the keyword and where it is."""
    with pytest.raises(SchemaError, match=message):
        SchemaBounds().check(schema)


def test_a_deep_value_is_rejected() -> None:
    """A constant is no schema, but JSON."""
    value: Any = 1
    for _ in range(100_000):
        value = [value]
    with pytest.raises(SchemaError, match="nested deeper"):
        SchemaBounds().check({"const": value})


class Node(pydantic.BaseModel):
    """A recursive type."""

    value: int
    children: list[Node] = []
    parent: Node | None = None


@pytest.mark.parametrize(
    "schema",
    [
        {},
        properties(500),
        nest(20, maxItems=500),
        chain(25, "properties"),
        Node.model_json_schema(),
        {"$ref": "#"},
        {"properties": {"maxItems": {"type": "integer"}, "const": {"enum": [1]}, "id": {"type": "string"}}},
        {"const": {"maxItems": 10**9, "$ref": "#/nothing"}, "default": {"minLength": 10**9}},
        {"$defs": {"a b": {}, "c/d": True}, "anyOf": [{"$ref": "#/$defs/a%20b"}, {"$ref": "#/$defs/c~1d"}]},
        {"type": "string", "maxLength": 10**9},
        {"$id": "https://example.com/root", "properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {}}},
    ],
)
def test_a_schema_within_the_bounds_is_accepted(schema: Json) -> None:
    """Names of properties and values that look like keywords are neither."""
    SchemaBounds().check(schema)


def test_the_schemas_of_a_request_share_the_bounds() -> None:
    """Many tools cost as much as one large one."""
    bounds = SchemaBounds()
    for _ in range(3):
        bounds.check(properties(500))
    with pytest.raises(SchemaError, match="2000 subschemas"):
        bounds.check(properties(500))
