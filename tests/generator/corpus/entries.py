"""Reads the constructs, and completes them to documents."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "constructs"
METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")
OK = {"type": "object", "description": "What most constructs answer.", "properties": {"ok": {"type": "boolean"}}}
ERROR = {
    "type": "object",
    "description": "An error.",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "description": "What is wrong.",
            "required": ["message"],
            "properties": {"message": {"type": "string", "description": "A sentence."}},
        }
    },
}
_KEYS = {
    "says",
    "path",
    "paths",
    "schemas",
    "components",
    "calls",
    "rejects",
    "refused",
    "document",
    "defect",
    *METHODS,
}
_REQUEST_KEYS = ("sends", "headers", "json", "body", "parts")
_CALL_KEYS = {"call", "stream", "run", "client", "answers", "type", "result", "then", "raises", "message", "warns"}


@dataclass
class Call:
    """What a user does, and what it means."""

    facts: dict[str, Any]
    function: str
    """The name of its function in the module of all calls."""

    @property
    def requests(self) -> list[dict[str, Any]]:
        """What is sent: method, target, headers and body of each request."""
        sends = self.facts.get("sends", [])
        if isinstance(sends, list):
            return [item if isinstance(item, dict) else {"sends": item} for item in sends]
        return [{name: self.facts[name] for name in _REQUEST_KEYS if name in self.facts}]

    @property
    def answers(self) -> list[dict[str, Any]]:
        """What the server sends, in turn."""
        answers = self.facts.get("answers", {"json": {"ok": True}})
        return answers if isinstance(answers, list) else [answers]


@dataclass(eq=False)
class Construct:
    """One construct of OpenAPI: a part of a document, and calls of it."""

    name: str
    family: str
    says: str
    paths: dict[str, Any]
    components: dict[str, Any]
    calls: list[Call] = field(default_factory=list)
    rejects: list[str] = field(default_factory=list)
    refused: dict[str, Any] | None = None
    document: dict[str, Any] = field(default_factory=dict)
    defect: str = ""
    """What is wrong with it today."""


def read_constructs() -> list[Construct]:
    """Return every construct, in the order of the files. Raises ValueError for an entry that is not one."""
    constructs: list[Construct] = []
    for path in sorted(FOLDER.glob("*.yaml")):
        for name, entry in yaml.load(path.read_text(encoding="utf-8"), _UniqueLoader).items():  # noqa: S506 - it is a safe loader
            constructs.append(_parse_entry(name, path.stem, entry))
    names = [construct.name for construct in constructs]
    if len(set(names)) != len(names):
        raise ValueError(f"two constructs have one name: {sorted({name for name in names if names.count(name) > 1})}")
    return constructs


class _UniqueLoader(yaml.CSafeLoader):
    """Refuses a key that occurs twice, and reads a date as text, as JSON has it."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        if len(set(keys)) != len(keys):
            raise ValueError(f"line {node.start_mark.line + 1}: a key occurs twice")
        return super().construct_mapping(node, deep)


_UniqueLoader.yaml_implicit_resolvers = {
    first: [item for item in resolvers if item[0] != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def _parse_entry(name: str, family: str, entry: dict[str, Any]) -> Construct:
    calls = entry.get("calls", [])
    unknown = {*entry} - _KEYS | {key for call in calls for key in call if key not in {*_CALL_KEYS, *_REQUEST_KEYS}}
    if unknown:
        raise ValueError(f"{family}.yaml: {name}: unknown key {sorted(unknown)}")
    if bool(calls) == bool(entry.get("refused")):
        raise ValueError(f"{family}.yaml: {name}: either `calls` or `refused`")
    paths = copy.deepcopy(entry.get("paths", {}))
    short = {method: copy.deepcopy(entry[method] or {}) for method in METHODS if method in entry}
    if short:
        paths.setdefault(entry.get("path", f"/{name}"), {}).update(short)
    identifier = name.replace("-", "_")
    count = sum(method in METHODS for item in paths.values() for method in item)
    for item in paths.values():
        for method in (method for method in METHODS if method in item):
            _complete(item[method], identifier if count == 1 else f"{identifier}_{method}")
    components = copy.deepcopy(entry.get("components", {}))
    components["schemas"] = {**components.get("schemas", {}), **copy.deepcopy(entry.get("schemas", {}))}
    return Construct(
        name=name,
        family=family,
        says=entry["says"],
        paths=paths,
        components=components,
        calls=[Call(call, f"{identifier}_{index}") for index, call in enumerate(calls)],
        rejects=entry.get("rejects", []),
        refused=entry.get("refused"),
        document=entry.get("document", {}),
        defect=entry.get("defect", ""),
    )


def _complete(operation: dict[str, Any], name: str) -> None:
    """Add what the generator requires of every operation, and what a construct is not about."""
    operation.setdefault("operationId", name)
    operation.setdefault("tags", ["corpus"])
    operation.setdefault("summary", "Do what the construct is about.")
    if operation.setdefault("security", [{"bearerAuth": []}]) == "inherit":
        del operation["security"]
    responses = operation["responses"] = {str(key): value for key, value in operation.get("responses", {}).items()}
    if not any(str(status).startswith("2") or status == "default" for status in responses):
        content = {"application/json": {"schema": {"$ref": "#/components/schemas/Ok"}}}
        responses["200"] = {"description": "Success.", "content": content}
    for response in responses.values():
        if "$ref" not in response:
            response.setdefault("description", "A response.")
    if "requestBody" in operation and "$ref" not in operation["requestBody"]:
        operation["requestBody"].setdefault("required", True)


def add_constructs(document: dict[str, Any], constructs: list[Construct]) -> dict[str, Any]:
    """Return a document with constructs added. Raises ValueError if a name of a path or component is used twice."""
    result = copy.deepcopy(document)
    result.setdefault("tags", []).append({"name": "corpus", "description": "The constructs."})
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas["Ok"] = copy.deepcopy(OK)
    for construct in constructs:
        _merge(result["paths"], construct.paths, construct.name)
        for kind, items in construct.components.items():
            _merge(result["components"].setdefault(kind, {}), items, construct.name)
        for key, value in construct.document.items():
            result[key] = [*result.get(key, []), *value] if isinstance(value, list) else value
    return result


def _merge(target: dict[str, Any], items: dict[str, Any], name: str) -> None:
    if taken := target.keys() & items.keys():
        raise ValueError(f"{name}: {sorted(taken)} is in the document already")
    target.update(copy.deepcopy(items))


def minimal_document(construct: Construct) -> dict[str, Any]:
    """Return a document that holds one construct."""
    return add_constructs(bare_document(), [construct])


def bare_document() -> dict[str, Any]:
    """Return a valid document without operations."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Corpus", "version": "1.0", "description": "One construct."},
        "servers": [{"url": "https://api.example.com"}],
        "security": [{"bearerAuth": []}],
        "paths": {},
        "components": {
            "securitySchemes": {"bearerAuth": {"type": "http", "scheme": "bearer"}},
            "schemas": {"ErrorResponse": ERROR},
        },
    }


def write_document(document: dict[str, Any], path: Path) -> None:
    """Write a document as YAML, with a key or an item on each line."""
    path.write_text(yaml.dump(document, Dumper=_PlainDumper, sort_keys=False, allow_unicode=True, width=1000), "utf-8")


class _PlainDumper(yaml.SafeDumper):
    """Writes each part in full: an alias would hide the place of an error."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True
