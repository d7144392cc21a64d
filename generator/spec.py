"""Reading openapi.yaml: the document, and the line of any place in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError

Spec = dict[str, Any]
Place = tuple[str | int, ...]


class SpecError(Exception):
    """A fault in openapi.yaml, with the line it stands on where that is known."""

    def __init__(self, message: str, *, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
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
    try:
        OpenAPIV31SpecValidator(spec).validate()
    except OpenAPIValidationError as error:
        place = tuple(getattr(error, "absolute_path", ()))
        where = "/".join(str(part) for part in place)
        line = line_of(tree, place)
        raise SpecError(f"{where or 'document'}: {_first_sentence(error)}", line=line) from error
    except Exception as error:  # an unresolvable $ref surfaces as the resolver's own class
        raise SpecError(f"{_first_sentence(error)}", line=_line_with(tree, str(error))) from error


def _first_sentence(error: Exception) -> str:
    message = getattr(error, "message", None) or str(error)
    return str(message).splitlines()[0][:300]


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


def _line_with(node: yaml.Node, message: str) -> int | None:
    """The line of the first `$ref` whose target the message names."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == "$ref" and value.value.rsplit("/", 1)[-1] in message:
                return int(key.start_mark.line) + 1
            if (line := _line_with(value, message)) is not None:
                return line
    if isinstance(node, yaml.SequenceNode):
        for value in node.value:
            if (line := _line_with(value, message)) is not None:
                return line
    return None


def place_of_operation(path: Path, method_path: tuple[str, str]) -> int:
    """The line of an operation, for faults found after validation."""
    tree = _compose(path.read_text(encoding="utf-8"))
    method, route = method_path
    return line_of(tree, ("paths", route, method))
