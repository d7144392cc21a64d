"""Sentences about values that do not match a schema, from the errors of jsonschema-rs; pure."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator
from typing import Any

from jsonschema_rs import ValidationError, ValidationErrorKind as Kind

from generator.lint.document import Location

_TYPES = {"null": "null", "boolean": "a boolean", "integer": "an integer", "number": "a number", "string": "a text",
          "array": "a list", "object": "a mapping"}  # fmt: skip


def find_closest(word: str, names: Iterable[Any]) -> str:
    """Return the most similar name, or an empty text."""
    by_plain = {_plain(name): name for name in names if isinstance(name, str)}
    close = difflib.get_close_matches(_plain(word), by_plain, 1, 0.75 if len(word) > 3 else 0.5)
    return by_plain[close[0]] if close else ""


def _plain(word: str) -> str:
    return word.lower().replace("-", "").replace("_", "")


def suggest(word: str, names: Iterable[Any]) -> str:
    """Return `did you mean X?` for the most similar name, or an empty text."""
    name = find_closest(word, names)
    return f"did you mean {name!r}?" if name else ""


def name_choices(names: Iterable[Any], limit: int = 8) -> str:
    """Return `expected one of …`, with the first names of a long list."""
    words = [name if isinstance(name, str) else show(name) for name in names]
    if not words:
        return "no value is allowed"
    return f"expected one of {', '.join(words[:limit])}{', …' if len(words) > limit else ''}"


def show(value: Any) -> str:
    """Return a value as JSON, shortened."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}…"


def type_of(value: Any) -> str:
    """Return the type of a value in words."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else "a boolean"
    kinds = {int: "an integer", float: "a number", str: "a text", list: "a list"}
    return kinds.get(type(value), "a mapping")


def describe_error(error: ValidationError, value: Any, root: Any = None) -> Iterator[tuple[Location, str, bool]]:
    """Yield where in a value, and why, it does not match a schema, and whether the key there is wrong.

    Of a union, the branch that is closest counts. `root` is the document that contains the schema, for suggestions.
    """
    kind = error.kind
    if isinstance(kind, Kind.AnyOf | Kind.OneOfNotValid):
        depth = len(error.instance_path)
        branches = [branch for branch in kind.context if not _is_other_type(branch, depth)]
        if branches:
            for nested in min(branches, key=len):
                yield from describe_error(nested, value, root)
            return
        kinds = [wrong for branch in kind.context for wrong in branch if _is_other_constant(wrong, depth)]
        if len({tuple(wrong.instance_path) for wrong in kinds}) == 1:
            choices = name_choices(
                wrong.kind.expected_value for wrong in kinds if isinstance(wrong.kind, Kind.Constant)
            )
            message = f"{show(kinds[0].instance)} selects no branch of {kind.name}; {choices}"
            yield resolve_path(value, kinds[0].instance_path), message, False
            return
    location = resolve_path(value, error.instance_path)
    if isinstance(kind, Kind.AdditionalProperties | Kind.UnevaluatedProperties):
        for name in kind.unexpected:
            advice = suggest(name, _known_properties(error, root)) or "remove it"
            yield (*location, name), f"{name!r} is not in the schema, which allows no other properties; {advice}", True
        return
    if isinstance(kind, Kind.PropertyNames):
        yield (*location, str(kind.error.instance)), _sentence(kind.error), True
        return
    yield location, _sentence(error), False


def _known_properties(error: ValidationError, root: Any) -> list[str]:
    for step in error.schema_path[:-1]:
        root = root.get(str(step)) if isinstance(root, dict) else None
    fields = root.get("properties") if isinstance(root, dict) else None
    return list(fields) if isinstance(fields, dict) else []


def resolve_path(value: Any, path: list[str | int]) -> Location:
    """Return the path of an error with its keys as in the value: a key of digits is a number in the error."""
    location: list[str | int] = []
    for part in path:
        key = str(part) if isinstance(value, dict) else part
        value = value[key] if isinstance(value, dict) else value[part] if isinstance(part, int) else None
        location.append(key)
    return tuple(location)


def _is_other_type(branch: list[ValidationError], depth: int) -> bool:
    """Whether a branch of a union is for other values: of another type, or with another constant in a field."""
    return any(
        _is_other_constant(error, depth)
        or (isinstance(error.kind, Kind.Type | Kind.Enum | Kind.Constant) and len(error.instance_path) == depth)
        for error in branch
    )


def _is_other_constant(error: ValidationError, depth: int) -> bool:
    return isinstance(error.kind, Kind.Constant) and len(error.instance_path) == depth + 1


def _sentence(error: ValidationError) -> str:
    kind, value = error.kind, show(error.instance)
    message = error.message.partition("\n")[0]
    sentence = message if len(message) <= 200 else f"{message[:197]}…"
    match kind:
        case Kind.Type():
            expected = " or ".join(_TYPES[name] for name in sorted(kind.types, key=list(_TYPES).index, reverse=True))
            what = "the value is null" if error.instance is None else f"{value} is {type_of(error.instance)}"
            sentence = f"{what}; expected {expected}{_hint(error.instance, kind.types)}"
        case Kind.Enum():
            guess = suggest(error.instance, kind.options) if isinstance(error.instance, str) else ""
            sentence = f"{value} is not in the enum; {guess or name_choices(kind.options)}"
        case Kind.Constant():
            sentence = f"{value} is not {show(kind.expected_value)}, the only value"
        case Kind.Required():
            sentence = f"{kind.property!r} is missing; add it"
        case Kind.Pattern() if kind.pattern.startswith("^\\$"):
            body = "request" if "response" not in kind.pattern else "response"
            sentence = f"{value} is no expression; write it like ${body}.body#/id"
        case Kind.Pattern():
            sentence = f"{value} does not match the pattern {kind.pattern}"
        case Kind.Format():
            sentence = f"{value} is not of the format {kind.format!r}"
        case Kind.AnyOf() | Kind.OneOfNotValid():
            sentence = f"{value} matches no branch of {kind.name}"
        case Kind.OneOfMultipleValid():
            sentence = f"{value} matches several branches of oneOf; expected one"
        case _:
            pass
    return sentence


def _hint(value: Any, types: list[str]) -> str:
    if "string" in types and isinstance(value, int | float):
        return "; quote it"
    if isinstance(value, str) and {"object", "array"} & set(types) and _is_json(value):
        return "; write it as YAML, not as JSON text"
    if isinstance(value, str) and {"integer", "number", "boolean"} & set(types) and _is_json(value):
        return "; remove the quotes"
    return ""


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
