"""YAML nodes to data: unique keys of text, and values that every reader understands in the same way; pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import yaml

from generator.lint.document import Finding, find_at

_TAG = "tag:yaml.org,2002:"
_CORE = {  # the core schema of YAML 1.2
    "null": re.compile(r"~|null|Null|NULL|"),
    "bool": re.compile(r"true|True|TRUE|false|False|FALSE"),
    "int": re.compile(r"[-+]?(0|[1-9][0-9]*)|0x[0-9a-fA-F]+"),
    "octal": re.compile(r"0o[0-7]+|[-+]?0[0-9]+"),
    "float": re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"),
    "no number of JSON": re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"),
}
_RESOLVERS: dict[str | None, list[tuple[str, re.Pattern[str]]]] = yaml.SafeLoader.yaml_implicit_resolvers
_NAMES = {
    "null": "null", "bool": "a boolean", "int": "an integer", "float": "a number", "str": "a text",
    "timestamp": "a date", "octal": "an octal number", "value": "a default", "merge": "a merge key",
}  # fmt: skip


def check_node(node: yaml.Node) -> Iterator[Finding]:
    """Yield what is wrong with a node and those below it."""
    yield from _check_tag(node)
    if isinstance(node, yaml.MappingNode):
        lines: dict[str, int] = {}
        for key, value in node.value:
            yield from _check_key(key, lines)
            yield from check_node(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from check_node(item)
    elif isinstance(node, yaml.ScalarNode):
        yield from _check_scalar(node)


def _check_tag(node: yaml.Node) -> Iterator[Finding]:
    kind = node.tag.removeprefix(_TAG)
    if not node.tag.startswith(_TAG) or (kind not in _NAMES and kind not in ("map", "seq")):
        yield find_at(node, f"unknown tag {node.tag.replace(_TAG, '!!')!r}; write a value of JSON")
    elif (kind in ("map", "seq")) is isinstance(node, yaml.ScalarNode):
        yield find_at(node, f"the tag !!{kind} is not that of {describe_node(node)}; remove it")


def _check_key(key: yaml.Node, lines: dict[str, int]) -> Iterator[Finding]:
    if not isinstance(key, yaml.ScalarNode):
        yield find_at(key, f"the key is {describe_node(key)}; expected a text")
        return
    if key.tag == f"{_TAG}merge":
        yield find_at(key, "<< is not in YAML 1.2, and readers differ; repeat the keys, or use $ref or allOf")
    elif not key.style and _core_kind(key.value) in ("null", "bool"):
        yield find_at(key, f"the key {key.value!r} is {_NAMES[_core_kind(key.value)]}; quote it")
    else:
        yield from list(_check_tag(key)) or _check_scalar(key)
    if key.value in lines:
        yield find_at(key, f"the key {key.value!r} is also in line {lines[key.value]}; keep one of them")
    lines.setdefault(key.value, key.start_mark.line + 1)


def _check_scalar(node: yaml.ScalarNode) -> Iterator[Finding]:
    """Yield a plain value that readers of YAML 1.1, as PyYAML, and of YAML 1.2 understand differently."""
    text, old, new = node.value, node.tag.removeprefix(_TAG), _core_kind(node.value)
    if node.style or node.tag != _implicit_tag(text):  # quoted, or with a tag
        if old in _CORE and old != new and (old, new) != ("float", "int"):
            yield find_at(node, f"{text!r} is not of the tag !!{old}; remove the tag")
    elif new == "octal":
        yield find_at(node, f"readers differ on whether {text!r} is octal; write it without the 0, or quote it")
    elif new == "no number of JSON" or (new == "float" and math.isinf(float(text))):
        yield find_at(node, f"{text!r} is no number of JSON; write a finite number")
    elif old == "bool" and new == "str":
        yield find_at(node, f"{text!r} is a boolean for some readers of YAML; write true or false, or quote the text")
    elif old == "timestamp":
        yield find_at(node, f"{text!r} is a date for some readers of YAML; quote the text")
    elif old != new:
        message = f"{text!r} is {_NAMES.get(old, old)} in YAML 1.1 and {_NAMES[new]} in 1.2"
        yield find_at(node, f"{message}; quote the text, or write the number with digits, '.' and a signed exponent")


def _implicit_tag(text: str) -> str:
    """Return the tag of a plain value in YAML 1.1, as PyYAML resolves it."""
    candidates = _RESOLVERS.get(text[:1], []) + _RESOLVERS.get(None, [])
    return next((tag for tag, pattern in candidates if pattern.match(text)), f"{_TAG}str")


def _core_kind(text: str) -> str:
    return next((kind for kind, pattern in _CORE.items() if pattern.fullmatch(text)), "str")


def describe_node(node: yaml.Node) -> str:
    """Return the kind of a node in words."""
    if isinstance(node, yaml.ScalarNode):
        return _NAMES.get(node.tag.removeprefix(_TAG), "a value")
    return "a list" if isinstance(node, yaml.SequenceNode) else "a mapping"


def construct(node: yaml.Node) -> Any:
    """Return the data of a node; each use of an alias is a copy, and keys are texts as in JSON.

    What `check_node` reports is read as in YAML 1.2, or as text. Of equal keys, the first is read.
    """
    if isinstance(node, yaml.MappingNode):
        data: dict[str, Any] = {}
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value not in data:
                data[key.value] = construct(value)
        return data
    if isinstance(node, yaml.SequenceNode):
        return [construct(item) for item in node.value]
    return _read_scalar(node) if isinstance(node, yaml.ScalarNode) else None


def _read_scalar(node: yaml.ScalarNode) -> str | float | bool | None:
    text, tag, core = str(node.value), node.tag.removeprefix(_TAG), _core_kind(node.value)
    is_plain = not node.style and node.tag == _implicit_tag(text)
    kind = core if is_plain or (tag, core) == ("float", "int") or tag == core else "str"
    if kind == "int":
        return int(text, 16) if "x" in text else int(text)
    if kind == "float" and math.isfinite(float(text)):
        return float(text)
    if kind == "bool":
        return text.lower() == "true"
    return None if kind == "null" else text
