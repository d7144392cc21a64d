"""openai_names.yaml -> the packages polargrid.openai.types and polargrid.openai.resources: OpenAI's names for generated
classes; pure, except for the table that it reads.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

TABLE = Path(__file__).with_name("openai_names.yaml")
HEADER = f"# Derived from generator/{TABLE.name} by `make generate`; do not edit.\n"
_ROOT = "polargrid.openai"
#: The modules that the classes are in.
_SOURCES = ("models", "params", "parsed", "async_resources", "sync_resources")
_BUILTINS = frozenset({"str", "int", "float", "bool", "dict", "list", "object"})
_TYPING = frozenset({"Literal"})
_INNER = {"types": ("shared",), "resources": ("audio", "chat")}
Package = Mapping[str, Mapping[str, str]]  # module -> name -> expression


class NameTableError(ValueError):
    """The table has a name that is none of the generated classes."""


def render_openai_packages(generated: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return top-level package -> file -> text; `generated` has the files of polargrid_generated.

    Raises NameTableError.
    """
    table: dict[str, Package] = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    sources = {
        name: f"polargrid_generated.{source}"
        for source in _SOURCES
        for name in _defined_names(generated[f"{source}.py"])
    }
    packages: dict[str, dict[str, str]] = {}
    for path, modules in table.items():
        top, _, below = path.partition(".")
        files, prefix = packages.setdefault(top, {}), f"{below}/" if below else ""
        for module, names in modules.items():
            files[f"{prefix}{module}.py"] = HEADER + _render_module(f"{path}.{module}", names, sources)
        files[f"{prefix}__init__.py"] = HEADER + _render_package(path, table)
    return packages


def _defined_names(source: str) -> Iterator[str]:
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


def _render_module(path: str, names: Mapping[str, str], sources: Mapping[str, str]) -> str:
    imports: dict[str, set[str]] = {}
    lines = []
    for name, expression in names.items():
        if "." in expression and expression.replace(".", "").isidentifier():  # the path of a class
            module, _, item = expression.rpartition(".")
            imports.setdefault(module, set()).add(f"{item} as {item}" if item == name else item)
            lines += [f"{name} = {item}"] if name != item else []
            continue
        used = {node.id for node in ast.walk(ast.parse(expression)) if isinstance(node, ast.Name)} - _BUILTINS
        used -= names.keys() - {expression, name}  # a name of the module itself
        for item in sorted(used):
            source = "typing" if item in _TYPING else sources.get(item)
            if source is None:
                raise NameTableError(f"{path}: {name}: there is no class {item}")
            imports.setdefault(source, set()).add(f"{item} as {item}" if item == name else item)
        if expression.isidentifier():
            lines += [f"{name} = {expression}"] if name != expression else []
        else:
            imports.setdefault("typing", set()).add("TypeAlias")
            lines.append(f"{name}: TypeAlias = {expression}")
    head = [f"from {source} import {', '.join(sorted(items))}" for source, items in sorted(imports.items())]
    return "\n".join([f'"""Names of `openai.{path}`."""\n', *head, "", _render_all(names), *lines, ""])


def _render_package(path: str, table: Mapping[str, Package]) -> str:
    exports = {}
    for inner in _INNER.get(path, ()):  # a package has the names of these, too
        exports.update({name: f"{inner}.{module}" for name, module in _exported_names(table[f"{path}.{inner}"])})
    exports.update(_exported_names(table[path]))
    package = f"{_ROOT}.{path}"
    below = sorted(item.removeprefix(f"{path}.") for item in table if item.startswith(f"{path}."))
    modules = sorted([*below, *table[path]])
    head = [f"    from {package} import {item} as {item}" for item in below]
    head += [f"    from {package}.{module} import {name} as {name}" for name, module in sorted(exports.items())]
    return "\n".join(
        [
            f'"""Names of `openai.{path}`, each imported when it is first used."""\n',
            "from typing import TYPE_CHECKING\n",
            "if TYPE_CHECKING:",
            *head,
            "else:",
            f"    from {_ROOT}._lazy import lazy_attributes\n",
            f"    _MODULES = {dict(sorted(exports.items()))!r}",
            f"    __getattr__, __dir__ = lazy_attributes(__name__, _MODULES, {modules!r})\n",
            _render_all([*exports, *below]),
            "",
        ]
    )


def _render_all(names: Iterable[str]) -> str:
    return f"__all__ = {sorted(names)!r}"


def _exported_names(package: Package) -> Iterator[tuple[str, Any]]:
    for module, names in package.items():
        for name in names:
            if name.removeprefix("Async").lower().startswith((module.replace("_", ""), "parsed")):
                yield name, module
