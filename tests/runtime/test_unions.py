"""Unions of objects, and values of enums, that are open in responses and closed for callers."""

from __future__ import annotations

import json
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError

from polargrid_runtime.lenient import LenientModel, describe_mismatch
from polargrid_runtime.response import ResponseModel
from polargrid_runtime.unions import OpenUnion, UnknownObject


class Circle(ResponseModel):
    kind: Literal["circle", "disc"]
    radius: float


class Square(ResponseModel):
    kind: Literal["square"]
    side: float = 1.0


Shape = Annotated[Circle | Square | UnknownObject, OpenUnion("kind", (("circle", "disc"), ("square",)))]


class Color(StrEnum):
    RED = "red"


class Level(IntEnum):
    LOW = 1


class Setting(LenientModel, in_requests=True):
    size: Annotated[int | None, Field(ge=1, le=9)] = None
    name: Annotated[str | None, Field(min_length=2, pattern="^a")] = None
    names: Annotated[list[str], Field(max_length=1)] = []  # noqa: RUF012 - Pydantic copies it
    ratio: Annotated[float, Field(multiple_of=2)] = 2
    when: AwareDatetime | None = None
    color: Color | str = Color.RED
    colors: list[Color | str] = []  # noqa: RUF012
    by_name: dict[str, Color | str | None] = {}  # noqa: RUF012
    level: Level | int = 1
    mode: Literal["a", "b"] | str = "a"
    step: Literal[1, 2] | int = 1
    shape: Shape | None = None


class Holder(ResponseModel):
    shapes: list[Shape] = []  # noqa: RUF012
    setting: Setting | None = None


def parse(kind: Any, value: Any) -> Any:
    return TypeAdapter(kind).validate_json(json.dumps(value))


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ({"kind": "circle", "radius": 1}, Circle),
        ({"kind": "disc", "radius": 1}, Circle),
        ({"kind": "square"}, Square),
        ({"kind": "hexagon", "size": 1}, UnknownObject),
        ({"size": 1}, UnknownObject),
        ({"kind": 7}, UnknownObject),
        ({"kind": ""}, UnknownObject),
    ],
)
def test_property_selects_the_type(value, kind):
    """A value that the document does not have is an object with every field."""
    shape = parse(Shape, value)
    assert (type(shape), shape.to_dict()) == (kind, value)
    assert parse(Holder, {"shapes": [value, value]}).shapes == [shape, shape]


def test_known_value_must_match():
    """A circle is a circle, not an unknown object."""
    with pytest.raises(ValidationError) as caught:
        parse(Shape, {"kind": "circle"})
    assert describe_mismatch(caught.value) == "circle.radius: Field required"
    with pytest.raises(ValidationError):
        parse(Shape, [1])


def test_unknown_object():
    """Its fields are attributes, and it is a response like others."""
    shape = parse(Shape, {"kind": "new", "size": {"a": 1}})
    assert (shape.kind, shape.size, isinstance(shape, ResponseModel)) == ("new", {"a": 1}, True)
    with pytest.raises(AttributeError):
        _ = shape.other


def test_union_of_objects_of_the_caller():
    """A model is taken as it is, and can be dumped."""
    holder = Holder(shapes=[Circle(kind="circle", radius=1), Square(kind="square"), UnknownObject(kind="new")])
    assert [shape["kind"] for shape in holder.model_dump()["shapes"]] == ["circle", "square", "new"]
    assert Holder.model_validate(holder.model_dump()) == holder


NEW = {
    "size": 0,
    "name": "b",
    "names": ["1", "2"],
    "ratio": 3.0,
    "when": "2024-01-01T00:00:00",
    "color": "blue",
    "colors": ["red", "blue"],
    "by_name": {"a": "blue", "b": None},
    "level": 7,
    "mode": "z",
    "step": 9,
    "shape": {"kind": "new"},
}


def test_response_is_open():
    """Bounds do not hold, a date-time needs no offset, and an enum has other values, also in a list or a dict."""
    setting = parse(Holder, {"setting": NEW}).setting
    assert (setting.color, setting.colors, setting.level, setting.step) == ("blue", [Color.RED, "blue"], 7, 9)
    assert type(setting.colors[0]) is Color
    assert setting.when == datetime(2024, 1, 1)
    assert json.loads(setting.model_dump_json()) == NEW


@pytest.mark.parametrize("name", NEW)
def test_caller_follows_the_document(name):
    """The same values are rejected in a request, and by a server that validates strictly."""
    with pytest.raises(ValidationError, match=name):
        Setting.model_validate({name: NEW[name]})
    with pytest.raises(ValidationError, match=name):
        Setting.model_validate_json(json.dumps({name: NEW[name]}), strict=True)


def test_caller_passes_a_response_on():
    """What a newer server sent can be sent back."""
    setting = parse(Setting, NEW)
    assert Holder(setting=setting).setting is setting


def test_values_of_the_document_are_accepted():
    """By either side."""
    fields = {"size": 1, "name": "ab", "color": "red", "level": 1, "mode": "b", "step": 2, "shape": {"kind": "square"}}
    assert Setting.model_validate(fields) == parse(Setting, fields)
    assert Setting.model_validate({"size": 2.0}).size == 2
