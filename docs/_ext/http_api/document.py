"""The operations of an OpenAPI document, with what their paths and the document say for them; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Json = Mapping[str, Any]
_METHODS = ("get", "head", "options", "put", "post", "patch", "delete", "trace")


@dataclass(frozen=True)
class Operation:
    """A path and a method."""

    document: Json
    path: str
    """The key of the document, which may end in a query."""
    method: str
    fields: Json

    @property
    def title(self) -> str:
        """The method and the path, with the query of its key: the heading of the operation."""
        return f"{self.method.upper()} {self.path}"

    @property
    def tag(self) -> str:
        """The tag whose page has the operation."""
        return next(iter(self.fields.get("tags", ())), "other")

    @property
    def parameters(self) -> list[Json]:
        """Its parameters and those of its path, some of which are references."""
        shared = self.document["paths"][self.path].get("parameters", ())
        named = {
            (parameter["in"], parameter["name"]): reference
            for reference in [*shared, *self.fields.get("parameters", ())]
            for parameter in [resolve(self.document, reference)]
        }
        return list(named.values())

    @property
    def servers(self) -> list[str]:
        """The base URLs of an operation that is not on the servers of the document."""
        path = self.document["paths"][self.path]
        return [server["url"] for server in self.fields.get("servers", path.get("servers", ()))]

    @property
    def requires_key(self) -> bool:
        """Whether a request without a key is rejected."""
        security = self.fields.get("security", self.document.get("security", ()))
        return bool(security) and {} not in security

    @cached_property
    def types(self) -> set[str]:
        """The names of the schemas that it reaches."""
        return find_types(self.document, [self.parameters, self.fields])


def list_operations(document: Json) -> list[Operation]:
    """Return every operation, in the order of the document."""
    return [
        Operation(document, path, method, item[method])
        for path, item in document["paths"].items()
        for method in item
        if method in _METHODS
    ]


def list_tags(document: Json, operations: list[Operation]) -> list[Json]:
    """Return the tags that operations have, those that the document describes first."""
    described = {tag["name"]: tag for tag in document.get("tags", ())}
    names = dict.fromkeys([*described, *(operation.tag for operation in operations)])
    used = {operation.tag for operation in operations}
    return [described.get(name, {"name": name}) for name in names if name in used]


def resolve(document: Json, node: Json) -> Json:
    """Return the target of a reference; keywords next to the reference override it."""
    if "$ref" not in node:
        return node
    target: Any = document
    for step in node["$ref"].removeprefix("#/").split("/"):
        target = target[step.replace("~1", "/").replace("~0", "~")]
    return {**resolve(document, target), **{name: value for name, value in node.items() if name != "$ref"}}


def reference_name(node: Json) -> str:
    """Return the last step of a reference; nothing for another node."""
    return str(node.get("$ref", "")).rpartition("/")[2]


def find_types(document: Json, node: Any) -> set[str]:
    """Return the names of the schemas that a part of the document reaches."""
    found: set[str] = set()
    seen: set[str] = set()
    nodes = [node]
    while nodes:
        for reference in _references(nodes.pop()):
            if reference not in seen:
                seen.add(reference)
                nodes.append(resolve(document, {"$ref": reference}))
                if reference.startswith("#/components/schemas/"):
                    found.add(reference.rpartition("/")[2])
    return found


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _references(item)
    elif isinstance(node, Mapping):
        for name, value in node.items():
            if name == "$ref" and isinstance(value, str):
                yield value
            elif name not in ("example", "examples", "x-answers", "links"):
                yield from _references(value)
