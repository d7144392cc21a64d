"""JSON of requests: the caller's objects are sent as they dump themselves; what JSON has no form for is rejected."""

import dataclasses
import json
from collections import UserDict, deque
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple, TypedDict
from uuid import UUID

import pydantic
import pytest

from polargrid import ValidationError
from polargrid.types import ChatCompletionRequest, FunctionDefinition, Message
from polargrid_codec.jsonable import encode_json

CHAT = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}


class Tag(pydantic.BaseModel):
    name: str = "default"
    weight: float = 1.0


class Encoded(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(ser_json_bytes="base64", serialize_by_alias=True)

    data: bytes = pydantic.Field(b"\xff", alias="Data")
    at: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    @pydantic.field_serializer("at", when_used="json")
    def _dump_at(self, value: datetime) -> int:
        return value.year

    @pydantic.computed_field
    @property
    def size(self) -> int:
        return len(self.data)


@dataclasses.dataclass
class Point:
    x: int = 1
    tag: Tag = dataclasses.field(default_factory=Tag)


@pydantic.dataclasses.dataclass
class ValidatedPoint:
    x: int = 1


class Pair(NamedTuple):
    a: int
    b: int


class Fields(TypedDict):
    a: int


class Text(str, Enum):  # noqa: UP042 - users have such classes
    A = "a"


class Name(StrEnum):
    A = "a"


class Number(IntEnum):
    ONE = 1


class Record(Enum):
    A = {"x": 1}  # noqa: RUF012


TAG = {"name": "default", "weight": 1.0}
OBJECTS = [
    (Tag(), TAG),
    ([{"tag": Tag()}], [{"tag": TAG}]),
    (Encoded(), {"Data": "_w==", "at": 2026, "size": 1}),
    (pydantic.RootModel[list[Tag]]([Tag()]), [TAG]),
    (Point(), {"x": 1, "tag": TAG}),
    (ValidatedPoint(), {"x": 1}),
    (Pair(1, 2), [1, 2]),
    (Fields(a=1), {"a": 1}),
    (Text.A, "a"),
    (Name.A, "a"),
    (Number.ONE, 1),
    (Record.A, {"x": 1}),
    ({Text.A: Tag()}, {"a": TAG}),
    (datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01T00:00:00Z"),
    (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    (Decimal("1.10"), "1.10"),
    (b"text", "text"),
    ({1}, [1]),
    (deque([Tag()]), [TAG]),
    ((item for item in (1, 2)), [1, 2]),
    (MappingProxyType({"a": 1}), {"a": 1}),
    (UserDict(a=Tag()), {"a": TAG}),
    (range(2), [0, 1]),
    ({1: 2}, {"1": 2}),
    (Message(role="user", content="Hi"), {"role": "user", "content": "Hi"}),
]


@pytest.mark.parametrize(("value", "expected"), OBJECTS, ids=lambda value: type(value).__name__)
def test_objects_of_the_caller(value, expected):
    """Each is sent as it dumps itself, a model with its defaults and by its own configuration."""
    assert json.loads(encode_json({"metadata": value}, "Request")) == {"metadata": expected}


def test_models_of_the_api_have_no_defaults():
    """Only the fields that are set are sent, also in a model inside of another; the caller's model has its defaults."""
    function = FunctionDefinition(name="f", parameters={"x": Tag()})
    request = ChatCompletionRequest(**CHAT, tools=[{"type": "function", "function": function}], x_trace=Tag())
    expected = {"type": "function", "function": {"name": "f", "parameters": {"x": TAG}}}
    assert json.loads(encode_json(request, "Request")) == {**CHAT, "tools": [expected], "x_trace": TAG}


def test_subclass_of_a_model_of_the_api():
    """What it declares is sent with its defaults; a field that it inherits only if it is set."""

    class CachedMessage(Message):
        role: str = "user"
        cache: Tag = Tag()
        expires: datetime = datetime(2026, 1, 1, tzinfo=UTC)

        @pydantic.field_serializer("expires")
        def _dump(self, value: datetime) -> int:
            return value.year

    message = json.loads(encode_json(CachedMessage(content="Hi"), "Request"))
    assert message == {"role": "user", "content": "Hi", "cache": TAG, "expires": 2026}


class Token(pydantic.BaseModel):
    values: dict[int, list[pydantic.SecretStr]] = {7: [pydantic.SecretStr("hidden")]}
    mask: str = "*" * 10


SECRETS = [
    (pydantic.SecretStr("hidden"), "metadata"),
    ([{"a": pydantic.SecretBytes(b"hidden")}], "metadata.0.a"),
    ({"a": Token()}, "metadata.a.values.7.0"),
    (pydantic.RootModel[pydantic.SecretStr](pydantic.SecretStr("hidden")), "metadata"),
]


@pytest.mark.parametrize(("value", "field"), SECRETS, ids=lambda value: type(value).__name__)
def test_secret(value, field):
    """It is rejected: asterisks would be sent instead of its value."""
    with pytest.raises(ValidationError, match=r"secrets are not sent; pass its get_secret_value\(\)") as caught:
        encode_json({"metadata": value}, "Request")
    assert (caught.value.param, caught.value.details[0]["field"]) == (field, field)
    assert "hidden" not in f"{caught.value!r}{caught.value.details}"


def test_secret_that_dumps_its_value():
    """A model that shows its secret in JSON is sent, and so are asterisks that are text."""

    class Open(pydantic.BaseModel):
        token: pydantic.SecretStr = pydantic.SecretStr("shown")
        mask: str = "*" * 10

        @pydantic.field_serializer("token", when_used="json")
        def _dump(self, value: Any) -> Any:
            return value.get_secret_value()

    assert json.loads(encode_json(Open(), "Request")) == {"token": "shown", "mask": "*" * 10}


def cycle():
    items: list[Any] = []
    items.append(items)
    return items


class Failing(UserDict):
    def __iter__(self):
        raise KeyError("broken")


INVALID = [
    (object(), "metadata", "object has no JSON form"),
    (Tag, "metadata", "has no JSON form"),
    (ValueError("x"), "metadata", "ValueError has no JSON form"),
    (b"\xff", "metadata", "bytes has no JSON form"),
    ([1, float("nan")], "metadata.1", "nan has no JSON form"),
    ({"a": (float("inf"),)}, "metadata.a.0", "inf has no JSON form"),
    (Tag(weight=float("nan")), "metadata.weight", "nan has no JSON form"),
    (Point(tag=Tag(name="\ud800")), "metadata.tag.name", "no UTF-8 form"),
    ({"\ud800": 1}, "metadata", "no UTF-8 form"),
    ({"a": {(1, 2): 3}}, "metadata.a", "keys must be"),
    (10**5000, "metadata", "int has no JSON form"),
    (cycle(), "metadata", "nested too deeply, or contains itself"),
    (Failing(a=1), "metadata", "Failing has no JSON form: 'broken'"),
]


@pytest.mark.parametrize(("value", "field", "reason"), INVALID, ids=lambda value: type(value).__name__)
def test_value_without_a_json_form(value, field, reason):
    """The error names its field, inside of lists, mappings and objects."""
    with pytest.raises(ValidationError, match=f"^{field}: .*{reason}") as caught:
        encode_json({"metadata": value}, "Request")
    assert caught.value.param == field


def broken():
    """A generator that fails."""
    yield 1
    raise RuntimeError("broken")


@pytest.mark.parametrize("create", [broken, lambda: (object() for _ in "a"), lambda: map(type, "a")])
def test_iterator_without_a_json_form(create):
    """It is named, although it cannot be read a second time."""
    with pytest.raises(ValidationError) as caught:
        encode_json({"first": ["ab"], "a": {"b": [create()]}}, "Request")
    assert caught.value.param == "a.b.0"


def test_value_that_is_the_request():
    """There is no field: the message has the name of the request."""
    with pytest.raises(ValidationError, match=r"^Request: object has no JSON form"):
        encode_json(object(), "Request")


def test_field_name_that_is_not_unicode():
    """The message can be printed."""
    with pytest.raises(ValidationError) as caught:
        encode_json({"\ud800": object()}, "Request")
    assert str(caught.value).isascii()
