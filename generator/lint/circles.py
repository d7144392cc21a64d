"""Schemas that no finite value matches, since a chain of required fields leads back to its start; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generator.lint.document import Finding, Location
from generator.lint.objects import Object
from generator.lint.references import References

_MAX_STEPS = 1_000


def check_circles(references: References) -> Iterator[Finding]:
    """Yield the schemas that no finite value matches: a chain of required fields leads back to its start.

    A recursive field that is optional, nullable, a list or a map is finite.
    """
    schemas = [item for item in references.objects if item.kind == "schema"]
    finite: dict[Location, bool] = dict.fromkeys((item.location for item in schemas), False)
    is_changed = True
    while is_changed:
        is_changed = False
        for item in reversed(schemas):  # children first
            if not finite[item.location] and _is_finite(references, item, finite):
                finite[item.location] = is_changed = True
    reported: set[Location] = set()
    for item in schemas:
        if finite[item.location] or len(item.location) != 3 or item.location in reported:
            continue
        chain = _find_chain(references, item, finite)
        if chain and not reported.intersection(location for location, _ in chain):
            names = " -> ".join(name for _, name in chain)
            message = f"no finite value matches: {names}; make one of the fields optional or nullable"
            yield Finding(message, item.location, True)
        reported.update(location for location, _ in chain)


def _is_finite(references: References, item: Object, finite: Mapping[Location, bool]) -> bool:
    value = item.value
    target = references.find(value.get("$ref"))
    if "$ref" in value and target is not None and not finite.get(target.location, True):
        return False
    parts = [_child_is_finite(references, item, finite, "allOf", index) for index in range(_length(value.get("allOf")))]
    for keyword in ("anyOf", "oneOf"):
        count = _length(value.get(keyword))
        if count:
            parts.append(any(_child_is_finite(references, item, finite, keyword, index) for index in range(count)))
    return all(parts) and all(finite.get(child.location, True) for child in _find_required_children(references, item))


def _length(value: Any) -> int:
    return len(value) if isinstance(value, list) else 0


def _child_is_finite(
    references: References, item: Object, finite: Mapping[Location, bool], keyword: str, index: int
) -> bool:
    child = references.child(item, keyword, index)
    return child is None or finite[child.location]


def _find_required_children(references: References, item: Object) -> list[Object]:
    """Return the schemas of the values that every value of an object or a list schema contains."""
    value, kinds = item.value, item.value.get("type", "object")
    required, children = value.get("required"), []
    if kinds in ("object", ["object"]) and isinstance(required, list):
        children = [references.child(item, "properties", name) for name in required if isinstance(name, str)]
    count = value.get("minItems")
    if kinds in ("array", ["array"]) and isinstance(count, int) and count > 0:
        children = [references.child(item, "items")]
    return [child for child in children if child]


def _find_chain(references: References, start: Object, finite: Mapping[Location, bool]) -> list[tuple[Location, str]]:
    """Return the named schemas from one to itself, each with the field that leads to the next."""
    chain: list[tuple[Location, str]] = []
    current, seen = start, [start.location]
    for _ in range(_MAX_STEPS):
        step = _next_infinite(references, current, finite)
        if step is None:
            return []
        path, target = step
        name = ".".join(str(part) for part in (*current.location[2:], *path) if part != "properties")
        chain.append((current.location, name))
        if target.location in seen:
            index = seen.index(target.location)
            return [*chain[index:], (target.location, str(target.location[-1]))]
        seen.append(target.location)
        current = target
    return []


def _next_infinite(
    references: References, item: Object, finite: Mapping[Location, bool]
) -> tuple[tuple[str | int, ...], Object] | None:
    """Return the path below a schema to the reference that makes it infinite, and its target."""
    pending = [item]
    while pending:
        current = pending.pop(0)
        target = references.find(current.value.get("$ref"))
        if target is not None and not finite[target.location]:
            return current.location[len(item.location) :], target
        for keyword in ("allOf", "anyOf", "oneOf"):
            for index in range(_length(current.value.get(keyword))):
                child = references.child(current, keyword, index)
                if child and not finite[child.location]:
                    pending.append(child)
        pending += [child for child in _find_required_children(references, current) if not finite[child.location]]
    return None
