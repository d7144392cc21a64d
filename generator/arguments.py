"""The fields of request models as keyword arguments of methods; pure.

The input is the Pydantic module that datamodel-code-generator wrote, so that arguments and models always agree.
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


def parse_arguments(models: str) -> dict[str, list[Argument]]:
    """Return the arguments of every model of a Pydantic module, by the model's name, in the order of its fields."""
    module = ast.parse(models)
    classes = {node.name: node for node in module.body if isinstance(node, ast.ClassDef)}
    widener = _TypeWidener({name: _enum_values(node) for name, node in classes.items()})
    return {name: _class_arguments(node, classes, widener) for name, node in classes.items()}


def _enum_values(node: ast.ClassDef) -> list[str]:
    """Return the values of an enum; for any other class, nothing."""
    if not any(ast.unparse(base) == "StrEnum" for base in node.bases):
        return []
    values = [item.value for item in node.body if isinstance(item, ast.Assign)]
    return [str(value.value) for value in values if isinstance(value, ast.Constant)]


def _class_arguments(node: ast.ClassDef, classes: dict[str, ast.ClassDef], widener: _TypeWidener) -> list[Argument]:
    arguments = []
    for item, following in zip(node.body, [*node.body[1:], None], strict=True):
        if not isinstance(item, ast.AnnAssign) or not isinstance(item.target, ast.Name):
            continue
        field_doc = _string_value(following)
        model = classes.get(ast.unparse(item.annotation))
        description = str(field_doc or (ast.get_docstring(model) if model else None) or "")
        text = " ".join(f"{description} {_describe_default(item.value, classes)}".split())
        annotation = ast.unparse(widener.visit(item.annotation))
        arguments.append(Argument(item.target.id, annotation, item.value is None, text))
    return arguments


def _describe_default(value: ast.expr | None, classes: dict[str, ast.ClassDef]) -> str:
    """Return a sentence with the default of a field; nothing if it is None or if the field is required."""
    if isinstance(value, ast.Attribute):  # a member of an enum
        members = [item for item in classes[ast.unparse(value.value)].body if isinstance(item, ast.Assign)]
        value = next(item.value for item in members if ast.unparse(item.targets[0]) == value.attr)
    is_constant = isinstance(value, ast.Constant) and value.value is not None
    return f"Default: {ast.unparse(value)}." if value and is_constant else ""


def _string_value(node: ast.stmt | None) -> object:
    return node.value.value if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) else None


class _TypeWidener(ast.NodeTransformer):
    """Widens a field's type to what an argument accepts: mappings for models, values for enums, sequences for lists."""

    def __init__(self, classes: dict[str, list[str]]) -> None:
        self._classes = classes

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        """Widen a union, with each member once."""
        return _union([*_members(self._widen(node.left)), *_members(self._widen(node.right))])

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """Drop constraints, which the model checks, and accept any sequence for a list."""
        outer = ast.unparse(node.value)
        if outer == "Annotated" and isinstance(node.slice, ast.Tuple):
            return self._widen(node.slice.elts[0])
        if outer == "Literal":
            return node
        inner = self._widen(node.slice)
        if outer == "list":
            return ast.Subscript(ast.Name("Sequence"), inner)
        return ast.Subscript(node.value, inner)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Accept a mapping of fields for a model, and a value for an enum."""
        values = self._classes.get(node.id)
        if values is None:
            return node
        alternative = f"Literal[{', '.join(map(repr, values))}]" if values else "Mapping[str, Any]"
        return _union([node, ast.parse(alternative, mode="eval").body])

    def _widen(self, node: ast.expr) -> ast.expr:
        result: ast.expr = self.visit(node)
        return result


def _members(union: ast.expr) -> list[ast.expr]:
    if isinstance(union, ast.BinOp):
        return [*_members(union.left), *_members(union.right)]
    return [union]


def _union(members: list[ast.expr]) -> ast.expr:
    unique = {ast.unparse(member): member for member in members}
    return reduce(lambda union, member: ast.BinOp(union, ast.BitOr(), member), unique.values())
