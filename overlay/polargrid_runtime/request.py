"""Objects of a request, which follow the document."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import core_schema


class RequestModel(BaseModel, defer_build=True):
    """An object of a request.

    The fields in `not_null` may be omitted, and null is no value of them: None is rejected, although it is the value of
    the attribute of an omitted field.
    """

    _not_null: ClassVar[Collection[str]] = ()

    def __init_subclass__(cls, not_null: Collection[str] = (), **options: Any) -> None:
        super().__init_subclass__(**options)
        cls._not_null = (*cls._not_null, *not_null)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        schema: Any = handler(source)
        for name, field in schema["schema"].get("fields", {}).items():
            if field.get("validation_alias", name) in cls._not_null and field["schema"]["type"] == "default":
                field["schema"] = {**field["schema"], "schema": reject_null(field["schema"]["schema"])}
        return schema  # type: ignore[no-any-return]


def reject_null(schema: Any) -> Any:
    """Return a core schema without its null."""
    return schema["schema"] if schema["type"] == "nullable" else schema


@cache
def open_model(kind: type[BaseModel]) -> type[BaseModel]:
    """Return a model that accepts fields that the document does not have; it is `kind` itself unless that is closed."""
    if kind.model_config.get("extra") != "forbid":
        return kind
    return type(kind.__name__, (kind,), {"model_config": ConfigDict(extra="allow"), "__module__": kind.__module__})
