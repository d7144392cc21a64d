"""The grammar of a JSON schema."""

from __future__ import annotations

import json
from typing import Any

import pytest

from polargrid_edge.backends.grammar import constrain, simplify
from polargrid_edge.backends.schema_bounds import SchemaError

Json = dict[str, Any]


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ({"pattern": r"^(?!b)a"}, {}),
        ({"pattern": r"^(a)\1$"}, {}),
        ({"pattern": r"^\d{5}(-\d{4})?$"}, {"pattern": r"^\d{5}(-\d{4})?$"}),
        ({"maxLength": 10**6, "minLength": 2}, {"minLength": 2}),
        ({"multipleOf": 999_983}, {}),
        ({"multipleOf": 0.01}, {"multipleOf": 0.01}),
        ({"properties": {"a": {}}}, {"properties": {"a": {}}, "additionalProperties": False}),
        ({"properties": {"a": {}}, "required": ["b"]}, {"properties": {"a": {}}, "required": ["b"]}),
        ({"properties": {"a": {}}, "additionalProperties": {}}, {"properties": {"a": {}}, "additionalProperties": {}}),
        ({"properties": {"a": {}}, "anyOf": [{}]}, {"properties": {"a": {}}, "anyOf": [{}]}),
        ({"type": "integer"}, {"type": "integer", "minimum": -(10**15), "maximum": 10**15}),
        ({"type": "integer", "minimum": 0}, {"type": "integer", "minimum": 0, "maximum": 10**15}),
        ({"type": "integer", "minimum": 10**20}, {"type": "integer", "minimum": 10**20}),
        ({"type": "integer", "const": 10**20}, {"type": "integer", "const": 10**20}),
    ],
)
def test_what_a_grammar_cannot_hold_is_simplified(node: Json, expected: Json) -> None:
    """Digits and properties that never end are excluded, unless the schema requires them."""
    before = json.dumps(node)
    assert simplify(node) == expected
    assert json.dumps(node) == before


def test_common_multiples_are_bounded() -> None:
    """The automaton of two multiples has as many states as their least common multiple."""
    parts = simplify({"allOf": [{"multipleOf": 97}, {"multipleOf": 89}]})["allOf"]
    assert sum("multipleOf" in part for part in parts) == 1


@pytest.mark.parametrize(
    "schema",
    [
        {"allOf": [{"pattern": "a.{20}b"}, {"pattern": "c.{20}d"}]},
        {"pattern": "a", "anyOf": [{"pattern": "b"}, {"pattern": "c"}]},
        {"$defs": {"a": {"pattern": "a"}}, "properties": {"a": {"$ref": "#/$defs/a", "pattern": "b"}}},
    ],
)
def test_patterns_are_not_combined(schema: Json) -> None:
    """The automaton of an intersection has as many states as their product."""
    assert json.dumps(simplify(schema)).count("pattern") == 1


def test_patterns_of_different_texts_are_kept() -> None:
    """A description beside a reference constrains nothing."""
    schema = {
        "$defs": {"a": {"pattern": "a"}},
        "properties": {"a": {"$ref": "#/$defs/a", "description": "A name."}, "b": {"anyOf": [{"pattern": "b"}, {}]}},
    }
    assert json.dumps(simplify(schema)).count("pattern") == 2


def test_llguidance_gets_a_grammar_and_gbnf_a_schema() -> None:
    """As the build has it."""
    grammar = constrain({"const": "ñ\n"}, has_llguidance=True)["grammar"]
    assert grammar.startswith('%llguidance {}\nstart: %json {"const": "ñ\\n", "x-guidance": {')
    assert grammar.count("\n") == 1
    form = constrain({"const": 1}, has_llguidance=False)["response_format"]
    assert form == {"type": "json_schema", "json_schema": {"schema": {"const": 1}}}


@pytest.mark.parametrize("has_llguidance", [False, True])
def test_a_schema_beyond_the_bounds_has_no_grammar(has_llguidance: bool) -> None:
    """Whoever asks for it."""
    with pytest.raises(SchemaError, match="maxItems"):
        constrain({"maxItems": 10**9}, has_llguidance=has_llguidance)
