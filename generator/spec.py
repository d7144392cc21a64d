"""Reading openapi.yaml: the document, and the line of any place in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError

Spec = dict[str, Any]
Place = tuple[str | int, ...]


class SpecError(Exception):
    """A fault in openapi.yaml, with its place in the document or the line it stands on, where known."""

    def __init__(self, message: str, *, place: Place = (), line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.line = line


def read(path: Path) -> Spec:
    """Return the document of a file that holds valid OpenAPI 3.1.

    Raises SpecError with a line for anything else.
    """
    text = path.read_text(encoding="utf-8")
    tree = _compose(text)
    document = yaml.load(text, yaml.CSafeLoader)
    if not isinstance(document, dict):
        raise SpecError("the document is not a mapping", line=1)
    spec = cast(Spec, _with_text_keys(document))
    _validate(spec, tree)
    return spec


def _compose(text: str) -> yaml.Node:
    try:
        tree = yaml.compose(text, yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise SpecError(f"not YAML: {error.problem}", line=line) from error
    if tree is None:
        raise SpecError("the document is empty", line=1)
    return tree


def _with_text_keys(value: Any) -> Any:
    """The same document as JSON has it: a status of 200 without quotes is a number in YAML."""
    if isinstance(value, dict):
        return {str(key): _with_text_keys(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_text_keys(item) for item in value]
    return value


def _validate(spec: Spec, tree: yaml.Node) -> None:
    if not str(spec.get("openapi", "")).startswith("3.1."):
        raise SpecError("openapi: 3.1 is the version that the generators read", line=1)
    for place, reference in _references(spec):
        if not _leads_somewhere(spec, reference):
            raise SpecError(f"$ref: {reference!r} leads nowhere", line=line_of(tree, place))
    try:
        OpenAPIV31SpecValidator(spec).validate()
    except OpenAPIValidationError as error:
        place = tuple(error.absolute_path)
        where = "/".join(str(part) for part in place)
        sentence = str(error.message).splitlines()[0][:300]
        raise SpecError(f"{where or 'document'}: {sentence}", line=line_of(tree, place)) from error


def _references(node: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Every $ref of the document with its place."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield (*place, "$ref"), node["$ref"]
        for name, value in node.items():
            yield from _references(value, (*place, name))
    if isinstance(node, list):
        for index, value in enumerate(node):
            yield from _references(value, (*place, index))


def _leads_somewhere(spec: Spec, reference: str) -> bool:
    node: Any = spec
    for part in reference.removeprefix("#/").split("/"):
        if not isinstance(node, dict) or part not in node:
            return False
        node = node[part]
    return reference.startswith("#/")


def line_in(path: Path, place: Place) -> int:
    """The line of a place in a document, for faults that are found after it was read."""
    return line_of(_compose(path.read_text(encoding="utf-8")), place)


def line_of(tree: yaml.Node, place: Place) -> int:
    """The line of a place in the document, or of its nearest ancestor."""
    line = tree.start_mark.line + 1
    for part in place:
        found = _child(tree, part)
        if found is None:
            break
        line, tree = found
    return line


def _child(node: yaml.Node, part: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part].start_mark.line + 1, node.value[part]
    return None
