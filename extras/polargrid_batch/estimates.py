"""How many tokens a row may use. Pure."""

from __future__ import annotations

from polargrid_batch.rows import Row

_LIMITS = ("max_completion_tokens", "max_tokens")
_COUNTS = ("n", "best_of")


def uses_tokens(row: Row) -> bool:
    """Whether the operation is one of text, which is paid by tokens: neither audio nor the management of models."""
    fields = row.operation.request_type.model_fields if row.operation.request_type else {}
    return "model" in fields and not row.files and all(item.type != "bytes" for item in row.operation.responses)


def limit_output(row: Row, context: int | None = None) -> int | None:
    """Return the most tokens of a response: those of the body, the document's default, or the model's context.

    None if none of them is known.
    """
    fields = row.operation.request_type.model_fields if row.operation.request_type else {}
    names = [name for name in _LIMITS if name in fields]
    if not names:
        return 0
    values = [row.body.get(name, fields[name].default) for name in names]
    limits = [value for value in values if isinstance(value, int)] or ([] if context is None else [context])
    counts = [value for name in _COUNTS if isinstance(value := row.body.get(name), int)]
    return min(limits) * max([1, *counts]) if limits else None
