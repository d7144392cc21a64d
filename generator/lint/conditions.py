"""Conditions on fields that the schema does not have: of `if`, `not` and their like, and of x-agreement; pure."""

from __future__ import annotations

from collections.abc import Iterator

from generator.lint.describe import name_choices, suggest
from generator.lint.document import Finding
from generator.lint.expressions import find_requests, is_open
from generator.lint.objects import CONDITIONS, Object
from generator.lint.references import References


def check_conditions(item: Object, references: References) -> Iterator[Finding]:
    """Yield the names in the conditions of a schema, or of x-agreement, that no field has.

    A condition may forbid a field that the schema does not have, or describe it. Such a name is reported only if it is
    a misspelling of a field; one in `if`, which would never apply, always.
    """
    rules = item.value.get("x-agreement")
    if item.kind == "media type" and isinstance(rules, list):
        described = references.child(item, "schema")
        bodies = {"if": find_requests(item, references), "then": [described] if described else []}
        for index in range(len(rules)):
            for keyword, schemas in bodies.items():
                condition = references.child(item, "x-agreement", index, keyword)
                if condition and schemas:
                    yield from _compare(condition, schemas, references, is_strict=True)
    elif item.kind == "schema" and not _is_in_condition(item):
        for keyword in CONDITIONS:
            condition = references.child(item, keyword)
            if condition:
                yield from _compare(condition, [_find_root(item)], references, is_strict=keyword == "if")


def _is_in_condition(item: Object) -> bool:
    current: Object | None = item
    while current is not None and current.parent is not None and current.kind == "schema":
        keyword = current.location[len(current.parent.location)]
        if keyword in CONDITIONS or keyword == "x-agreement":
            return True
        current = current.parent
    return False


def _find_root(item: Object) -> Object:
    """Return the outermost schema that describes the same value by allOf."""
    while item.parent and item.parent.kind == "schema" and item.location[len(item.parent.location)] == "allOf":
        item = item.parent
    return item


def _compare(condition: Object, schemas: list[Object], references: References, *, is_strict: bool) -> Iterator[Finding]:
    """Yield the names in a condition, at any depth, that none of the schemas has."""
    parts = [part for schema in schemas for part in references.parts(schema, conditions=False)]
    if not parts or any(is_open(part) for part in parts):
        return
    fields = {str(name): None for part in parts for name in part.value.get("properties", {})}
    for current in references.parts(condition):
        names = [(name, ("properties", name), True) for name in current.value.get("properties", {})]
        names += [(name, ("required", index), False) for index, name in enumerate(current.value.get("required", ()))]
        for name, path, is_key in names:
            guess = suggest(name, fields) if is_strict or any(_is_typo(name, field) for field in fields) else ""
            if name not in fields and (is_strict or guess):
                message = f"the condition names {name!r}, which is no field; {guess or name_choices(fields)}"
                yield Finding(message, (*current.location, *path), is_key)
        for child in references.children(current):
            steps = child.location[len(current.location) :]
            inner = [references.child(part, *steps) for part in parts]
            inner_schemas = [schema for schema in inner if schema]
            if steps[0] in ("properties", "items") and inner_schemas:
                yield from _compare(child, inner_schemas, references, is_strict=is_strict)


def _is_typo(word: str, other: str) -> bool:
    """Whether two letters are swapped, or one is missing or there twice; another letter makes another word."""
    if len(word) == len(other):
        return word != other and sorted(word) == sorted(other)
    short, long = sorted((word, other), key=len)
    return len(long) == len(short) + 1 and any(long[:at] + long[at + 1 :] == short for at in range(len(long)))
