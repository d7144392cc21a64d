"""Tool calls: the plan of a request, the schema of a call, and parsing calls in generated text."""

from __future__ import annotations

from typing import Any

import pytest

from polargrid_edge.backends import tool_calls, tool_plan
from polargrid_edge.backends.request_error import InvalidFieldError

Json = dict[str, Any]

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"$ref": "#/$defs/City"}},
            "required": ["city"],
            "$defs": {"City": {"enum": ["Oslo", "Lima"]}},
        },
    },
}
ADD = {
    "type": "function",
    "function": {
        "name": "add",
        "parameters": {
            "type": "object",
            "properties": {"a": {"type": "integer", "maximum": 99}, "b": {"type": "integer", "maximum": 99}},
            "required": ["a", "b"],
        },
    },
}


CALL = '{"name": "add", "arguments": {"a": 1, "b": 2}}'


@pytest.mark.parametrize(
    ("text", "count", "remaining"),
    [
        (CALL, 1, ""),
        (f"```json\n{CALL}\n```", 1, ""),
        (f"```\n{CALL}\n```\nThat adds them.", 1, "That adds them."),
        (f"<tool_call>\n{CALL}\n</tool_call>", 1, ""),
        (f"<tool_call>\n{CALL}\n</tool_call>\n<tool_call>\n{CALL}\n</tool_call>", 2, ""),
        (f"{CALL}\n{CALL}", 2, ""),
        (f"{CALL}\n{CALL[:20]}", 1, ""),
        (f"<tool_call>\n{CALL}\n</tool_call>\n<tool_call>\n{CALL[:9]}", 1, ""),
        (f'{CALL}\n{{"name": "sub", "arguments": {{}}}}', 1, '{"name": "sub", "arguments": {}}'),
        ('{"name": "add", "parameters": {}}', 1, ""),
        ('{"name": "sub", "arguments": {}}', 0, '{"name": "sub", "arguments": {}}'),
        ('{"a": 1}', 0, '{"a": 1}'),
        (CALL[:20], 0, CALL[:20]),
        (f"Sure: {CALL}", 0, f"Sure: {CALL}"),
        ("```python\nprint()\n```", 0, "```python\nprint()\n```"),
        ("", 0, ""),
    ],
)
def test_calls_are_parsed(text: str, count: int, remaining: str) -> None:
    """At the beginning of a text, in each format that models generate; the rest remains text."""
    calls, rest = tool_calls.parse_calls(text, ["add"])
    assert (len(calls), rest) == (count, remaining)


@pytest.mark.parametrize("text", [CALL, f"```json\n{CALL}", f"<tool_call>\n{CALL}", f"\n```\n{CALL}"])
def test_the_beginning_of_a_call_may_be_a_call(text: str) -> None:
    """At any length."""
    assert all(tool_calls.may_be_call(text[:end]) for end in range(len(text)))


@pytest.mark.parametrize("text", ["Hello", "```python", '{"city"', "{x", "<b>", "`a`", "[1"])
def test_other_text_is_not_a_call(text: str) -> None:
    """It streams without a buffer."""
    assert not tool_calls.may_be_call(text)


def test_no_tools_are_offered_for_none() -> None:
    """The tool_choice "none"."""
    assert tool_plan.plan_tools({"tools": [ADD], "tool_choice": "none"}) == tool_plan.ToolPlan()


def test_references_of_a_schema_are_rebased() -> None:
    """The parameters of a tool are a part of a larger schema."""
    schema = tool_plan.call_schema(tool_plan.plan_tools({"tools": [ADD, WEATHER], "tool_choice": "required"}))
    assert schema["$defs"]["1"]["properties"]["city"] == {"$ref": "#/$defs/1/$defs/City"}


def test_a_deep_schema_is_rejected() -> None:
    """It exceeds the recursion limit."""
    deep: Json = {"type": "string"}
    for _ in range(5000):
        deep = {"type": "array", "items": deep}
    tool = {"type": "function", "function": {"name": "deep", "parameters": deep}}
    with pytest.raises(ValueError, match="too deeply"):
        tool_plan.call_schema(tool_plan.plan_tools({"tools": [tool], "tool_choice": "required"}))


@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "add"}}])
def test_tool_choice_chooses_a_function_of_the_older_form(choice: object) -> None:
    """Where function_call does not."""
    functions = [ADD["function"]]
    assert tool_plan.plan_tools({"functions": functions, "tool_choice": choice}).required == ("add",)
    assert tool_plan.plan_tools({"functions": functions, "tool_choice": choice, "function_call": "none"}).required == ()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"tool_choice": "required"}, "tool_choice"),
        ({"function_call": {"name": "add"}}, "function_call"),
        ({"tools": [ADD], "tool_choice": {"type": "function", "function": {"name": "sub"}}}, "tool_choice"),
        ({"functions": [ADD["function"]], "function_call": {"name": "sub"}}, "function_call"),
    ],
)
def test_a_choice_without_its_tool_is_named(body: dict[str, Any], field: str) -> None:
    """By the field that has it."""
    with pytest.raises(InvalidFieldError) as caught:
        tool_plan.plan_tools(body)
    assert caught.value.param == field
