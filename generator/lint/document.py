"""The document with the positions of its text, and what is wrong in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import yaml

Spec = dict[str, Any]
Location = tuple[str | int, ...]
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True, slots=True)
class Finding:
    """A mistake: its message, and its location in the document or its position in the text, from 1."""

    message: str
    location: Location = ()
    is_key: bool = False  # the position is that of the key, not of its value
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """The data of a YAML document and the tree of its nodes, which know their positions."""

    spec: Spec
    tree: yaml.Node

    def locate(self, finding: Finding) -> Finding:
        """Return a finding with its position, and with its operation at the start of its message."""
        if finding.line:
            return finding
        line, column = position_of(self.tree, finding.location, is_key=finding.is_key)
        location = finding.location[:-1] if _names_its_key(finding) else finding.location
        message = ": ".join(filter(None, (describe_location(location), finding.message)))
        return replace(finding, message=message, line=line, column=column)


def _names_its_key(finding: Finding) -> bool:
    """Whether the message has the last part of the location; an operation is always shown."""
    location = finding.location
    is_operation = location[:1] == ("paths",) and len(location) < 4
    return finding.is_key and not is_operation and bool(location) and str(location[-1]) in finding.message


def find_at(node: yaml.Node, message: str) -> Finding:
    """Return a finding at the start of a node."""
    return Finding(message, line=node.start_mark.line + 1, column=node.start_mark.column + 1)


def position_of(tree: yaml.Node, location: Location, *, is_key: bool = False) -> tuple[int, int]:
    """Return line and column of a location, or of its nearest ancestor: of a scalar, else of its key."""
    mark = tree.start_mark
    for part in location:
        child = _child(tree, part)
        if child is None:
            break
        key, tree = child
        is_value = isinstance(tree, yaml.ScalarNode) and (tree.value or tree.style) and not is_key
        mark = tree.start_mark if is_value else key.start_mark
    return mark.line + 1, mark.column + 1


def rename_key(tree: yaml.Node, location: Location, name: str) -> None:
    """Give the key of a location another name, so that what is below it is understood."""
    key = tree
    for part in location:
        key, tree = _child(tree, part) or (key, tree)
    key.value = name


def _child(node: yaml.Node, part: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return key, value
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part]
    return None


def describe_location(location: Location) -> str:
    """Return `METHOD path: where in it`, or where in the document; empty for the document."""
    head, rest = "", location
    if location[:1] == ("paths",) and len(location) > 2 and location[2] in METHODS:
        head, rest = f"{str(location[2]).upper()} {location[1]}", location[3:]
    elif location[:1] == ("paths",) and len(location) > 1:
        head, rest = str(location[1]), location[2:]
    return ": ".join(filter(None, (head, ".".join(str(part) for part in rest))))
