"""Patterns that one engine for all fields of a type can read: Python's `re`, or the engine of Pydantic; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jsonschema_rs import Draft202012Validator, RegexOptions, ValidationError

from generator.lint.describe import show
from generator.lint.document import Finding
from generator.lint.objects import Object
from generator.lint.references import References


def check_patterns(item: Object, references: References) -> Iterator[Finding]:
    r"""Yield the patterns of an object that cannot be read, alone or by the engine that another field needs.

    The patterns of JSON Schema are those of ECMAScript. Pydantic's engine has no lookaround and no backreferences, and
    Python's no Unicode classes (`\p{L}`); the generator selects one of them for each type.
    """
    if item.kind != "schema" or not isinstance(item.value.get("properties"), dict):
        return
    patterns = [(schema, str(schema.value["pattern"])) for schema in _find_schemas(item, references)]
    needs_python = [text for _, text in patterns if not _is_rust(text)]
    for schema, text in patterns:
        location = (*schema.location, "pattern")
        if not _is_python(text) and needs_python:
            other = "" if text in needs_python else f", which {show(needs_python[0])} of the same object needs"
            message = f"Python's `re` cannot read {show(text)}{other}; write it without \\p and with (?P<name>…)"
            yield Finding(message, location)


def _find_schemas(item: Object, references: References) -> Iterator[Object]:
    """Yield the schemas with a pattern that belong to the type of an object."""
    for child in references.children(item):
        if child.kind == "schema" and child.location[len(item.location)] != "$defs":
            if isinstance(child.value.get("pattern"), str):
                yield child
            if "properties" not in child.value:
                yield from _find_schemas(child, references)


def _is_python(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def _is_rust(pattern: str) -> bool:
    try:
        Draft202012Validator({"pattern": pattern}, pattern_options=RegexOptions(), offline=True)
    except ValidationError:
        return False
    return True
