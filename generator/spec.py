"""Reads openapi.yaml, and finds the line of any location in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError

Spec = dict[str, Any]
Location = tuple[str | int, ...]


class SpecError(Exception):
    """An error in openapi.yaml, with its location in the document or its line, if known."""

    def __init__(self, message: str, *, location: Location = (), line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.location = location
        self.line = line


def read_spec(path: Path) -> Spec:
    """Return the document of a file. Raises SpecError with a line unless it is valid OpenAPI 3.1."""
    text = path.read_text(encoding="utf-8")
    tree = _compose(text)
    document = yaml.load(text, yaml.CSafeLoader)
    if not isinstance(document, dict):
        raise SpecError(f"the document is a {type(document).__name__}; expected a mapping", line=1)
    spec = cast(Spec, _stringify_keys(document))
    _validate(spec, tree)
    return spec


def _compose(text: str) -> yaml.Node:
    try:
        tree = yaml.compose(text, yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise SpecError(f"invalid YAML: {error.problem}", line=line) from error
    if tree is None:
        raise SpecError("the document is empty", line=1)
    return tree


def _stringify_keys(value: Any) -> Any:
    """Return the document with the keys of JSON: a status of 200 without quotes is a number in YAML."""
    if isinstance(value, dict):
        return {str(key): _stringify_keys(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_stringify_keys(item) for item in value]
    return value


def _validate(spec: Spec, tree: yaml.Node) -> None:
    version = str(spec.get("openapi", ""))
    if not version.startswith("3.1."):
        raise SpecError(f"openapi: unsupported version {version!r}; expected 3.1.x", line=1)
    for location, reference in _references(spec):
        if not _resolves(spec, reference):
            raise SpecError(f"$ref: unknown target {reference!r}", line=line_of(tree, location))
    try:
        OpenAPIV31SpecValidator(spec).validate()
    except OpenAPIValidationError as error:
        location = tuple(error.absolute_path)
        prefix = "/".join(str(part) for part in location) or "document"
        sentence = str(error.message).splitlines()[0][:300]
        raise SpecError(f"{prefix}: {sentence}", line=line_of(tree, location)) from error


def _references(node: Any, location: Location = ()) -> Iterator[tuple[Location, str]]:
    """Yield every $ref of the document with its location."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield (*location, "$ref"), node["$ref"]
        for name, value in node.items():
            yield from _references(value, (*location, name))
    if isinstance(node, list):
        for index, value in enumerate(node):
            yield from _references(value, (*location, index))


def _resolves(spec: Spec, reference: str) -> bool:
    node: Any = spec
    for part in reference.removeprefix("#/").split("/"):
        if not isinstance(node, dict) or part not in node:
            return False
        node = node[part]
    return reference.startswith("#/")


def find_line(path: Path, location: Location) -> int:
    """Return the line of a location in a file, for errors that are raised after the file is read."""
    return line_of(_compose(path.read_text(encoding="utf-8")), location)


def line_of(tree: yaml.Node, location: Location) -> int:
    """Return the line of a location in the document, or of its nearest ancestor."""
    line = tree.start_mark.line + 1
    for part in location:
        child = _child(tree, part)
        if child is None:
            break
        line, tree = child
    return line


def _child(node: yaml.Node, part: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part].start_mark.line + 1, node.value[part]
    return None
