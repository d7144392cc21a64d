"""Objects of a response as HTML, for notebooks: short, and with every text escaped; pure."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from pydantic import BaseModel

_TEXT_STYLE = "white-space:pre-wrap;text-align:left"
_MOST_ROWS, _MOST_COLUMNS, _MOST_NUMBERS, _MOST_CHARACTERS, _MOST_LEVELS = 100, 8, 4, 300, 4
#: A player is part of the page, in which every byte of audio is four thirds of a character.
_MOST_AUDIO = 20_000_000


def format_response(response: BaseModel) -> str:
    """Format an object: its text, or the rows of a list, and below it the other fields."""
    fields = _read_fields(response)
    meta = getattr(response, "meta", None)
    if hasattr(response, "iter_pages"):  # a list
        items = fields.get("data") or []
        return _format_items(items) + _format_facts(len(items), meta)
    text = getattr(response, "text", None)
    if not isinstance(text, str) or not text:
        return _format_fields(fields, 0) + _format_facts(None, meta)
    fields.pop("text", None)
    details = f"<details><summary>{escape(type(response).__name__)}</summary>{_format_fields(fields, 0)}</details>"
    return f'<div style="{_TEXT_STYLE}">{escape(text)}</div>{details}{_format_facts(None, meta)}'


def format_audio(audio: bytes, media_type: str, description: str) -> str:
    """Format audio as a player; what browsers do not play, and what is too long for a page, as a description."""
    kind = media_type.partition(";")[0].strip()
    if not kind.startswith("audio/") or kind in ("audio/pcm", "audio/l16") or len(audio) > _MOST_AUDIO:
        return f"<code>{escape(description)}</code>"
    source = f"data:{escape(kind)};base64,{base64.b64encode(audio).decode()}"
    return f'<audio controls src="{source}"></audio><br><small>{escape(description)}</small>'


def format_stream(stream: object, meta: Any) -> str:
    """Format a stream by what it is: it is not read, as that would take its chunks from the program."""
    state = _join_facts(meta) or "the request is sent when it is read"
    return f"<code>{escape(type(stream).__name__)}</code> <small>{escape(state)}</small>"


def _read_fields(value: BaseModel) -> dict[str, Any]:
    """The fields that the server sent, by name, in the order of the document."""
    names = [*type(value).model_fields, *(value.model_extra or {})]
    return {name: getattr(value, name) for name in names if name in value.model_fields_set}


def _format_items(items: Sequence[Any]) -> str:
    """Format items as the rows of a table, with a column for each field that is not empty in all of them."""
    rows = [_read_fields(item) if isinstance(item, BaseModel) else {"": item} for item in items[:_MOST_ROWS]]
    names = list(dict.fromkeys(name for item in rows for name in item))
    columns = [name for name in names if any(row.get(name) not in (None, [], {}) for row in rows)][:_MOST_COLUMNS]
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    body = "".join(f"<tr>{''.join(_cell(row.get(name), 1) for name in columns)}</tr>" for row in rows)
    omitted = len(items) - len(rows)
    rest = f"<p>and {omitted:,} more</p>" if omitted else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{rest}"


def _format_fields(fields: Mapping[str, Any], level: int) -> str:
    rows = (
        f'<tr><th style="text-align:left">{escape(str(name))}</th>{_cell(fields[name], level + 1)}</tr>'
        for name in sorted(fields, key=lambda name: isinstance(fields[name], BaseModel | Mapping | list))
        if fields[name] is not None
    )
    return f"<table><tbody>{''.join(rows)}</tbody></table>"


def _cell(value: Any, level: int) -> str:
    return f'<td style="{_TEXT_STYLE}">{_format_value(value, level)}</td>'


def _format_value(value: Any, level: int) -> str:
    if isinstance(value, BaseModel | Mapping) and level < _MOST_LEVELS:
        fields = _read_fields(value) if isinstance(value, BaseModel) else value
        return _format_fields(fields, level)
    if isinstance(value, list) and value and all(isinstance(item, int | float) for item in value):
        numbers = ", ".join(f"{item:.4g}" for item in value[:_MOST_NUMBERS])
        return escape(numbers if len(value) <= _MOST_NUMBERS else f"{len(value):,} numbers: {numbers}, …")
    if isinstance(value, list) and level < _MOST_LEVELS:
        if any(isinstance(item, BaseModel) for item in value):
            return _format_items(value)
        return ", ".join(_format_value(item, level + 1) for item in value)
    text = "" if value is None else str(value)
    return escape(text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}…")


def _format_facts(count: int | None, meta: Any) -> str:
    facts = ", ".join(
        filter(None, ("" if count is None else f"{count:,} item{'' if count == 1 else 's'}", _join_facts(meta)))
    )
    return f"<small>{escape(facts)}</small>" if facts else ""


def _join_facts(meta: Any) -> str:
    """The facts of a call that a reader may need; an object that is part of a response has none."""
    facts = (f"{meta.elapsed:.2f} s" if meta.elapsed else "", meta.region, meta.request_id) if meta else ()
    return ", ".join(fact for fact in facts if fact)
