"""Types are compared as sets of values."""

from __future__ import annotations

import pytest

from generator.changes.annotations import includes, parse_annotation, render_union


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ("str | None", "str"),
        ("Optional[str]", "None | str"),
        ("float", "int"),
        ("str", "Literal['a', 'b']"),
        ("Literal['a', 'b']", "Literal['b']"),
        ("Any", "list[Message]"),
        ("Sequence[str | int]", "list[str]"),
        ("Mapping[str, Any]", "dict[str, int]"),
        ("str", "datetime"),
        ("Annotated[int, Field(ge=1)]", "int"),
        ("types.Message", "Message"),
        ("Iterable[MessageParam | AnyObject]", "Sequence[Message | Mapping[str, Any]]"),
        ("list", "list[int]"),
    ],
)
def test_wide_type_includes_the_narrow_one(wide, narrow):
    """Every value of the narrow type is one of the wide type, and not the other way round if they differ."""
    pair = parse_annotation(wide), parse_annotation(narrow)
    assert includes(*pair)
    assert pair[0] == pair[1] or not includes(pair[1], pair[0]) or wide == "list"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("None | str | int", "int | str | None"),
        ("Literal['b', 'a'] | A", "A | Literal['a', 'b']"),
        ("Dict[str, list['A']]", "Dict[str, list[A]]"),
    ],
)
def test_unions_are_sorted(text, expected):
    """A type has one notation."""
    assert render_union(parse_annotation(text)) == expected
