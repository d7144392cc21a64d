"""Python functions as tools: what a model is told of them."""

from __future__ import annotations

import enum
import functools
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Optional

import pydantic
import pytest

from polargrid import ValidationError
from polargrid.tools import tool_of


class Unit(enum.StrEnum):
    CELSIUS = "C"
    FAHRENHEIT = "F"


class Place(pydantic.BaseModel):
    """A place on the map."""

    name: str
    near: Place | None = None


@dataclass
class Span:
    start: int
    end: int = 9


class Unknown:
    """A type that Pydantic knows nothing of."""


def schema_of(function) -> dict[str, Any]:
    return tool_of(function).parameters


# Schemas


def test_a_definition():
    """It is what `tools` of a request takes, and the docstring's words are in it."""

    def weather(city: str, days: int = 1) -> str:
        """Tell the weather.

        As far as anybody knows.

        Args:
            city: Where,
                by its English name.
            days (int): For how long.

        Returns:
            city: not an argument
        """

    assert tool_of(weather).definition() == {
        "type": "function",
        "function": {
            "name": "weather",
            "description": "Tell the weather.\n\nAs far as anybody knows.",
            "parameters": {
                "type": "object",
                "properties": {
                    "city": {"type": "string", "description": "Where, by its English name."},
                    "days": {"type": "integer", "default": 1, "description": "For how long."},
                },
                "required": ["city"],
                "additionalProperties": False,
            },
        },
    }


def test_a_docstring_in_the_manner_of_sphinx():
    """`:param name:` describes an argument, too."""

    def weather(city: str):
        """Tell the weather.

        :param city: Where.
        :returns: a sentence
        """

    tool = tool_of(weather)
    assert (tool.description, tool.parameters["properties"]["city"]["description"]) == ("Tell the weather.", "Where.")


def test_no_docstring():
    """Nothing is said, rather than an empty description."""

    def now(): ...

    assert tool_of(now).definition()["function"] == {
        "name": "now",
        "parameters": {"type": "object", "properties": {}, "additionalProperties": False},
    }


def takes(annotation: Any, default: Any = ...) -> Any:
    """A function with one argument of this type."""

    def function(value): ...

    function.__annotations__ = {"value": annotation}
    function.__defaults__ = None if default is ... else (default,)
    return function


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (bool, {"type": "boolean"}),
        (list[int], {"type": "array", "items": {"type": "integer"}}),
        (Optional[str], {"anyOf": [{"type": "string"}, {"type": "null"}]}),  # noqa: UP045 - users write it
        (int | None, {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
        (Literal["a", "b"], {"enum": ["a", "b"], "type": "string"}),
        (Annotated[int, pydantic.Field(ge=1, le=9)], {"type": "integer", "minimum": 1, "maximum": 9}),
        (Annotated[str, pydantic.Field(description="Its own.")], {"type": "string", "description": "Its own."}),
        (dict[str, float], {"type": "object", "additionalProperties": {"type": "number"}}),
        (Any, {}),
    ],
)
def test_an_annotation(annotation, expected):
    """A type becomes its JSON schema, without a title that says nothing."""
    assert schema_of(takes(annotation))["properties"]["value"] == expected


@pytest.mark.parametrize(("annotation", "name"), [(Unit, "Unit"), (Place, "Place"), (Span, "Span")])
def test_a_type_with_a_name(annotation, name):
    """Enums, models and dataclasses stand among the definitions, and are referred to."""
    schema = schema_of(takes(annotation))
    assert schema["properties"]["value"] == {"$ref": f"#/$defs/{name}"}
    assert name in schema["$defs"]


def test_a_description_of_a_type_with_a_name():
    """It stands beside the reference."""

    def go(place: Place):
        """Go.

        Args:
            place: Where to.
        """

    assert schema_of(go)["properties"]["place"] == {"$ref": "#/$defs/Place", "description": "Where to."}


def test_a_description_of_an_annotation_goes_before_the_docstrings():
    """What stands nearer to the argument counts."""

    def go(place: Annotated[str, pydantic.Field(description="Here.")]):
        """Go.

        Args:
            place: There.
        """

    assert schema_of(go)["properties"]["place"]["description"] == "Here."


def test_arguments_by_name_alone():
    """They are arguments as any other."""

    def go(a: int, *, b: int = 2): ...

    assert schema_of(go)["required"] == ["a"]
    assert tool_of(go).function is go


# Calls


@pytest.mark.parametrize(
    ("annotation", "text", "expected"),
    [
        (Unit, '"F"', Unit.FAHRENHEIT),
        (Place, '{"name": "Oslo", "near": {"name": "Ski"}}', Place(name="Oslo", near=Place(name="Ski"))),
        (Span, '{"start": 1}', Span(1, 9)),
        (list[Span], '[{"start": 1}]', [Span(1)]),
        (int | None, "null", None),
        (float, "1", 1.0),
    ],
)
def test_arguments_are_of_their_types(annotation, text, expected):
    """What JSON says becomes an object of the type before the function sees it."""
    seen = []
    function = takes(annotation)

    @functools.wraps(function)
    def keep(value):
        seen.append(value)

    tool_of(keep).call(f'{{"value": {text}}}')
    assert (seen, type(seen[0])) == ([expected], type(expected))


def test_defaults_are_the_functions_own():
    """What the model leaves out is as Python has it."""

    def go(a: int, unit: Unit = Unit.CELSIUS, *, b: int = 2):
        return a, unit, b

    tool = tool_of(go)
    assert tool.call('{"a": 1}') == (1, Unit.CELSIUS, 2)
    assert tool.call('{"b": 3, "a": 1}') == (1, Unit.CELSIUS, 3)


def test_no_arguments():
    """They may be an empty text, as some models send."""

    def now():
        return 7

    assert tool_of(now).call("") == tool_of(now).call("{}") == 7


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("nonsense", "Invalid JSON"),
        ('{"a": 1', "Invalid JSON"),
        ("{}", "a: "),
        ('{"a": "one"}', "a: Input should be a valid integer"),
        ('{"a": 1, "c": 2}', "c: Unexpected keyword"),
        ("7", "the arguments: "),
    ],
)
def test_arguments_that_do_not_fit(arguments, told):
    """The error names the argument, for the model to mend it; the function is not called."""

    def go(a: int):
        raise AssertionError("it was called")

    with pytest.raises(ValidationError) as fault:
        tool_of(go).call(arguments)
    assert told in fault.value.message


# Functions of other kinds


class Station:
    def __init__(self, name: str) -> None:
        self._name = name

    def reads(self, what: Literal["wind", "rain"]) -> str:
        """Read an instrument."""
        return f"{self._name}: {what}"

    @classmethod
    def made(cls, name: str) -> str:
        """Make one."""
        return cls(name)._name

    @staticmethod
    def counted(number: int) -> int:
        """Count."""
        return number


def test_methods():
    """Of an object, of a class, and of neither: `self` and `cls` are no arguments."""
    tools = [tool_of(each) for each in (Station("Oslo").reads, Station.made, Station.counted)]
    assert [(tool.name, list(tool.parameters["properties"])) for tool in tools] == [
        ("reads", ["what"]),
        ("made", ["name"]),
        ("counted", ["number"]),
    ]
    given = ['{"what": "rain"}', '{"name": "Ski"}', '{"number": 2}']
    assert [tool.call(text) for tool, text in zip(tools, given, strict=True)] == ["Oslo: rain", "Ski", 2]


def test_a_partial():
    """It is the function it is of; what it has given is not for the model to change."""

    def weather(city: str, unit: Unit, days: int = 1):
        """Tell the weather.

        Args:
            city: Where.
        """
        return city, unit, days

    tool = tool_of(functools.partial(weather, unit=Unit.FAHRENHEIT))
    assert (tool.name, tool.description) == ("weather", "Tell the weather.")
    assert tool.parameters["properties"] == {
        "city": {"type": "string", "description": "Where."},
        "days": {"type": "integer", "default": 1},
    }
    assert tool.call('{"city": "Oslo", "days": 2}') == ("Oslo", Unit.FAHRENHEIT, 2)
    assert tool_of(functools.partial(weather, "Ski", Unit.CELSIUS)).call("{}") == ("Ski", Unit.CELSIUS, 1)


async def waited(value: int) -> int:
    """Wait."""
    return value


def test_an_async_function():
    """Its tool is as any other; calling it gives what is to be awaited."""
    made = tool_of(waited).call('{"value": 1}')
    with pytest.raises(StopIteration) as done:
        made.send(None)
    assert done.value.value == 1


def test_a_decorated_function():
    """What is wrapped says what the arguments are; the wrapper is called."""

    def twice(function):
        @functools.wraps(function)
        def wrapper(*given, **named):
            return 2 * function(*given, **named)

        return wrapper

    @twice
    def number(value: int) -> int:
        """Say it."""
        return value

    assert tool_of(number).call('{"value": 4}') == 8


# What cannot be called by a model


def positional(a: int, /): ...
def starred(*places: str): ...
def named(**places: str): ...
def bare(city, days: int = 1): ...
def unreadable(city: Missing): ...  # noqa: F821 - it is nowhere
def strange(city: str, station: Unknown): ...
def strange_in_a_list(city: str, stations: list[Unknown]): ...


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (positional, "tools: positional: a: 'int' cannot be given by its name"),
        (starred, "tools: starred: *places: 'str' cannot be given by its name"),
        (named, "tools: named: **places: 'str' cannot be given by its name"),
        (bare, "tools: bare: city has no annotation"),
        (unreadable, "tools: unreadable: its annotations cannot be read: name 'Missing' is not defined"),
        (strange, "tools: strange: station: Unable to generate pydantic-core schema"),
        (strange_in_a_list, "tools: strange_in_a_list: stations: Unable to generate pydantic-core schema"),
        (lambda city: city, "is no function with a name"),
        (Station.reads, "tools: reads: self has no annotation"),
        ({"type": "function"}, "is no function with a name"),
        ("weather", "is no function with a name"),
    ],
)
def test_a_function_that_a_model_cannot_call(function, told):
    """It is told which argument is at fault, and why."""
    with pytest.raises(ValidationError) as fault:
        tool_of(function)
    assert told in fault.value.message
    assert fault.value.param == "tools"
