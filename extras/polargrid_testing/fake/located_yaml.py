"""Reads YAML, or JSON, with the line and the column of each value."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import yaml

Path: TypeAlias = tuple[str | int, ...]
_BOOLEAN, _TIMESTAMP = "tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp"
_INT, _FLOAT = "tag:yaml.org,2002:int", "tag:yaml.org,2002:float"
_MAX_DEPTH, _MAX_VALUES = 64, 100_000  # an alias in its own anchor has no end, and aliases of aliases grow


class ScriptError(ValueError):
    """A script file is invalid; the message has the file, the line and the column."""


class _Loader(yaml.SafeLoader):
    """YAML 1.2, its core schema: `on`, `yes`, `12:30`, `1_000` and dates are texts; `0123` and `1e3` are numbers."""


def _construct_int(loader: _Loader, node: yaml.ScalarNode) -> int:
    text = loader.construct_scalar(node)
    return int(text, 0 if text.startswith(("0o", "0x")) else 10)


def _construct_float(loader: _Loader, node: yaml.ScalarNode) -> float:
    return float(loader.construct_scalar(node).lower().replace(".inf", "inf").replace(".nan", "nan"))


_CHANGED = (_BOOLEAN, _TIMESTAMP, _INT, _FLOAT)
_Loader.yaml_implicit_resolvers = {
    character: [(tag, pattern) for tag, pattern in resolvers if tag not in _CHANGED]
    for character, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOLEAN, re.compile("^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
_Loader.add_implicit_resolver(_INT, re.compile("^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$"), list("-+0123456789"))
_Loader.add_implicit_resolver(
    _FLOAT,
    re.compile(
        r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
    ),
    list("-+.0123456789"),
)
_Loader.add_constructor(_INT, _construct_int)
_Loader.add_constructor(_FLOAT, _construct_float)


@dataclass(frozen=True)
class LocatedValue:
    """The value of a file, and where each part of it is."""

    file: str
    value: Any
    marks: Mapping[Path, tuple[int, int]]

    def error(self, path: Path, message: str) -> ScriptError:
        """Return an error about a part of the value, or about what is around a part that is missing."""
        while path not in self.marks:
            path = path[:-1]
        line, column = self.marks[path]
        return ScriptError(f"{self.file}:{line}:{column}: {message}")


def read_located(text: str, file: str) -> LocatedValue:
    """Read a file. Raises `ScriptError` for invalid YAML, and for a name that is there twice."""
    text = text.removeprefix("\ufeff")
    is_flow = text.lstrip().startswith("{")
    if is_flow:  # JSON may be indented with tabs
        text = re.sub(r"(?m)^[\t ]+", lambda match: match[0].replace("\t", " "), text)
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                raise ScriptError(f"{file}:1:1: the file is empty; expected a mapping with `rules`")
            marks: dict[Path, tuple[int, int]] = {}
            _add_marks(node, (), marks, file)
            value = loader.construct_document(node)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        location = f"{mark.line + 1}:{mark.column + 1}" if mark else "1:1"
        raise ScriptError(f"{file}:{location}: invalid YAML: {error.problem}") from None
    except yaml.reader.ReaderError as error:
        line, column = _locate(text, error.position)
        raise ScriptError(f"{file}:{line}:{column}: invalid YAML: {error.reason}") from None
    except ScriptError:
        raise
    except RecursionError:
        raise ScriptError(f"{file}:1:1: invalid YAML: it is nested too deeply") from None
    except (yaml.YAMLError, ValueError) as error:
        raise ScriptError(f"{file}:1:1: invalid YAML: {error}") from None
    return LocatedValue(file, _read_json(text, value) if is_flow else value, marks)


def _read_json(text: str, value: Any) -> Any:
    """Return the value of JSON, in which two escapes may be one character; that of YAML if it is not JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return value


def _locate(text: str, position: int) -> tuple[int, int]:
    before = text[:position]
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1


def _add_marks(node: yaml.Node, path: Path, marks: dict[Path, tuple[int, int]], file: str) -> None:
    marks.setdefault(path, _location(node))
    if len(path) > _MAX_DEPTH or len(marks) > _MAX_VALUES:
        line, column = _location(node)
        raise ScriptError(f"{file}:{line}:{column}: the file is nested too deeply, or its aliases are too many values")
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _add_marks(item, (*path, index), marks, file)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            step = (*path, str(key.value))
            if step in marks:
                line, column = _location(key)
                raise ScriptError(f"{file}:{line}:{column}: {key.value!r} is there twice")
            marks[step] = _location(key)
            _add_marks(value, step, marks, file)


def _location(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1
