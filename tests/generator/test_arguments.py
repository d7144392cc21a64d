"""Fields of request models as keyword arguments."""

from __future__ import annotations

import pytest

from generator.arguments import Argument, parse_arguments


@pytest.mark.parametrize(
    ("annotation", "argument_type"),
    [
        ("str", "str"),
        ("list[str]", "Sequence[str]"),
        ("list[int] | list[list[int]]", "Iterable[int] | Iterable[Iterable[int]]"),
        ("list[Literal['a', 'b']]", "Sequence[Literal['a', 'b']]"),
        ("list[Part] | str | None", "Iterable[PartParam | AnyObject] | str | None"),
        ("Colour", "Colour | Literal['red', 'blue']"),
        ("Colour | str", "Colour | Literal['red', 'blue'] | str"),
        ("Annotated[int | None, Field(ge=0)]", "int | None"),
        ("Annotated[list[Annotated[Part, Field()]], Field(min_length=1)]", "Iterable[PartParam | AnyObject]"),
        ("dict[str, Part]", "Mapping[str, PartParam | AnyObject]"),
        ("Literal['a', 'b'] | None", "Literal['a', 'b'] | None"),
        ("Part | None | str", "PartParam | str | AnyObject | None"),
        ("Part | Part", "PartParam | AnyObject"),
    ],
)
def test_argument_type(annotation, argument_type):
    """An argument accepts an object for a model, a value of an enum and an iterable for a list, without bounds."""
    models = f"""
class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"

class Part(BaseModel):
    text: str

class Request(BaseModel):
    field: {annotation}
    \"\"\"
    What it
    is for.
    \"\"\"
    other: int | None = None
"""
    assert parse_arguments(models).classes["Request"] == [
        Argument("field", argument_type, required=True, description="What it is for."),
        Argument("other", "int | None", required=False, description=""),
    ]


@pytest.mark.parametrize(
    ("field", "description"),
    [
        ("int | None = 150", "A limit. Default: 150."),
        ("bool = False", "A limit. Default: False."),
        ("Colour = Colour.BLUE", "A limit. Default: 'blue'."),
        ("int | None = None", "A limit."),
        ("int", "A limit."),
    ],
)
def test_description_ends_with_the_default(field, description):
    """Of an optional field whose default is not None; that of an enum is its value."""
    models = f"""
class Colour(StrEnum):
    BLUE = "blue"

class Request(BaseModel):
    field: {field}
    \"\"\"
    A limit.
    \"\"\"
"""
    assert [argument.description for argument in parse_arguments(models).classes["Request"]] == [description]
