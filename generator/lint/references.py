"""`$ref`: unknown targets, targets of another kind, circles, and components that nothing refers to; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from generator.lint.describe import suggest
from generator.lint.document import Finding, Location, Spec
from generator.lint.objects import Object, is_in_place

_ROUNDS = 1_000


class References:
    """The objects of a document by their location, and the objects that references lead to."""

    def __init__(self, spec: Spec, objects: list[Object]) -> None:
        self.spec = spec
        self.objects = objects
        self._by_location = {item.location: item for item in objects}
        self._children: dict[Location, list[Object]] = {}
        for item in objects:
            if item.parent:
                self._children.setdefault(item.parent.location, []).append(item)

    def children(self, item: Object) -> list[Object]:
        """Return the objects directly below an object."""
        return self._children.get(item.location, [])

    def find(self, reference: Any) -> Object | None:
        """Return the object that `#/…` names, itself perhaps a reference."""
        location = _parse_pointer(self.spec, reference)
        return None if location is None else self._by_location.get(location)

    def resolve(self, item: Object) -> Object | None:
        """Return the object that a chain of references leads to; None if it leads nowhere."""
        seen = set()
        current: Object | None = item
        while current is not None and "$ref" in current.value:
            if current.location in seen:
                return None
            seen.add(current.location)
            current = self.find(current.value["$ref"])
        return current

    def child(self, item: Object, *path: str | int) -> Object | None:
        """Return the object at a path below an object, not resolved."""
        return self._by_location.get((*item.location, *path))

    def property_names(self, item: Object) -> list[str] | None:
        """Return the properties of a schema and of those in its place; None if a reference of them leads nowhere."""
        return self._property_names(item, set())

    def _property_names(self, item: Object, seen: set[Location]) -> list[str] | None:
        if item.location in seen:
            return []
        seen.add(item.location)
        fields = item.value.get("properties")
        names = list(fields) if isinstance(fields, dict) else []
        parts = [child for child in self.children(item) if child.kind == "schema" and is_in_place(child)]
        if "$ref" in item.value:
            target = self.find(item.value["$ref"])
            if target is None or target.kind != "schema":
                return None
            parts.append(target)
        for part in parts:
            nested = self._property_names(part, seen)
            if nested is None:
                return None
            names += nested
        return names


def _parse_pointer(spec: Spec, reference: Any) -> Location | None:
    """Return the location that `#/…` names, if the document has it."""
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return None
    node: Any = spec
    location: list[str | int] = []
    for part in reference[2:].split("/"):
        key = unquote(part).replace("~1", "/").replace("~0", "~")
        if isinstance(node, dict) and key in node:
            node = node[key]
            location.append(key)
        elif isinstance(node, list) and re.fullmatch("0|[1-9][0-9]{0,6}", key) and int(key) < len(node):
            node = node[int(key)]
            location.append(int(key))
        else:
            return None
    return tuple(location)


def check_references(references: References) -> Iterator[Finding]:
    """Yield each reference that leads nowhere, to another kind of object, or to itself."""
    for item in references.objects:
        if "$ref" not in item.value or not (item.is_reference or item.kind == "schema"):
            continue
        reference, place = item.value["$ref"], (*item.location, "$ref")
        target = references.find(reference)
        if not isinstance(reference, str):
            yield Finding("$ref is no text; write '#/components/…'", place)
        elif target is None:
            yield Finding(f"$ref: unknown target {reference!r}; {_advise_target(references, item, reference)}", place)
        elif target.kind != item.kind:
            yield Finding(f"$ref: {reference!r} is a {target.kind}; expected a {item.kind}", place)
        elif references.resolve(item) is None and not _is_broken_later(references, item):
            yield Finding(f"$ref: {reference!r} leads back to itself; name a schema with a type", place)


def _is_broken_later(references: References, item: Object) -> bool:
    """Whether a chain of references ends at an unknown target, which is a finding of its own."""
    current: Object | None = item
    for _ in range(_ROUNDS):
        if current is None:
            return True
        current = references.find(current.value.get("$ref"))
    return False


def _advise_target(references: References, item: Object, reference: str) -> str:
    if not reference.startswith("#"):
        return "only targets in this file are supported; they start with '#/'"
    components = references.spec.get("components")
    known = [
        f"#/components/{section}/{name}"
        for section, entries in (components.items() if isinstance(components, dict) else ())
        if isinstance(entries, dict)
        for name in entries
    ]
    section = next((name for name, kind in _SECTIONS.items() if kind == item.kind), "…")
    if reference in (target.removeprefix("#/") for target in known):
        return f"write '#/{reference.lstrip('#/')}'"
    return suggest(reference, known) or f"expected '#/components/{section}/NAME'"


_SECTIONS = {"schemas": "schema", "responses": "response", "parameters": "parameter", "examples": "example",
             "requestBodies": "request body", "headers": "header", "securitySchemes": "security scheme",
             "links": "link", "callbacks": "callback", "pathItems": "path"}  # fmt: skip


def check_unused(references: References) -> Iterator[Finding]:
    """Yield each component without effect. A schema that nothing refers to is still a type of the package."""
    used = {target.location for item in references.objects if (target := references.find(item.value.get("$ref")))}
    used |= {("components", "securitySchemes", name) for name in _required_schemes(references.objects)}
    components = references.spec.get("components", {})
    for section, entries in components.items() if isinstance(components, dict) else ():
        if section in _SECTIONS and section != "schemas" and isinstance(entries, dict):
            for name in entries:
                if ("components", section, name) not in used:
                    message = f"nothing refers to the {_SECTIONS[section]} {name!r}; refer to it or remove it"
                    yield Finding(message, ("components", section, name), True)


def _required_schemes(objects: list[Object]) -> set[str]:
    return {name for item in objects if item.kind == "security requirement" for name in item.value}
