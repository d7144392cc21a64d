"""The TypedDicts of the objects of requests."""

from __future__ import annotations

import typing
from typing import Any

import pydantic
import pytest

from generator.arguments import Argument, parse_arguments
from generator.params import Param, build_params
from polargrid import types
from polargrid_generated import params
from polargrid_generated.operations import OPERATIONS

MODELS = """
class Colour(StrEnum):
    RED = "red"

class Part(BaseModel):
    \"\"\"
    A part.
    \"\"\"
    text: str
    id: str | None = None

class Open(BaseModel):
    __annotations__ = {"__pydantic_extra__": dict[str, int]}
    name: str

class Answer(BaseModel):
    part: Part

Shape: TypeAlias = Part | Open | None
\"\"\"
A shape.
\"\"\"
Size: TypeAlias = int
"""


def build(fields: str, strict: str = "", requests: dict[str, list[str]] | None = None) -> dict[str, Param]:
    """Return the TypedDicts of a module with the class of a body, by their names."""
    models = f"{MODELS}\nclass Body(BaseModel):\n    {fields}\n"
    return {
        item.name: item for item in build_params(parse_arguments(models, strict), [], {"Shape": [], **(requests or {})})
    }


def test_what_a_request_reaches():
    """It has a TypedDict; what only responses have has none, nor has an enum or a scalar."""
    assert build("part: Part").keys() == {"PartParam", "OpenParam", "ShapeParam"}


def test_alias():
    """It is a name of the types that an argument accepts; where a field has a type of its own, a mapping too."""
    shape = build("part: Part")["ShapeParam"]
    assert shape.type == "PartParam | OpenParam | Mapping[str, Any] | AnyObject | None"
    assert shape.description == "A shape."


def test_object_that_responses_have_too():
    """It follows the document, although its model is open for the values of a newer server."""
    strict = 'class PartPolargridStrict(BaseModel):\n    text: Literal["a"]\n'
    assert build("part: Part", strict)["PartParam"].fields == (Argument("text", "Literal['a']", True, ""),)


def test_fields_of_responses_only():
    """They are no keys."""
    assert [item.name for item in build("part: Part", requests={"Part": ["id"]})["PartParam"].fields] == ["text"]


@pytest.mark.parametrize(
    ("item", "key", "is_class"),
    [
        (Argument("text", "str", True, ""), "text", True),
        (Argument("schema_", "str", True, "", "schema"), "schema", True),
        (Argument("words", "Sequence[str]", True, "", "words[]"), "words", True),
        (Argument("from_", "str", True, "", "from"), "from", False),
        (Argument("x_id", "str", True, "", "x-id"), "x-id", False),
        (Argument("str_", "str", True, "", "str"), "str", False),
    ],
)
def test_keys(item, key, is_class):
    """They are the names in JSON; of a list in a form, that of the argument. A class has names that Python can read."""
    param = Param("XParam", "", (item,))
    assert ([name for name, _ in param.items], param.is_class) == ([key], is_class)


# The generated module


@pytest.mark.parametrize(
    "name", [name for name in params.__all__ if hasattr(getattr(params, name), "__required_keys__")]
)
def test_keys_are_those_of_the_model(name):
    """A required key is a required field, and the model takes each key."""
    model, param = getattr(types, name.removesuffix("Param")), getattr(types, name)
    fields = {key: field for name, field in model.model_fields.items() for key in (name, field.alias)}
    hints = typing.get_type_hints(param, include_extras=True)
    assert hints.keys() <= fields.keys()
    required = {key for key, hint in hints.items() if typing.get_origin(hint) is not typing.NotRequired}
    assert required == {key for key in hints if fields[key].is_required()}


def test_every_json_request_has_one():
    """And so has every form with fields."""
    names = {operation.body.type for operation in OPERATIONS if operation.body and operation.request_type}
    assert {f"{name}Param" for name in names} <= set(params.__all__)


def test_public_names():
    """`polargrid.types` has each of them."""
    assert set(params.__all__) <= set(dir(types))
    assert types.MessageParam is params.MessageParam
    with pytest.raises(AttributeError, match="has no attribute 'NothingParam'"):
        types.NothingParam  # noqa: B018


def test_pydantic_reads_them():
    """A web framework can take a message as the body of its own requests."""
    adapter: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(list[types.MessageParam])
    message = {"role": "user", "content": "Hi"}
    assert adapter.validate_python([message]) == [message]
    with pytest.raises(pydantic.ValidationError, match=r"0\.role"):
        adapter.validate_python([{"role": "usr"}])
