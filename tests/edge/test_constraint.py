"""What a text must be: response_format, guided_json and structured_outputs."""

from __future__ import annotations

from typing import Any

import pytest

from polargrid_edge.backends.constraint import Constraint, find_constraint

Json = dict[str, Any]

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, None),
        ({"response_format": {"type": "text"}, "guided_json": None, "structured_outputs": {}}, None),
        ({"structured_outputs": {"json_object": False, "regex": None}}, None),
        ({"response_format": {"type": "json_object"}}, Constraint("response_format", {"type": "object"})),
        ({"guided_json": SCHEMA}, Constraint("guided_json", SCHEMA)),
        ({"guided_json": '{"type": "object"}'}, Constraint("guided_json", {"type": "object"})),
        ({"structured_outputs": {"json": SCHEMA}}, Constraint("structured_outputs.json", SCHEMA)),
        ({"structured_outputs": {"json_object": True}},
         Constraint("structured_outputs.json_object", {"type": "object"})),
        ({"structured_outputs": {"grammar": 'root ::= "a"'}},
         Constraint("structured_outputs.grammar", grammar='%llguidance {}\nstart: r0\nr0: ("a")')),
    ],
)  # fmt: skip
def test_a_constraint_is_found(body: Json, expected: Constraint | None) -> None:
    """In each field that may have it."""
    assert find_constraint(body) == expected


def test_choices_are_literals_of_a_grammar() -> None:
    """Quotes, backslashes and new lines are escaped."""
    constraint = find_constraint({"structured_outputs": {"choice": ["yes", 'a "b"\\\n']}})
    assert constraint is not None
    assert constraint.fields(has_llguidance=False) == {"grammar": r'root ::= "yes" | "a \"b\"\\\n"'}
    assert constraint.schema == {"enum": ["yes", 'a "b"\\\n']}


def test_a_regex_matches_the_whole_text() -> None:
    """Slashes, which end a pattern of llguidance, are escaped once."""
    constraint = find_constraint({"structured_outputs": {"regex": r"\d+/\/|x"}})
    assert constraint is not None
    assert constraint.fields(has_llguidance=True)["grammar"].endswith(r"start: /\d+\/\/|x/")
    assert constraint.schema == {"type": "string", "pattern": r"^(?:\d+/\/|x)$"}
    with pytest.raises(ValueError, match=r"structured_outputs\.regex: this build"):
        constraint.fields(has_llguidance=False)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"response_format": {"type": "poem"}}, "response_format: "),
        ({"guided_json": "{"}, "guided_json: invalid JSON"),
        ({"guided_json": "[]"}, "guided_json: expected a JSON Schema"),
        ({"guided_json": SCHEMA, "structured_outputs": {"json": SCHEMA}}, r"outputs\.json: cannot be combined"),
        ({"structured_outputs": {"json": SCHEMA, "regex": "a"}}, "structured_outputs: expected one of"),
        ({"structured_outputs": {"poem": "a"}}, "structured_outputs: expected one of"),
        ({"structured_outputs": {"choice": []}}, r"structured_outputs\.choice: "),
        ({"structured_outputs": {"choice": ["a\0b"]}}, "a text with a NUL"),
        ({"structured_outputs": {"regex": "a" * 9_999}}, r"structured_outputs\.regex: "),
        ({"structured_outputs": {"grammar": "%llguidance {}"}}, "expected GBNF, not '%llguidanc'"),
        ({"structured_outputs": {"grammar": "root ::= " + "(" * 99}}, "nested deeper"),
        ({"structured_outputs": {"grammar": 'root ::= "' + "a" * 99_999 + '"'}}, "the limit of a grammar"),
    ],
)  # fmt: skip
def test_an_invalid_constraint_is_rejected(body: Json, message: str) -> None:
    """With the field that has it."""
    with pytest.raises(ValueError, match=message):
        find_constraint(body)
