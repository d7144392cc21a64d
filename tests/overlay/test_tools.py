"""Python functions as tools: their definitions, and calls with JSON arguments."""

from __future__ import annotations

import enum
import functools
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Optional

import pydantic
import pytest

from polargrid import ValidationError
from polargrid.tools import function_tool


class Unit(enum.StrEnum):
    CELSIUS = "C"
    FAHRENHEIT = "F"


class City(pydantic.BaseModel):
    """A city on the map."""

    name: str
    near: City | None = None


@dataclass
class Span:
    start: int
    end: int = 9


class Unsupported:
    """A type without a JSON schema."""


def schema_of(function) -> dict[str, Any]:
    return function_tool(function).parameters


# Schemas


def test_definition():
    """It is an item of `tools` in a request, with the descriptions of the docstring."""

    def weather(city: str, days: int = 1) -> str:
        """Forecast the weather.

        For one city.

        Args:
            city: Where,
                by its English name.
            days (int): For how long.

        Returns:
            city: not an argument
        """

    assert function_tool(weather).definition() == {
        "type": "function",
        "function": {
            "name": "weather",
            "description": "Forecast the weather.\n\nFor one city.",
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


def test_sphinx_docstring():
    """`:param name:` describes an argument as well."""

    def weather(city: str):
        """Forecast the weather.

        :param city: Where.
        :returns: a sentence
        """

    tool = function_tool(weather)
    assert tool.description == "Forecast the weather."
    assert tool.parameters["properties"]["city"]["description"] == "Where."


def test_function_without_a_docstring():
    """The definition has no empty description."""

    def now(): ...

    assert function_tool(now).definition()["function"] == {
        "name": "now",
        "parameters": {"type": "object", "properties": {}, "additionalProperties": False},
    }


def with_argument(annotation: Any) -> Any:
    """Create a function with one argument of this type."""

    def function(value): ...

    function.__annotations__ = {"value": annotation}
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
def test_schema_of_an_annotation(annotation, expected):
    """It has no title, which would repeat the name."""
    assert schema_of(with_argument(annotation))["properties"]["value"] == expected


@pytest.mark.parametrize(("annotation", "name"), [(Unit, "Unit"), (City, "City"), (Span, "Span")])
def test_named_type_is_a_reference(annotation, name):
    """Enums, models and dataclasses are in `$defs`."""
    schema = schema_of(with_argument(annotation))
    assert schema["properties"]["value"] == {"$ref": f"#/$defs/{name}"}
    assert name in schema["$defs"]


def test_description_of_a_reference():
    """It is next to the reference."""

    def go(city: City):
        """Go.

        Args:
            city: Where to.
        """

    assert schema_of(go)["properties"]["city"] == {"$ref": "#/$defs/City", "description": "Where to."}


def test_annotation_overrides_the_docstring():
    """The description of a pydantic.Field has precedence."""

    def go(city: Annotated[str, pydantic.Field(description="Here.")]):
        """Go.

        Args:
            city: There.
        """

    assert schema_of(go)["properties"]["city"]["description"] == "Here."


def test_keyword_only_argument():
    """It is an argument like any other."""

    def go(a: int, *, b: int = 2): ...

    assert schema_of(go)["required"] == ["a"]
    assert function_tool(go).function is go


# Calls


@pytest.mark.parametrize(
    ("annotation", "text", "expected"),
    [
        (Unit, '"F"', Unit.FAHRENHEIT),
        (City, '{"name": "Oslo", "near": {"name": "Ski"}}', City(name="Oslo", near=City(name="Ski"))),
        (Span, '{"start": 1}', Span(1, 9)),
        (list[Span], '[{"start": 1}]', [Span(1)]),
        (int | None, "null", None),
        (float, "1", 1.0),
    ],
)
def test_arguments_are_converted(annotation, text, expected):
    """The function gets objects of the annotated types."""
    values = []

    @functools.wraps(with_argument(annotation))
    def record(value):
        values.append(value)

    record.__annotations__ = {"value": annotation}  # from Python 3.14 on, `wraps` copies none that were set
    function_tool(record).invoke(f'{{"value": {text}}}')
    assert (values, type(values[0])) == ([expected], type(expected))


def test_omitted_argument_has_its_default():
    """Defaults are objects of Python, not of JSON."""

    def go(a: int, unit: Unit = Unit.CELSIUS, *, b: int = 2):
        return a, unit, b

    tool = function_tool(go)
    assert tool.invoke('{"a": 1}') == (1, Unit.CELSIUS, 2)
    assert tool.invoke('{"b": 3, "a": 1}') == (1, Unit.CELSIUS, 3)


def test_empty_arguments():
    """Some models send an empty string."""

    def now():
        return 7

    assert function_tool(now).invoke("") == function_tool(now).invoke("{}") == 7


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("nonsense", "Invalid JSON"),
        ('{"a": 1', "Invalid JSON"),
        ("{}", "a: "),
        ('{"a": "one"}', "a: Input should be a valid integer"),
        ('{"a": 1, "c": 2}', "c: Unexpected keyword"),
        ("7", "the arguments: "),
    ],
)
def test_invalid_arguments(arguments, message):
    """The message names the argument, for the model to correct it; the function is not called."""

    def go(a: int):
        raise AssertionError("it was called")

    with pytest.raises(ValidationError) as caught:
        function_tool(go).invoke(arguments)
    assert message in caught.value.message


# Other callables


class Station:
    def __init__(self, name: str) -> None:
        self._name = name

    def read(self, instrument: Literal["wind", "rain"]) -> str:
        """Read an instrument."""
        return f"{self._name}: {instrument}"

    @classmethod
    def create(cls, name: str) -> str:
        """Create a station."""
        return cls(name)._name

    @staticmethod
    def count(number: int) -> int:
        """Count."""
        return number


def test_methods():
    """`self` and `cls` are not arguments."""
    tools = [function_tool(method) for method in (Station("Oslo").read, Station.create, Station.count)]
    assert [(tool.name, list(tool.parameters["properties"])) for tool in tools] == [
        ("read", ["instrument"]),
        ("create", ["name"]),
        ("count", ["number"]),
    ]
    arguments = ['{"instrument": "rain"}', '{"name": "Ski"}', '{"number": 2}']
    results = [tool.invoke(text) for tool, text in zip(tools, arguments, strict=True)]
    assert results == ["Oslo: rain", "Ski", 2]


def test_partial():
    """It has the name and the docstring of its function; bound arguments are hidden from the model."""

    def weather(city: str, unit: Unit, days: int = 1):
        """Forecast the weather.

        Args:
            city: Where.
        """
        return city, unit, days

    tool = function_tool(functools.partial(weather, unit=Unit.FAHRENHEIT))
    assert (tool.name, tool.description) == ("weather", "Forecast the weather.")
    assert tool.parameters["properties"] == {
        "city": {"type": "string", "description": "Where."},
        "days": {"type": "integer", "default": 1},
    }
    assert tool.invoke('{"city": "Oslo", "days": 2}') == ("Oslo", Unit.FAHRENHEIT, 2)
    assert function_tool(functools.partial(weather, "Ski", Unit.CELSIUS)).invoke("{}") == ("Ski", Unit.CELSIUS, 1)


def test_async_function():
    """Invoking it returns an awaitable."""

    async def double(value: int) -> int:
        return 2 * value

    coroutine = function_tool(double).invoke('{"value": 1}')
    with pytest.raises(StopIteration) as caught:
        coroutine.send(None)
    assert caught.value.value == 2


def test_decorated_function():
    """The wrapped function provides the signature; the wrapper is called."""

    def twice(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            return 2 * function(*args, **kwargs)

        return wrapper

    @twice
    def number(value: int) -> int:
        """Return it."""
        return value

    assert function_tool(number).invoke('{"value": 4}') == 8


# Functions that a model cannot call


def positional(a: int, /): ...
def variadic(*cities: str): ...
def keywords(**cities: str): ...
def bare(city, days: int = 1): ...
def unresolvable(city: Missing): ...  # noqa: F821 - it does not exist
def strange(city: str, station: Unsupported): ...
def list_of_strange(city: str, stations: list[Unsupported]): ...


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (positional, "tools: positional: a: 'int' cannot be passed by name"),
        (variadic, "tools: variadic: *cities: 'str' cannot be passed by name"),
        (keywords, "tools: keywords: **cities: 'str' cannot be passed by name"),
        (bare, "tools: bare: city has no annotation"),
        (unresolvable, "tools: unresolvable: cannot resolve its annotations: name 'Missing' is not defined"),
        (strange, "tools: strange: station: Unable to generate pydantic-core schema"),
        (list_of_strange, "tools: list_of_strange: stations: Unable to generate pydantic-core schema"),
        (lambda city: city, "tools: expected a function with a name, not <function"),
        (Station.read, "tools: read: self has no annotation"),
        ({"type": "function"}, "tools: expected a function with a name, not {'type'"),
        ("weather", "tools: expected a function with a name, not 'weather'"),
    ],
)
def test_unsupported_function(function, message):
    """The message names the function and the argument."""
    with pytest.raises(ValidationError) as caught:
        function_tool(function)
    assert caught.value.message.startswith(message)
    assert caught.value.param == "tools"
