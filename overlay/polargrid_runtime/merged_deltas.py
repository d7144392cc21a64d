"""Merges the deltas of a stream into the fields of a response, and constructs its models; pure."""

from __future__ import annotations

from typing import Any, get_args, get_origin

from pydantic import BaseModel

from polargrid_runtime.lenient import missing_value

_CONCATENATED = frozenset({"arguments", "refusal", "reasoning_content", "reasoning"})


class _Deltas(list[str]):
    """A text in parts: joining them for each delta would take quadratic time."""


def merge_delta(target: dict[str, Any], delta: dict[str, Any]) -> None:
    """Merge a delta: texts and lists grow, any other field takes the newest value that is not empty."""
    for name, value in delta.items():
        current = target.get(name)
        if isinstance(value, dict) and (current is None or isinstance(current, dict)):
            target[name] = current or {}
            merge_delta(target[name], value)
        elif name in _CONCATENATED and isinstance(value, str):
            target[name] = current if isinstance(current, _Deltas) else _Deltas()
            target[name].append(value)
        elif isinstance(current, list) and isinstance(value, list):
            current.extend(value)
        elif value not in (None, "") or name not in target:
            target[name] = value


def join_deltas(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields with their texts as strings."""
    return {
        name: "".join(value) if isinstance(value, _Deltas) else join_deltas(value) if isinstance(value, dict) else value
        for name, value in fields.items()
    }


def construct(annotation: Any, value: Any) -> Any:
    """Construct models without validation: the chunks are validated, and a field that none of them had is None."""
    if isinstance(value, list):
        kind = item_type(annotation)
        return [construct(kind, item) for item in value]
    types = (annotation, *get_args(annotation))
    model = next((kind for kind in types if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
    if model is None or not isinstance(value, dict):
        return value
    fields = model.model_fields
    absent = [name for name, field in fields.items() if field.is_required() and name not in value]
    missing = {name: missing_value(fields[name].annotation, name) for name in absent}
    annotations = {name: field.annotation for name, field in fields.items()}
    values = {name: construct(annotations.get(name), item) for name, item in value.items()}
    return model.model_construct({*value}, **missing, **values)


def item_type(annotation: Any) -> Any:
    """The type of the items of a list, which may be a part of a union."""
    types = (annotation, *get_args(annotation))
    return next((get_args(kind)[0] for kind in types if get_origin(kind) is list), None)
