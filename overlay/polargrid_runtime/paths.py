"""Values of a response by their path, as `x-pages` and `x-job` of openapi.yaml name them; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from polargrid_runtime.operation import Pages

#: Consecutive pages without an item after which a list is taken for endless.
MAX_EMPTY_PAGES = 100


def read_path(value: Any, path: tuple[str, ...]) -> Any:
    """Return the value that the names of fields and the indices of lists lead to; None if it is missing."""
    for key in path:
        if isinstance(value, BaseModel):
            value = _read_field(value, key)
        elif isinstance(value, Mapping):
            value = value.get(key)
        elif isinstance(value, list) and key.removeprefix("-").isdecimal():
            value = value[int(key)] if -len(value) <= int(key) < len(value) else None
        else:
            return None
    return value


def _read_field(model: BaseModel, key: str) -> Any:
    fields = type(model).model_fields
    name = next((name for name, field in fields.items() if (field.alias or name) == key), None)
    return getattr(model, name) if name is not None else (model.model_extra or {}).get(key)


def replace_field(request: Any, name: str, value: Any) -> dict[str, Any]:
    """Return the fields of a request, a model or a mapping, with another value of one."""
    fields = request.model_dump(exclude_unset=True, by_alias=True) if isinstance(request, BaseModel) else request or {}
    return {**fields, name: value}


class PageCursor:
    """Finds the argument of each page, and the end of the list."""

    def __init__(self, pages: Pages, first: Any) -> None:
        self._pages = pages
        self._seen = {repr(first)}
        self._empty_pages = 0
        self.is_lost = False
        """Whether a page said that there are more, and named none that was not read."""

    @property
    def is_endless(self) -> bool:
        """Whether the last pages had no items although each named another one."""
        return self._empty_pages > MAX_EMPTY_PAGES

    def read_items(self, page: Any) -> list[Any]:
        """Return the items of a page."""
        items = read_path(page, self._pages.items) or []
        self._empty_pages = 0 if items else self._empty_pages + 1
        return list(items)

    def next_value(self, page: Any) -> Any:
        """Return the argument of the next page; None after the last: nothing names another, or one that was read."""
        if self._pages.more is not None and not read_path(page, self._pages.more):
            return None
        value = read_path(page, self._pages.next)
        if value in (None, "") or repr(value) in self._seen:
            self.is_lost = self._pages.more is not None
            return None
        self._seen.add(repr(value))
        return value
