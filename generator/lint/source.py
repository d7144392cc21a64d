"""Text to document: YAML that every reader understands in the same way, with unique keys; pure."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from generator.lint.document import Document, Finding, find_at
from generator.lint.nodes import check_node, construct, describe_node

_MAX_BYTES = 10_000_000
_MAX_DEPTH = 100
_MAX_NODES = 500_000
_HINTS = {
    "mapping values are not allowed": "quote a text that contains ': '",
    "could not find expected ':'": "a key ends with ':'; quote a text of several lines or write | before it",
    "did not find expected key": "check the indentation and the quotes of this line and the line before",
    "did not find expected": "check the brackets, the quotes and the indentation",
    "unknown escape character": "write a pattern in single quotes",
    "cannot start any token": "quote a text that starts with this character",
    "found another document": "remove the line '---'",
    "did not find expected <document start>": "remove what follows the document",
    "levels": "name parts of the document in components, and use $ref",
    "control characters": "remove the character, or write it as an escape in double quotes",
}


def read_document(data: bytes) -> tuple[Document | None, list[Finding]]:
    """Return the document of a file, if it has one, and what is wrong with its text. Reads no more than 10 MB."""
    if len(data) > _MAX_BYTES:
        return None, [_at(1, 1, f"the file has {len(data)} bytes; the limit is {_MAX_BYTES}")]
    text = _decode(data)
    if isinstance(text, Finding):
        return None, [text]
    try:
        findings = list(_check_anchors(text))
        tree = None if findings else yaml.compose(text, yaml.CSafeLoader)
    except yaml.YAMLError as error:
        return None, [_describe_error(text, error)]
    if isinstance(tree, yaml.MappingNode) and _count_nodes(tree, {}) <= _MAX_NODES:
        return Document(construct(tree), tree), list(_check_nodes(tree))
    return None, findings or [_describe_tree(tree)]


def _check_nodes(tree: yaml.Node) -> Iterator[Finding]:
    findings: dict[tuple[int, int], Finding] = {}
    for finding in check_node(tree):
        findings.setdefault((finding.line, finding.column), finding)  # once for all aliases
    yield from findings.values()


def _describe_tree(tree: yaml.Node | None) -> Finding:
    """Return what is wrong with a document that is no mapping, or too large."""
    if tree is None or (isinstance(tree, yaml.ScalarNode) and not tree.value):
        return _at(1, 1, "the document is empty; it starts with `openapi: 3.1.0`")
    if isinstance(tree, yaml.MappingNode):
        return find_at(tree, f"its aliases expand to more than {_MAX_NODES} values; use $ref")
    return find_at(tree, f"the document is {describe_node(tree)}; expected a mapping with openapi, info and paths")


def _at(line: int, column: int, message: str) -> Finding:
    return Finding(message, line=line, column=column)


def _decode(data: bytes) -> str | Finding:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:4]:
        return _at(1, 1, "the file is UTF-16 or UTF-32; save it as UTF-8")
    if data.startswith(b"\xef\xbb\xbf"):
        return _at(1, 1, "the file starts with a byte order mark; save it as UTF-8 without one")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        start = data.rfind(b"\n", 0, error.start) + 1
        column = len(data[start : error.start].decode("utf-8")) + 1
        message = f"byte 0x{data[error.start]:02X} is not UTF-8; save the file as UTF-8"
        return _at(data.count(b"\n", 0, error.start) + 1, column, message)


def _describe_error(text: str, error: yaml.YAMLError) -> Finding:
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    position = getattr(error, "position", 0)
    line, column = (mark.line, mark.column) if mark else (text.count("\n", 0, position), 0)
    if not mark:
        column = position - (text.rfind("\n", 0, position) + 1)
    lines = text.splitlines()
    text_line = lines[line] if line < len(lines) else ""
    if "\t" in text_line[: column + 1] and not text_line[:column].strip():
        return _at(line + 1, text_line.index("\t") + 1, "a tab in the indentation; indent with spaces")
    hint = next((hint for start, hint in _HINTS.items() if start in problem), "check the syntax of this line")
    return _at(line + 1, column + 1, f"invalid YAML: {problem}; {hint}")


class _TooDeep(yaml.YAMLError):
    problem = f"more than {_MAX_DEPTH} levels"

    def __init__(self, mark: object) -> None:
        super().__init__(self.problem)
        self.problem_mark = mark


def _read_events(text: str) -> Iterator[yaml.Event]:
    """Yield the events of a text; PyYAML reads them one by one, and trees recursively."""
    depth = 0
    for event in yaml.parse(text, yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _MAX_DEPTH:
            raise _TooDeep(event.start_mark)
        yield event


def _check_anchors(text: str) -> Iterator[Finding]:
    """Yield aliases without anchor or within it, and anchors that are replaced or not used."""
    anchors: dict[str, yaml.Event] = {}
    used: set[str] = set()
    enclosing: list[str | None] = []
    for event in _read_events(text):
        anchor: str | None = getattr(event, "anchor", None)
        if isinstance(event, yaml.AliasEvent):
            used.add(str(anchor))
            if anchor not in anchors:
                yield _of_event(event, f"alias *{anchor} has no anchor; write &{anchor} before a value")
            elif anchor in enclosing:
                yield _of_event(event, f"alias *{anchor} contains itself; use $ref for a recursive schema")
        elif anchor in anchors:
            line = _of_event(anchors[str(anchor)], "").line
            yield _of_event(event, f"anchor &{anchor} is also in line {line}; name it differently")
        elif anchor:
            anchors[anchor] = event
        if isinstance(event, yaml.CollectionStartEvent):
            enclosing.append(anchor)
        elif isinstance(event, yaml.CollectionEndEvent):
            enclosing.pop()
    for name in anchors.keys() - used:
        yield _of_event(anchors[name], f"anchor &{name} is not used; remove it or refer to it with *{name}")


def _of_event(event: yaml.Event, message: str) -> Finding:
    mark = event.start_mark
    return _at(mark.line + 1, mark.column + 1, message) if mark else _at(1, 1, message)


def _count_nodes(node: yaml.Node, counts: dict[int, int]) -> int:
    """Return the number of nodes after expansion of the aliases."""
    if id(node) not in counts:
        children: list[yaml.Node] = []
        if isinstance(node, yaml.MappingNode):
            children = [child for pair in node.value for child in pair]
        elif isinstance(node, yaml.SequenceNode):
            children = node.value
        counts[id(node)] = 1 + sum(_count_nodes(child, counts) for child in children)
    return counts[id(node)]
