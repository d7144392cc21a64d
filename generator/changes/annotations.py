"""Python annotations as sets of types, and whether one includes another; pure."""

from __future__ import annotations

import ast
from dataclasses import dataclass
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
    "dict": ("Mapping",),
}


@dataclass(frozen=True)
class Type:
    """A member of a union: `int`, `Literal['mp3']`, or `list[int | None]` with its arguments."""

    name: str
    arguments: tuple[Union, ...] = ()


_CONSTRAINED = {"constr": "str", "conint": "int", "confloat": "float", "conlist": "list"}
Union: TypeAlias = "frozenset[Type]"
ANY = Type("Any")


def parse_annotation(text: str) -> Union:
    """Return the members of a union; `Optional[X]` is `X | None`, and the metadata of `Annotated` are dropped."""
    return _parse(ast.parse(" ".join(text.split()) or "Any", mode="eval").body)


def _parse(node: ast.expr) -> Union:
    if isinstance(node, ast.BinOp):
        return _parse(node.left) | _parse(node.right)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):  # a forward reference
        return parse_annotation(node.value)
    if isinstance(node, ast.Subscript):
        return _parse_subscript(ast.unparse(node.value).rpartition(".")[2], node.slice)
    if isinstance(node, ast.Call):  # Pydantic's constr(min_length=1)
        name = ast.unparse(node.func)
        return frozenset({Type(_CONSTRAINED.get(name, name))})
    if isinstance(node, ast.List):  # the arguments of a Callable
        return frozenset({Type("list", tuple(_parse(item) for item in node.elts))})
    return frozenset({Type(ast.unparse(node).rpartition(".")[2])})


def _parse_subscript(name: str, node: ast.expr) -> Union:
    items = node.elts if isinstance(node, ast.Tuple) else [node]
    if name == "Literal":
        return frozenset(Type(f"Literal[{ast.unparse(item)}]") for item in items)
    if name in ("Annotated", "Required", "NotRequired", "Final"):
        return _parse(items[0])
    if name == "Optional":
        return _parse(items[0]) | {Type("None")}
    if name == "Union":
        return frozenset().union(*(_parse(item) for item in items))
    return frozenset({Type(name, tuple(_parse(item) for item in items))})


def includes(wide: Union, narrow: Union) -> bool:
    """Whether every value of `narrow` is a value of `wide`."""
    return all(any(_includes_type(other, member) for other in wide) for member in narrow)


def _includes_type(wide: Type, narrow: Type) -> bool:
    names = (narrow.name, *_WIDER.get(narrow.name, ()), *(("str", "int") if is_literal(narrow) else ()))
    if wide in (ANY, Type("object")):
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
