"""The names that programs import from `openai` for the operations that both SDKs have."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import sys
import textwrap
import types
from collections.abc import Iterable, Iterator
from typing import Any

from qa.compat import shapes
from qa.compat.hints import get_fields, get_parameters, get_returns, load_namespace
from qa.compat.members import list_attributes


def collect_types(functions: Iterable[Any], package: str) -> list[Any]:
    """The types that functions take and return, with those of their fields and methods, recursively."""
    found: dict[Any, None] = {}
    stack = [kind for function in functions for kind in [*_types_of(function), *_types_in_source(function, package)]]
    while stack:
        for part in shapes.iterate_parts(stack.pop()):
            kind = part if shapes.is_literal(part) else shapes.get_origin(part)
            if not _is_hashable(kind) or kind in found:
                continue
            found[kind] = None
            if isinstance(kind, type) and kind.__module__.partition(".")[0] == package:
                stack += _types_of_class(kind, package)
    return list(found)


def _types_of(function: Any) -> Iterator[Any]:
    for parameter in get_parameters(function).values():
        yield parameter.type
    yield from get_returns(function)


def _types_in_source(function: Any, package: str) -> Iterator[Any]:
    """The classes that the source of a function names in modules of types: those of its parameters together."""
    names = load_namespace(function.__module__)
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = names.get(node.value.id)
            if isinstance(module, types.ModuleType) and module.__name__.startswith(f"{package}.types."):
                yield getattr(module, node.attr, None)


def _types_of_class(kind: Any, package: str) -> Iterator[Any]:
    yield from get_fields(kind).values()
    if shapes.is_typed_dict(kind):
        return
    for name in list_attributes(kind, package):
        value = vars(kind).get(name)
        value = getattr(value, "fget", value)
        if isinstance(value, types.FunctionType):
            yield from _types_of(value)


def list_type_modules(package: str, collected: Iterable[Any]) -> list[types.ModuleType]:
    """The public modules that have the collected types: those that define some, and `openai.types.shared`."""
    root = importlib.import_module(f"{package}.types")
    for module in pkgutil.walk_packages(root.__path__, f"{root.__name__}."):
        importlib.import_module(module.name)
    homes = {_public_part(kind.__module__) for kind in collected if isinstance(kind, type)}
    homes = {home for home in homes if f"{home}.".startswith(f"{package}.") and home != package}
    folders = {home if hasattr(sys.modules[home], "__path__") else home.rpartition(".")[0] for home in homes}
    prefix = f"{root.__name__}."
    return [
        module
        for name, module in sorted(sys.modules.items())
        if name in (homes | folders) - {package}
        or name.startswith(f"{prefix}shared")
        or (name.startswith(prefix) and name.rpartition(".")[0] in folders and not hasattr(module, "__path__"))
    ]


def _public_part(module: str) -> str:
    """`openai.lib.streaming.chat` of `openai.lib.streaming.chat._events`."""
    return module.partition("._")[0]


def list_type_names(module: types.ModuleType, collected: Iterable[Any], package: str) -> list[str]:
    """The names of a module for the collected types: classes, unions and literals that are made of them."""
    known = set(collected)
    public = vars(module).get("__all__") or list(vars(module))
    return sorted(
        name for name in public if not name.startswith("_") and _is_known(getattr(module, name), known, package)
    )


def _is_known(value: Any, known: set[Any], package: str) -> bool:
    if isinstance(value, types.ModuleType) or not _is_hashable(value):
        return False
    parts = [part for part in shapes.split_union(value) if part is not type(None)]
    origins = [part if shapes.is_literal(part) else shapes.get_origin(part) for part in parts]
    own = [item for item in origins if shapes.is_literal(item) or getattr(item, "__module__", "").startswith(package)]
    return bool(own) and all(_is_hashable(item) and item in known for item in origins)


def _is_hashable(kind: Any) -> bool:
    try:
        hash(kind)
    except TypeError:
        return False
    return True


def list_exports(module: types.ModuleType) -> list[str]:
    """The public names of a module: of `__all__`, those that it imports under their own name, and its settings."""
    names = dict.fromkeys(module.__all__)
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.ImportFrom):
            names |= dict.fromkeys(alias.name for alias in node.names if alias.name == alias.asname)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names[node.target.id] = None
    return [name for name in names if not name.startswith("_") and hasattr(module, name)]
