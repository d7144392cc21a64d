"""Names that generated code needs for itself; pure, except for the sources that it reads."""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from generator.schemas import Schema, component_kind
from generator.spec import SpecError

_CLASS_NAME = re.compile(r"[A-Z][A-Za-z0-9]*")
#: The modules of a client's class and of its bases, below the folder of the overlay.
_CLIENT = ("polargrid/_async/client.py", "polargrid/_async/api_client.py", "polargrid/_async/request_methods.py",
           "polargrid/_client_properties.py",
           "polargrid_runtime/_async/client.py")  # fmt: skip
_TYPES = "polargrid/types.py"
#: Names that annotations use; a method of this name would hide them in its class.
ANNOTATION_NAMES = frozenset(
    {"bool", "bytes", "date", "datetime", "dict", "float", "int", "list", "str", "time", "timedelta"}
)


def pascal_case(name: str) -> str:
    """Return the name of a class: `create_foo` is `CreateFoo`."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[\W_]+", name))


def check_operation_id(context: str, operation: Mapping[str, Any]) -> str:
    """Return the operationId. Raises SpecError unless it can be the name of a method."""
    name = operation.get("operationId", "")
    if not name:
        message = f"{context}: operationId is missing; add one, which is the name of the method, like list_files"
        raise SpecError(message)
    if not re.fullmatch(r"[a-z][a-z0-9_]*", str(name)) or keyword.iskeyword(name):
        message = f"{context}: operationId {name!r} is not a lower-case Python name"
        raise SpecError(message, location=("operationId",))
    return str(name)


def check_method_names(operations: Iterable[tuple[tuple[str, ...], Sequence[str]]], reserved: Collection[str]) -> None:
    """Raise SpecError for a method whose name is that of another one, or of an attribute of a client.

    `operations` are pairs of the location of an operation and the names of its methods.
    """
    names: dict[str, str] = {}
    for location, own in operations:
        for name in own:
            other = "an attribute of the client" if name in reserved or name in ANNOTATION_NAMES else names.get(name)
            if other is not None:
                context = f"{location[2].upper()} {location[1]}"
                message = f"{context}: the method {name} has the name of {other}; change the operationId"
                raise SpecError(message, location=(*location, "operationId"))
            names[name] = f"a method of {location[2].upper()} {location[1]}"


def check_schema_names(names: Iterable[str]) -> None:
    """Raise SpecError for a schema whose name cannot be the name of a class."""
    for name in names:
        if not _CLASS_NAME.fullmatch(name) or keyword.iskeyword(name):
            example = pascal_case(name) or "Thing"
            example += "Object" * keyword.iskeyword(example)
            message = f"schema {name!r} is not the name of a class; expected one like {example}"
            raise SpecError(message, location=("components", "schemas", name))


def client_attributes(overlay: Path) -> set[str]:
    """Return the public attributes of the clients that are written by hand."""
    names: set[str] = set()
    for module in _CLIENT:
        for node in ast.parse((overlay / module).read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                names.update(_attributes(node))
    return {name for name in names if not name.startswith("_")}


def _attributes(node: ast.ClassDef) -> Iterable[str]:
    for item in ast.walk(node):
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) and item in node.body:
            yield item.name
        elif isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
            yield item.target.id
        elif isinstance(item, ast.Attribute) and isinstance(item.ctx, ast.Store) and ast.unparse(item.value) == "self":
            yield item.attr


def public_types(overlay: Path) -> set[str]:
    """Return the names of `polargrid.types` that are not models of the document."""
    return set(_find_bound_names((overlay / _TYPES).read_text(encoding="utf-8")))


def check_models(schemas: Mapping[str, Schema], models: str, files: Mapping[str, str], reserved: set[str]) -> None:
    """Raise SpecError for a schema that has no model of its name, or whose name means something else in a module.

    `models` is the text of the Pydantic module, `files` the texts of the modules that name its classes.
    """
    module = ast.parse(models)
    defined = {node.name for node in module.body if isinstance(node, ast.ClassDef)}
    bound = reserved.union(_find_imported_names(module), *(_find_bound_names(text) for text in files.values()))
    for name, schema in schemas.items():
        if name in bound or (name not in defined and component_kind(schema) != "alias"):
            what = "the name means something else in generated code"
            message = f"schema {name}: {what}; rename it, to {name}Object perhaps"
            raise SpecError(message, location=("components", "schemas", name))


def _find_bound_names(text: str) -> Iterable[str]:
    """Yield the names that a module defines or imports, except for models."""
    module = ast.parse(text)
    yield from _find_imported_names(module)
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _find_imported_names(module: ast.Module) -> Iterable[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and node.module != "polargrid_generated.models":
            yield from (item.asname or item.name for item in node.names)
