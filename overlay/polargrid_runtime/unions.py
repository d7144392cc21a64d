"""Unions of objects that a property tells apart: of requests, and of responses, open to objects of a newer server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import NoneType
from typing import TYPE_CHECKING, Any, get_args

from pydantic import GetCoreSchemaHandler
from pydantic_core import core_schema

from polargrid_runtime.response import ResponseModel

_UNKNOWN = ""


class UnknownObject(ResponseModel, extra="allow"):
    """An object of a kind that this version of the SDK does not know, from a newer server; it has every field."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


@dataclass(frozen=True, slots=True)
class ClosedUnion:
    """An annotation of `A | B`: the value of a property selects the type.

    Unlike Pydantic's own discriminator, it takes models whose fields LenientModel opens for responses.
    """

    property: str
    values: tuple[tuple[str, ...], ...]
    """The values of each type, in the order of the union."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        types = [kind for kind in get_args(source) if kind is not NoneType]
        choices: dict[Any, core_schema.CoreSchema] = {
            value: handler.generate_schema(kind)
            for kind, values in zip(types, self.values, strict=True)
            for value in values
        }
        union = core_schema.tagged_union_schema(choices, self.property, metadata={"property": self.property})
        return core_schema.nullable_schema(union) if NoneType in get_args(source) else union


@dataclass(frozen=True, slots=True)
class OpenUnion:
    """An annotation of `A | B | UnknownObject`: the value of a property selects the type."""

    property: str
    values: tuple[tuple[str, ...], ...]
    """The values of each type, in the order of the union."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        types = [kind for kind in get_args(source) if kind not in (UnknownObject, NoneType)]
        by_value = {value: kind for kind, values in zip(types, self.values, strict=True) for value in values}
        choices: dict[Any, core_schema.CoreSchema] = {
            value: handler.generate_schema(kind) for value, kind in by_value.items()
        }
        first_values = {kind: values[0] for kind, values in zip(types, self.values, strict=True)}
        name = self.property

        def select(value: Any) -> str | None:
            if isinstance(value, Mapping):
                kind = value.get(name)
                return kind if isinstance(kind, str) and kind in choices else _UNKNOWN
            return first_values.get(type(value), _UNKNOWN if isinstance(value, UnknownObject) else None)

        choices[_UNKNOWN] = handler.generate_schema(UnknownObject)
        union = core_schema.tagged_union_schema(choices, select, metadata={"property": name})
        return core_schema.nullable_schema(union) if NoneType in get_args(source) else union
