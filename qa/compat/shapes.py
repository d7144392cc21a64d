"""What types are for the comparison: members of unions, literals, and the kinds of classes; pure."""

from __future__ import annotations

import dataclasses
import enum
import inspect
import types
import typing
from collections import abc
from collections.abc import Iterator
from typing import Any, Final

import typing_extensions

from qa.compat.hints import resolve

# A parameter without these can be omitted; that is compared by its default.
_SENTINELS: Final = {"Omit", "NotGiven"}
_UNIONS: Final = (typing.Union, types.UnionType)
_LITERALS: Final = (typing.Literal, typing_extensions.Literal)
SEQUENCES: Final = {list, tuple, abc.Sequence, abc.Iterable, abc.Collection, set, frozenset, abc.Iterator}
MAPPINGS: Final = {dict, abc.Mapping, abc.MutableMapping}


class Variable:
    """Any type variable: what it stands for is compared where it is known."""


def list_members(kind: Any) -> list[Any]:
    """The members of a union without those that mean an omitted argument, each literal as a literal of its own."""
    return [
        member
        for part in split_union(kind)
        for member in ([typing.Literal[value] for value in typing.get_args(part)] if is_literal(part) else [part])
        if getattr(member, "__name__", "") not in _SENTINELS
    ]


def split_union(kind: Any) -> list[Any]:
    """The members of a union, with each literal as it was written; [kind] of any other type."""
    kind = resolve(kind, "builtins")
    if isinstance(kind, typing_extensions.TypeAliasType):
        return split_union(kind.__value__)
    if typing.get_origin(kind) in _UNIONS:
        return [member for part in typing.get_args(kind) for member in split_union(part)]
    if isinstance(kind, typing.TypeVar | typing_extensions.TypeVar):
        return [Variable]
    return [type(None) if kind is None else kind]


def get_origin(kind: Any) -> Any:
    """The class of a type without its arguments."""
    metadata = getattr(kind, "__pydantic_generic_metadata__", None)
    if metadata and metadata["origin"]:
        return metadata["origin"]
    return typing.get_origin(kind) or kind


def get_arguments(kind: Any) -> tuple[Any, ...]:
    metadata = getattr(kind, "__pydantic_generic_metadata__", None)
    return tuple(metadata["args"]) if metadata and metadata["args"] else typing.get_args(kind)


def is_literal(kind: Any) -> bool:
    return typing.get_origin(kind) in _LITERALS


def literal_value(kind: Any) -> Any:
    return typing.get_args(kind)[0]


def is_any(kind: Any) -> bool:
    return kind in (Any, object, typing_extensions.Any, Variable)


def is_typed_dict(kind: Any) -> bool:
    return typing_extensions.is_typeddict(kind)


def is_model(kind: Any) -> bool:
    """Whether it is a Pydantic model."""
    return inspect.isclass(kind) and hasattr(kind, "model_fields")


def is_enum(kind: Any) -> bool:
    return inspect.isclass(kind) and issubclass(kind, enum.Enum)


def is_sequence(kind: Any) -> bool:
    """Whether it is a list, an iterable or a similar type; `SequenceNotStr` is one by its name."""
    origin = get_origin(kind)
    return origin in SEQUENCES or getattr(origin, "__name__", "") == "SequenceNotStr"


def is_mapping(kind: Any) -> bool:
    return get_origin(kind) in MAPPINGS


def is_record(kind: Any) -> bool:
    """Whether it has named fields: a TypedDict, a model or a dataclass."""
    origin = get_origin(kind)
    return is_typed_dict(origin) or is_model(origin) or (inspect.isclass(origin) and dataclasses.is_dataclass(origin))


def iterate_parts(kind: Any) -> Iterator[Any]:
    """The type itself, and those that it is made of: members, arguments."""
    for member in split_union(kind):
        yield member
        for argument in get_arguments(member) if not is_literal(member) else ():
            for part in argument if isinstance(argument, list) else [argument]:
                if part is not ...:
                    yield from iterate_parts(part)


def describe(kind: Any) -> str:
    """A short text of a type, without the modules of its names."""
    if is_literal(kind):
        return repr(literal_value(kind))
    if kind is type(None):
        return "None"
    arguments = get_arguments(kind)
    name = getattr(get_origin(kind), "__name__", None) or str(kind).rpartition(".")[2]
    if typing.get_origin(kind) in _UNIONS:
        return " | ".join(describe(argument) for argument in arguments)
    return f"{name}[{', '.join(describe(item) for item in arguments)}]" if arguments else name
