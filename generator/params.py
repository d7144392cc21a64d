"""The TypedDicts of the objects of requests; pure."""

from __future__ import annotations

import ast
import keyword
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from generator.arguments import PARAM, Argument, ModelArguments
from generator.operations import APIOperation


@dataclass(frozen=True)
class Param:
    """The TypedDict of a class, or the type of a component that is none."""

    name: str
    description: str
    fields: tuple[Argument, ...] = ()
    type: str = ""
    """What a name that is no TypedDict stands for."""

    @property
    def is_class(self) -> bool:
        """Whether each key can be an attribute of a class, where it hides no name of the annotations."""
        used = {name for item in self.fields for name in _find_names(item.type)} | {"NotRequired"}
        return all(key.isidentifier() and not keyword.iskeyword(key) and key not in used for key, _ in self.items)

    @property
    def items(self) -> list[tuple[str, Argument]]:
        """The fields by their keys: the names in JSON, or of a list in a form, `words[]`, the argument: `words`."""
        return [(item.name if item.alias in ("", f"{item.name}[]") else item.alias, item) for item in self.fields]


def build_params(
    arguments: ModelArguments, operations: Iterable[APIOperation], requests: Mapping[str, Collection[str]]
) -> list[Param]:
    """Return the TypedDicts of the bodies, and of the objects that bodies and parameters refer to.

    `requests` are the components that requests reach, with the fields that only responses have. Those that are no class
    have a name here too.
    """
    names: set[str] = set()
    queue = [name for name in requests if name in arguments.aliases]
    for op in operations:
        queue += [op.body.type] if op.body and op.body.type else []
        for item in arguments.classes.get(op.parameters_type or "", ()):
            queue += _find_objects(item.type)
    while queue:
        name = queue.pop()
        if name in names or name in arguments.enums:
            continue
        fields = [item.type for item in arguments.classes.get(name, ())]
        types = [arguments.aliases[name]] if name in arguments.aliases else fields
        objects = [item for kind in types for item in _find_objects(kind)]
        if name in arguments.classes or objects:
            names.add(name)
            queue += [item for item in objects if item in arguments.classes]
    classes = [
        Param(
            f"{name}{PARAM}",
            arguments.descriptions[name],
            tuple(item for item in fields if (item.alias or item.name) not in requests.get(name, ())),
        )
        for name, fields in arguments.classes.items()
        if name in names
    ]
    aliases = [
        Param(f"{name}{PARAM}", arguments.descriptions[name], type=kind)
        for name, kind in arguments.aliases.items()
        if name in names
    ]
    return [*classes, *aliases]


def _find_objects(annotation: str) -> list[str]:
    """Return the components whose TypedDicts an annotation has."""
    return [name.removesuffix(PARAM) for name in sorted(_find_names(annotation)) if name.endswith(PARAM)]


def _find_names(annotation: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(annotation)) if isinstance(node, ast.Name)}
