"""The fields of models as keyword arguments of methods; pure.

The input is the Pydantic module that datamodel-code-generator wrote, so that arguments and models always agree.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise

from generator.schemas import split_union

#: Types of values that an argument takes as text as well.
_TEXT_TYPES = {"AwareDatetime": "datetime", "datetime": "datetime", "date": "date", "time": "time",
               "timedelta": "timedelta", "UUID": "UUID", "AnyUrl": "AnyUrl"}  # fmt: skip
_ENUMS = ("StrEnum", "IntEnum", "Enum")
PARAM = "Param"  # the ending of the name of a TypedDict
STRICT = "PolargridStrict"  # the ending of the name of a class as requests have it, if responses have it too
_OBJECT = "AnyObject"


@dataclass(frozen=True)
class Argument:
    """A keyword argument."""

    name: str
    type: str
    required: bool
    description: str
    alias: str = ""
    """The name of the field in JSON, if it has another one in Python."""


@dataclass(frozen=True)
class ModelArguments:
    """What a Pydantic module says about arguments."""

    classes: dict[str, list[Argument]]
    """The fields of each model in their order, by the model's name."""
    aliases: dict[str, str]
    """The type of an argument for each component that is no class."""
    enums: frozenset[str]
    """The names of the enums among the classes."""
    descriptions: dict[str, str]
    """The descriptions of classes and aliases."""
    objects: dict[str, str]
    """What an argument accepts for a class, beside it."""
    imports: tuple[str, ...]
    """The statements that import the other names of types."""


def parse_arguments(models: str, strict: str = "") -> ModelArguments:
    """Return the arguments of every model of a Pydantic module.

    `strict` has the classes of the same names, with STRICT behind them, as requests have them.
    """
    module = ast.parse(models)
    classes = {node.name: node for node in module.body if isinstance(node, ast.ClassDef)}
    strict_nodes = [node for node in ast.parse(strict).body if isinstance(node, ast.ClassDef)]
    classes |= {node.name.removesuffix(STRICT): node for node in strict_nodes}
    nodes = {ast.unparse(node.target): node.value for node in module.body if isinstance(node, ast.AnnAssign)}
    values = {name: _enum_values(node) for name, node in classes.items()}
    objects = {name: _object_type(node) for name, node in classes.items()}
    widener = _TypeWidener(values, nodes, objects)
    descriptions = {name: ast.get_docstring(node) or "" for name, node in classes.items()}
    for node, following in pairwise(module.body):
        if isinstance(node, ast.AnnAssign):
            descriptions[ast.unparse(node.target)] = str(_string_value(following) or "").strip()
    return ModelArguments(
        {name: list(_class_arguments(node, classes, widener).values()) for name, node in classes.items()},
        {name: widener.text(value) for name, value in nodes.items()},
        frozenset(name for name, items in values.items() if items),
        descriptions,
        objects,
        ("from datetime import datetime", *(ast.unparse(node) for node in module.body if _imports_types(node))),
    )


def _imports_types(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module not in ("__future__", "typing", "enum")


def _object_type(node: ast.ClassDef) -> str:
    """Return what an argument accepts for a class; no TypedDict has fields beyond its own that have a type."""
    has_extra = any(isinstance(item, ast.Assign) and "__pydantic_extra__" in ast.unparse(item) for item in node.body)
    return f"{node.name.removesuffix(STRICT)}{PARAM} | {'Mapping[str, Any] | ' * has_extra}{_OBJECT}"


def _enum_values(node: ast.ClassDef) -> list[object]:
    """Return the values of an enum; for any other class, nothing."""
    if not any(ast.unparse(base) in _ENUMS for base in node.bases):
        return []
    values = [item.value for item in node.body if isinstance(item, ast.Assign)]
    return [value.value for value in values if isinstance(value, ast.Constant)]


def _class_arguments(
    node: ast.ClassDef, classes: dict[str, ast.ClassDef], widener: _TypeWidener
) -> dict[str, Argument]:
    """Return the fields by name, those of the bases first."""
    arguments: dict[str, Argument] = {}
    for base in (classes[name] for name in map(ast.unparse, node.bases) if name in classes):
        arguments |= _class_arguments(base, classes, widener)
    for item, following in zip(node.body, [*node.body[1:], None], strict=True):
        if not isinstance(item, ast.AnnAssign) or not isinstance(item.target, ast.Name):
            continue
        field_doc = _string_value(following)
        model = classes.get(ast.unparse(item.annotation))
        description = str(field_doc or (ast.get_docstring(model) if model else None) or "")
        text = " ".join(f"{description} {_describe_default(item.value, classes)}".split())
        name, alias, type_ = item.target.id, _find_alias(item.annotation), widener.text(item.annotation)
        arguments[name] = Argument(name, type_, item.value is None, text, alias)
    for name in _keyword_values(node, "not_null"):
        for field in [field for field in arguments.values() if name in (field.name, field.alias)]:
            types = [kind for kind in split_union(field.type) if kind != "None"]
            arguments[field.name] = replace(field, type=" | ".join(types))
    return arguments


def _keyword_values(node: ast.ClassDef, name: str) -> list[str]:
    """Return the names in an option of a class."""
    return next((ast.literal_eval(keyword.value) for keyword in node.keywords if keyword.arg == name), [])


def _find_alias(annotation: ast.expr) -> str:
    keywords = [item for item in ast.walk(annotation) if isinstance(item, ast.keyword) and item.arg == "alias"]
    return str(ast.literal_eval(keywords[0].value)) if keywords else ""


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
    """Widens a field's type to what an argument accepts: objects for models, values for enums, sequences for lists."""

    def __init__(
        self, classes: dict[str, list[object]], aliases: dict[str, ast.expr | None], objects: dict[str, str]
    ) -> None:
        self._classes, self._aliases, self._objects = classes, aliases, objects

    def text(self, node: ast.expr | None) -> str:
        """Return the widened type as text."""
        return ast.unparse(self._widen(ast.parse(ast.unparse(node), mode="eval").body)) if node else ""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        """Widen a union, with each member once."""
        return _union([*_members(self._widen(node.left)), *_members(self._widen(node.right))])

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """Drop constraints, which the model checks, and accept any iterable for a list, of texts any sequence."""
        outer = ast.unparse(node.value)
        if outer == "Annotated" and isinstance(node.slice, ast.Tuple):
            return self._widen(node.slice.elts[0])
        if outer == "Literal":
            return node
        inner = self._widen(node.slice)
        if outer == "list":
            return ast.Subscript(ast.Name("Sequence" if _has_text(inner) else "Iterable"), inner)
        return ast.Subscript(ast.Name("Mapping") if outer == "dict" else node.value, inner)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Accept a TypedDict or another object for a model, a value for an enum, and text for a date."""
        if node.id in self._aliases:
            return ast.parse(self.text(self._aliases[node.id]), mode="eval").body
        if node.id in _TEXT_TYPES:
            return _union([ast.Name(_TEXT_TYPES[node.id]), ast.Name("str")])
        values = self._classes.get(node.id)
        if values is None:
            return node
        enum = f"{node.id} | Literal[{', '.join(map(repr, values))}]"
        return _union([*_members(ast.parse(enum if values else self._objects[node.id], mode="eval").body)])

    def _widen(self, node: ast.expr) -> ast.expr:
        result: ast.expr = self.visit(node)
        return result


def _has_text(items: ast.expr) -> bool:
    """Whether an iterable of these would be a dict as well, whose keys they are."""
    return any(isinstance(item, ast.Name) and item.id in ("str", "Literal", "Any") for item in ast.walk(items))


def _members(union: ast.expr) -> Iterator[ast.expr]:
    if isinstance(union, ast.BinOp):
        yield from _members(union.left)
        yield from _members(union.right)
    else:
        yield union


def _union(members: list[ast.expr]) -> ast.expr:
    unique = {ast.unparse(member): member for member in members}
    for last in (_OBJECT, "None"):
        if last in unique:
            unique[last] = unique.pop(last)
    return reduce(lambda union, member: ast.BinOp(union, ast.BitOr(), member), unique.values())
