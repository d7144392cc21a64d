"""The type of an object of a request that is not one of the API's: what type checkers leave to validation."""

from __future__ import annotations

from collections.abc import KeysView
from dataclasses import Field
from typing import Annotated, Any, ClassVar, Protocol, TypeAlias

from pydantic import BaseModel, GetCoreSchemaHandler
from pydantic_core import core_schema


class AnyValue:
    """Stands for Any: no other type is accepted for it."""


class AnyMapping(Protocol):
    """A mapping of values of type Any, as a `dict[str, Any]` is.

    The values of a literal have types, so a literal is no AnyMapping: it is checked as the TypedDict beside it.
    """

    def keys(self) -> KeysView[str]: ...

    def __getitem__(self, name: str, /) -> AnyValue: ...


class AnyDataclass(Protocol):
    """An instance of a dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


class _NoValidation:
    """An annotation of a type that Pydantic does not check, for users who validate by the TypedDicts."""

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.any_schema()


AnyObject: TypeAlias = Annotated[BaseModel | AnyMapping | AnyDataclass, _NoValidation()]
"""A Pydantic model, like the message of a response, a dataclass, or a mapping whose values are not typed.

Of a model and a dataclass, the fields that the request has are sent.
"""
