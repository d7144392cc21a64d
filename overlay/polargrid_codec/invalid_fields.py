"""Pydantic's errors as one of the SDK's: the fields as the user wrote them, of a union the arm that was meant; pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import pydantic

from polargrid_runtime import errors

_MAX_MISMATCHES = 100
_UNKNOWN = object()  # a value that cannot be looked up, such as an item of a generator


class _Mismatch(NamedTuple):
    path: tuple[str, ...]
    union: tuple[str, ...]  # the path of the outermost union around it
    arm: str | None  # of this union; None if there is none
    message: str
    is_type: bool  # whether the value is of another type: the arm was not meant


def to_validation_error(error: pydantic.ValidationError, kind: str, value: Any) -> errors.ValidationError:
    """Convert Pydantic's error for this value, or JSON text.

    The message names the first field, `details` lists every one up to a limit; neither holds the input.
    """
    if isinstance(value, str):
        with suppress(ValueError, RecursionError):
            value = json.loads(value)
    items = error.errors(include_url=False, include_input=False)
    mismatches = _select_arms([_parse(item, value) for item in items[:_MAX_MISMATCHES]])
    details = [{"field": ".".join(mismatch.path), "message": mismatch.message} for mismatch in mismatches]
    others = len(details) - 1 + max(0, len(items) - _MAX_MISMATCHES)
    first = f"{details[0]['field'] or kind}: {details[0]['message']}"
    rest = f" (and {others} more)" if others else ""
    return errors.ValidationError(first + rest, param=details[0]["field"] or None, details=details)


def _parse(item: Any, value: Any) -> _Mismatch:
    """Separate the location into fields, which the value has, and Pydantic's names for the arms of a union."""
    path: list[str] = []
    union: list[str] = []
    arm, kind, message = None, item["type"], item["msg"]
    for index, part in enumerate(item["loc"]):
        is_missing = kind.startswith("missing") and index == len(item["loc"]) - 1
        child = _UNKNOWN if is_missing else _look_up(value, part)
        if child is None:
            union, arm = (path[:], str(part)) if arm is None else (union, arm)
        else:
            path.append(str(part))
            value = child[0] if isinstance(child, tuple) else child
    if kind.startswith("union_tag"):
        context = item["ctx"]
        path.append(context["discriminator"].strip("'"))
        message = "Field required"
        if kind == "union_tag_invalid":
            message = (
                f"unknown {context['tag'][:50]!r}; expected one of: {context['expected_tags'].replace(chr(39), '')}"
            )
    return _Mismatch(tuple(path), tuple(union), arm, message, kind.endswith("_type"))


def _look_up(value: Any, part: str | int) -> Any:
    """The field or item as a tuple of one, _UNKNOWN, or None if there is none."""
    if value is _UNKNOWN:
        return _UNKNOWN
    if isinstance(value, Mapping):
        return (value[part],) if part in value else None
    if isinstance(part, int):
        return (value[part],) if isinstance(value, Sequence) and part < len(value) else _UNKNOWN
    return (getattr(value, part),) if isinstance(value, pydantic.BaseModel) and hasattr(value, part) else None


def _select_arms(mismatches: list[_Mismatch]) -> list[_Mismatch]:
    """Keep those of the arm that was meant: its type is that of the value, and its first mismatch the deepest."""
    unions: dict[tuple[str, ...], dict[str, list[_Mismatch]]] = {}
    for mismatch in mismatches:
        if mismatch.arm is not None:
            unions.setdefault(mismatch.union, {}).setdefault(mismatch.arm, []).append(mismatch)
    ranks = {path: {arm: max(map(_rank, group)) for arm, group in arms.items()} for path, arms in unions.items()}
    selected: dict[tuple[str, ...], _Mismatch] = {}
    for mismatch in mismatches:
        if mismatch.arm is not None and ranks[mismatch.union][mismatch.arm] < max(ranks[mismatch.union].values()):
            continue
        other = selected.get(mismatch.path)
        if other is None:
            selected[mismatch.path] = mismatch
        elif mismatch.message not in other.message:  # no arm has the type of the value
            message = f"{other.message} or {mismatch.message.removeprefix('Input should be ')}"
            selected[mismatch.path] = other._replace(message=message)
    return list(selected.values())


def _rank(mismatch: _Mismatch) -> tuple[int, bool]:
    return len(mismatch.path), not mismatch.is_type
