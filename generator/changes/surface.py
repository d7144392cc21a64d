"""The public names of the Python packages, read by griffe from their sources without importing them.

Public are the modules of `polargrid` without an underscore: their `__all__`, else the names that they define and those
that they import `as` themselves or by `*`. Of a class, its members without an underscore and those that it inherits
from our packages; of a client, also the methods of its resources, like `PolarGrid.chat.completions.create`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import griffe

PACKAGES = ("polargrid_runtime", "polargrid_generated", "polargrid")
FOLDERS = ("overlay", "generated")
_GENERATED = "polargrid_generated"
_RAW = "with_raw_response"  # the same methods again


@dataclass
class Surface:
    """The public objects, each by the name that users know it by."""

    classes: dict[str, griffe.Class] = field(default_factory=dict)
    """Also those of resources, like `PolarGrid.chat.completions`."""
    functions: dict[str, griffe.Function] = field(default_factory=dict)
    """Functions of modules."""
    attributes: dict[str, griffe.Attribute] = field(default_factory=dict)
    """Constants and type aliases of modules."""
    exports: dict[str, str] = field(default_factory=dict)
    """The file of each importable name, like `polargrid.types.Message`, relative to the root."""


def read_surface(root: Path) -> Surface | None:
    """Return the public names of the packages below a folder; None if it has no `polargrid`."""
    if not (root / FOLDERS[0] / "polargrid").is_dir():
        return None
    loader = griffe.GriffeLoader(search_paths=[root / folder for folder in FOLDERS], allow_inspection=False)
    for package in PACKAGES:
        if any((root / folder / package).is_dir() for folder in FOLDERS):
            loader.load(package)
    loader.resolve_aliases()
    surface = Surface()
    for module in _public_modules(loader.modules_collection["polargrid"]):
        for name in _public_names(module):
            member = module.members.get(name)
            target = _resolve(member) if member is not None else None
            if target is not None:
                _add(surface, module, name, target, root)
    return surface


def _public_modules(package: griffe.Module) -> Iterator[griffe.Module]:
    yield package
    for name, module in sorted(package.modules.items()):
        if not name.startswith("_") and not module.is_alias:
            yield from _public_modules(module)


def _public_names(module: griffe.Module) -> list[str]:
    if module.exports is not None:
        return [str(name) for name in module.exports]
    imported = _find_exported_imports(module)
    names = []
    for name, member in module.members.items():
        is_exported = name in imported or (member.is_alias and f"{_parent(member)}.*" in imported)
        if not name.startswith("_") and (is_exported if member.is_alias else not member.is_module):
            names.append(name)
    return names


def _find_exported_imports(module: griffe.Module) -> set[str]:
    """Return the names that a module imports `as` themselves, and `module.*` of imports by `*`."""
    tree = ast.parse(_file(module).read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names = {item.asname for node in imports for item in node.names if item.asname == item.name}
    stars = {f"{node.module}.*" for node in imports for item in node.names if item.name == "*"}
    return {name for name in names if name} | stars


def _parent(member: griffe.Object | griffe.Alias) -> str:
    return member.target_path.rpartition(".")[0] if isinstance(member, griffe.Alias) else ""


def _resolve(member: griffe.Object | griffe.Alias) -> griffe.Object | None:
    """Return the object of a name; None if another package defines it."""
    try:
        return member.final_target if isinstance(member, griffe.Alias) else member
    except griffe.AliasResolutionError:
        return None


def _add(surface: Surface, module: griffe.Module, name: str, target: griffe.Object, root: Path) -> None:
    surface.exports[f"{module.path}.{name}"] = str(_file(target).relative_to(root))
    if isinstance(target, griffe.Class):
        if target not in surface.classes.values():  # a class has one name, that of the first module
            surface.classes[name] = target
            for path, resource in _find_resources(name, target, module.modules_collection):
                if resource not in surface.classes.values():  # a subclass of a client has those of the client
                    surface.classes[path] = resource
    elif isinstance(target, griffe.Function):
        surface.functions.setdefault(f"{module.path}.{name}", target)
    elif isinstance(target, griffe.Attribute):
        surface.attributes.setdefault(f"{module.path}.{name}", target)


def _find_resources(
    path: str, owner: griffe.Class, modules: griffe.ModulesCollection
) -> Iterator[tuple[str, griffe.Class]]:
    """Yield the resources of a client: the classes that its generated properties return."""
    for name, member in public_members(owner).items():
        annotation = member.annotation if isinstance(member, griffe.Attribute) else None
        if not isinstance(annotation, griffe.Expr) or "property" not in member.labels or name == _RAW:
            continue
        target = annotation.canonical_path
        if target.startswith(f"{_GENERATED}.") and target.endswith("Resource"):
            yield f"{path}.{name}", modules[target]
            yield from _find_resources(f"{path}.{name}", modules[target], modules)


def public_members(owner: griffe.Class) -> dict[str, griffe.Object]:
    """Return the members of a class without an underscore, and its constructor, also inherited ones."""
    members = {}
    for name, member in owner.all_members.items():
        target = _resolve(member)
        if target is not None and (name == "__init__" or not name.startswith("_")):
            members[name] = target
    return members


def find_file(item: griffe.Object, root: Path) -> str:
    """Return the file of an object, relative to the root."""
    return str(_file(item).relative_to(root))


def is_generated(item: griffe.Object) -> bool:
    """Whether openapi.yaml describes an object."""
    return item.canonical_path.startswith(f"{_GENERATED}.")


def _file(item: griffe.Object) -> Path:
    path = item.filepath
    return path if isinstance(path, Path) else path[0]
