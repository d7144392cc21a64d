"""Values of a response by their path, and the pages of a list."""

from __future__ import annotations

import pytest
from pydantic import Field

from polargrid_runtime.operation import Pages
from polargrid_runtime.paths import MAX_EMPTY_PAGES, PageCursor, read_path, replace_field
from polargrid_runtime.response import ResponseModel

PAGES = Pages(("data",), "after", ("next",), ("more",))


class Page(ResponseModel, extra="allow"):
    data: list[int] = []  # noqa: RUF012 - Pydantic copies it
    if_: str | None = Field(None, alias="if")
    inner: dict[str, list[int]] = {}  # noqa: RUF012


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ((), None),
        (("if",), "x"),
        (("inner", "a", "0"), 1),
        (("inner", "a", "-1"), 2),
        (("inner", "a", "5"), None),
        (("inner", "a", "b"), None),
        (("inner", "b", "0"), None),
        (("extra", "deep"), 3),
        (("missing",), None),
    ],
)
def test_path(path, value):
    """Names are those on the wire; a list has indices from either end; what is missing is None."""
    page = Page.model_validate({"if": "x", "inner": {"a": [1, 2]}, "extra": {"deep": 3}})
    assert read_path(page, path) == (value if path else page)


@pytest.mark.parametrize(
    ("page", "value"),
    [
        ({"more": True, "next": "b"}, "b"),
        ({"more": False, "next": "b"}, None),
        ({"next": "b"}, None),
        ({"more": True, "next": ""}, None),
        ({"more": True, "next": None}, None),
        ({"more": True, "next": "a"}, None),
        ({"more": True, "next": 0}, 0),
    ],
)
def test_next_page(page, value):
    """There is none if nothing says so, and none that was read."""
    assert PageCursor(PAGES, "a").next_value(page) == value


def test_cursor_without_more():
    """The next value alone says whether there is another page; one that was read is the end."""
    cursor = PageCursor(Pages(("data",), "after", ("next",)), None)
    assert [cursor.next_value({"next": value}) for value in ("a", "b", "a")] == ["a", "b", None]
    assert not cursor.is_lost


@pytest.mark.parametrize("value", [None, "", "a"])
def test_more_pages_without_a_name(value):
    """A page that says that there are more, and names none that was not read, is not the end of a list."""
    cursor = PageCursor(PAGES, "a")
    assert cursor.next_value({"more": True, "next": value}) is None
    assert cursor.is_lost


def test_endless_list():
    """A server that names another page again and again, without an item, is not asked forever."""
    cursor = PageCursor(PAGES, None)
    for _ in range(MAX_EMPTY_PAGES):
        assert cursor.read_items({}) == []
    assert not cursor.is_endless
    assert cursor.read_items({"data": [1]}) == [1]
    for _ in range(MAX_EMPTY_PAGES + 1):
        cursor.read_items({"data": None})
    assert cursor.is_endless


def test_field_of_a_request():
    """A model is sent with the fields that were set."""
    assert replace_field(Page(data=[1]), "after", "x") == {"data": [1], "after": "x"}
    assert replace_field({"after": "a", "b": 1}, "after", "x") == {"after": "x", "b": 1}
    assert replace_field(None, "after", "x") == {"after": "x"}
