"""Python annotations as sets of types, and whether one includes another; pure."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

#: Types whose values another type has as well. Names of formats are those of `document.py`.
_WIDER = {
    "bool": ("int", "float"),
    "int": ("float",),
    "date": ("str",),
    "datetime": ("str",),
    "time": ("str",),
    "timedelta": ("str",),
    "UUID": ("str",),
    "AnyUrl": ("str",),
    "EmailStr": ("str",),
    "list": ("Sequence", "Iterable"),
    "tuple": ("Sequence", "Iterable"),
    "dict": ("Mapping", "AnyObject"),
    "Mapping": ("AnyObject",),  # of values of any type: a literal has its TypedDict beside it
    "Sequence": ("Iterable",),
}


@dataclass(frozen=True)
class Type:
    """A member of a union: `int`, `Literal['mp3']`, or `list[int | None]` with its arguments."""

    name: str
    arguments: tuple[Union, ...] = ()
    values: tuple[str, ...] = field(default=(), compare=False)
    """The values of an enum, as Python writes them."""


_CONSTRAINED = {"constr": "str", "conint": "int", "confloat": "float", "conlist": "list"}
Union: TypeAlias = "frozenset[Type]"
ANY = Type("Any")


Enums = Mapping[str, tuple[str, ...]]
"""The values of enums by the names of their classes."""


def parse_annotation(text: str, enums: Enums | None = None) -> Union:
    """Return the members of a union; `Optional[X]` is `X | None`, and the metadata of `Annotated` are dropped."""
    return _parse(ast.parse(" ".join(text.split()) or "Any", mode="eval").body, enums or {})


def _parse(node: ast.expr, enums: Enums) -> Union:
    if isinstance(node, ast.BinOp):
        return _parse(node.left, enums) | _parse(node.right, enums)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):  # a forward reference
        return parse_annotation(node.value, enums)
    if isinstance(node, ast.Subscript):
        return _parse_subscript(ast.unparse(node.value).rpartition(".")[2], node.slice, enums)
    if isinstance(node, ast.Call):  # Pydantic's constr(min_length=1)
        name = ast.unparse(node.func)
        return frozenset({Type(_CONSTRAINED.get(name, name))})
    if isinstance(node, ast.List):  # the arguments of a Callable
        return frozenset({Type("list", tuple(_parse(item, enums) for item in node.elts))})
    name = ast.unparse(node).rpartition(".")[2]
    return frozenset({Type(name, values=enums.get(name, ()))})


def _parse_subscript(name: str, node: ast.expr, enums: Enums) -> Union:
    items = node.elts if isinstance(node, ast.Tuple) else [node]
    if name == "Literal":
        return frozenset(Type(f"Literal[{ast.unparse(item)}]") for item in items)
    if name in ("Annotated", "Required", "NotRequired", "Final"):
        return _parse(items[0], enums)
    if name == "Optional":
        return _parse(items[0], enums) | {Type("None")}
    if name == "Union":
        return frozenset().union(*(_parse(item, enums) for item in items))
    return frozenset({Type(name, tuple(_parse(item, enums) for item in items))})


def includes(wide: Union, narrow: Union) -> bool:
    """Whether every value of `narrow` is a value of `wide`; the members of an enum are equal to their values."""
    return all(_includes_member(wide, member) for member in narrow)


def _includes_member(wide: Union, member: Type) -> bool:
    literals = [Type(f"Literal[{value}]") for value in member.values]
    is_listed = bool(literals) and all(_includes_member(wide, literal) for literal in literals)
    is_object = {Type("AnyObject"), Type(f"{member.name}Param")} <= wide  # a model: every one is an AnyObject
    return is_listed or is_object or any(_includes_type(other, member) for other in wide)


def _includes_type(wide: Type, narrow: Type) -> bool:
    names = (narrow.name, *_WIDER.get(narrow.name, ()), *(("str", "int") if is_literal(narrow) else ()))
    if wide in (ANY, Type("object")) or (is_literal(narrow) and narrow.name[8:-1] in wide.values):
        return True
    if wide.name not in names:
        return False
    pairs = zip(wide.arguments, narrow.arguments, strict=False)
    return not wide.arguments or all(includes(outer, inner) for outer, inner in pairs)


def is_literal(member: Type) -> bool:
    """Whether the member is one value."""
    return member.name.startswith("Literal[")


def literal_values(union: Union) -> tuple[str, ...]:
    """Return the values of the literals of a union, sorted, as a reader writes them: without quotes."""
    return tuple(sorted(member.name[8:-1].strip("'\"") for member in union if is_literal(member)))


def render_union(union: Union) -> str:
    """Return a union as Python writes it: sorted, the literals as one, None at the end."""
    literals = sorted(member.name[8:-1] for member in union if is_literal(member))
    names = sorted(_render_type(member) for member in union if not is_literal(member) and member.name != "None")
    names += [f"Literal[{', '.join(literals)}]"] if literals else []
    return " | ".join([*names, *(["None"] if Type("None") in union else [])])


def _render_type(member: Type) -> str:
    arguments = ", ".join(render_union(argument) for argument in member.arguments)
    return f"{member.name}[{arguments}]" if arguments else member.name
