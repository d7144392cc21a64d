"""`$ref`: unknown targets, targets of another kind, circles, and components that nothing refers to; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from generator.lint.describe import suggest
from generator.lint.document import Finding, Location, Spec
from generator.lint.objects import Object, is_condition, is_in_place


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
        parts = self.parts(item)
        if any("$ref" in part.value and self.find(part.value["$ref"]) is None for part in parts):
            return None
        fields = [part.value.get("properties") for part in parts]
        return [name for names in fields if isinstance(names, dict) for name in names]

    def parts(self, item: Object, *, conditions: bool = True) -> list[Object]:
        """Return a schema and all schemas that describe the same value: the target of `$ref`, allOf, oneOf, ….

        Without `conditions`, those in `if`, `then`, `else`, `not` and dependentSchemas are left out.
        """
        parts, pending = dict[Location, Object](), [item]
        while pending:
            current = pending.pop()
            if current.location not in parts and current.kind == "schema":
                parts[current.location] = current
                children = [child for child in self.children(current) if is_in_place(child)]
                pending += [child for child in children if conditions or not is_condition(child)]
                target = self.find(current.value.get("$ref"))
                pending += [target] if target else []
        return list(parts.values())


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
        reference, location = item.value["$ref"], (*item.location, "$ref")
        target = references.find(reference)
        if not isinstance(reference, str):
            continue  # the form of the value is another finding
        if target is None:
            yield Finding(f"unknown target {reference!r}; {_advise_target(references, item, reference)}", location)
        elif target.kind != item.kind:
            yield Finding(f"{reference!r} is a {target.kind}; expected a {item.kind}", location)
        elif _leads_back(references, item):
            yield Finding(f"{reference!r} leads back to itself; name a schema with a type", location)


def _leads_back(references: References, item: Object) -> bool:
    """Whether a chain of references, and nothing else, leads from an object to itself."""
    current, seen = references.find(item.value["$ref"]), set[Location]()
    while current is not None and current.location not in seen:
        if current.location == item.location:
            return True
        seen.add(current.location)
        current = references.find(current.value.get("$ref"))
    return False


def _advise_target(references: References, item: Object, reference: str) -> str:
    section = next((name for name, kind in _SECTIONS.items() if kind == item.kind), "…")
    components = references.spec.get("components")
    entries = components.get(section) if isinstance(components, dict) else None
    targets = [f"#/components/{section}/{name}" for name in entries] if isinstance(entries, dict) else []
    target = f"#/components/{section}/{reference.rsplit('/', 1)[-1]}"
    if target in targets:
        return f"write {target!r}"
    if not reference.startswith("#"):
        return "only targets in this file are supported; they start with '#/'"
    return suggest(reference, targets) or f"expected '#/components/{section}/NAME'"


_SECTIONS = {"schemas": "schema", "responses": "response", "parameters": "parameter", "examples": "example",
             "requestBodies": "request body", "headers": "header", "securitySchemes": "security scheme",
             "links": "link", "callbacks": "callback", "pathItems": "path"}  # fmt: skip


def check_unused(references: References) -> Iterator[Finding]:
    """Yield each component without effect. A schema that nothing refers to is still a type of the package."""
    used = {target.location for item in references.objects if (target := references.find(item.value.get("$ref")))}
    used |= {("components", "securitySchemes", name) for name in _find_required_schemes(references.objects)}
    components = references.spec.get("components", {})
    for section, entries in components.items() if isinstance(components, dict) else ():
        if section in _SECTIONS and section != "schemas" and isinstance(entries, dict):
            for name in entries:
                if ("components", section, name) not in used:
                    message = f"nothing refers to the {_SECTIONS[section]} {name!r}; refer to it or remove it"
                    yield Finding(message, ("components", section, name), True)


def _find_required_schemes(objects: list[Object]) -> set[str]:
    return {name for item in objects if item.kind == "security requirement" for name in item.value}
