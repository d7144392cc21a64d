"""The fields of the request types -> keyword arguments of methods; pure.

The types are read from the Pydantic module that datamodel-code-generator wrote: what it decided is not decided again.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import reduce


@dataclass(frozen=True)
class Argument:
    """A field of a request, as a keyword argument."""

    name: str
    type: str
    required: bool
    description: str


def arguments_by_type(models: str) -> dict[str, list[Argument]]:
    """The arguments of every type of a Pydantic module, by the type's name, in the order of its fields."""
    module = ast.parse(models)
    classes = {node.name: node for node in module.body if isinstance(node, ast.ClassDef)}
    accepted = _Accepted({name: _values(node) for name, node in classes.items()})
    return {name: _arguments(node, classes, accepted) for name, node in classes.items()}


def _values(node: ast.ClassDef) -> list[str]:
    """The values of an enum; empty for any other class."""
    if not any(ast.unparse(base) == "StrEnum" for base in node.bases):
        return []
    assigned = [item.value for item in node.body if isinstance(item, ast.Assign)]
    return [str(value.value) for value in assigned if isinstance(value, ast.Constant)]


def _arguments(node: ast.ClassDef, classes: dict[str, ast.ClassDef], accepted: _Accepted) -> list[Argument]:
    found = []
    for item, after in zip(node.body, [*node.body[1:], None], strict=True):
        if not isinstance(item, ast.AnnAssign) or not isinstance(item.target, ast.Name):
            continue
        said = after.value.value if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) else None
        named = classes.get(ast.unparse(item.annotation))
        description = str(said or (ast.get_docstring(named) if named else None) or "")
        kind = ast.unparse(accepted.visit(item.annotation))
        found.append(Argument(item.target.id, kind, item.value is None, " ".join(description.split())))
    return found


class _Accepted(ast.NodeTransformer):
    """What an argument takes for a field: mappings beside models, values beside enums, any sequence for a list."""

    def __init__(self, classes: dict[str, list[str]]) -> None:
        self._classes = classes

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        """A union names each of its members once."""
        return _union([*_members(self._visited(node.left)), *_members(self._visited(node.right))])

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """Bounds are checked by the type; its lists may be any sequence."""
        outer = ast.unparse(node.value)
        if outer == "Annotated" and isinstance(node.slice, ast.Tuple):
            return self._visited(node.slice.elts[0])
        if outer == "Literal":
            return node
        inner = self._visited(node.slice)
        if outer == "list":
            return ast.Subscript(ast.Name("Sequence"), inner)
        return ast.Subscript(node.value, inner)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """A model can be a mapping of its fields, an enum one of its values."""
        values = self._classes.get(node.id)
        if values is None:
            return node
        other = f"Literal[{', '.join(map(repr, values))}]" if values else "Mapping[str, Any]"
        return _union([node, ast.parse(other, mode="eval").body])

    def _visited(self, node: ast.expr) -> ast.expr:
        visited: ast.expr = self.visit(node)
        return visited


def _members(union: ast.expr) -> list[ast.expr]:
    if isinstance(union, ast.BinOp):
        return [*_members(union.left), *_members(union.right)]
    return [union]


def _union(members: list[ast.expr]) -> ast.expr:
    once = {ast.unparse(member): member for member in members}
    return reduce(lambda left, right: ast.BinOp(left, ast.BitOr(), right), once.values())
