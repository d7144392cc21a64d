"""The shapes of what the edge answers. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

if TYPE_CHECKING:
    from polargrid_edge.backends.transcription import Transcript
    from polargrid_edge.catalog import Catalog, Kind, Model
    from polargrid_edge.workers import Timing

Json = dict[str, Any]

_MODEL_TYPES: Mapping[Kind, str] = {
    "chat": "chat",
    "speech": "text-to-speech",
    "transcription": "speech-to-text",
}


def arguments(body: BaseModel) -> Json:
    """What a request asks for: the fields the API knows, with its defaults for those that are absent or null."""
    fields = type(body).model_fields.items()
    defaults = {
        field.alias or name: _plain(field.default)
        for name, field in fields
        if field.default is not None and field.default is not PydanticUndefined
    }
    return defaults | _known(body)


def _known(body: BaseModel) -> Json:
    given = {field.alias or name: getattr(body, name) for name, field in type(body).model_fields.items()}
    return {name: _plain(value) for name, value in given.items() if value is not None}


def _plain(value: object) -> Any:
    match value:
        case BaseModel():
            return _known(value)
        case Enum():
            return value.value
        case list():
            return [_plain(item) for item in value]
        case _:
            return value


def encoded(value: object) -> bytes:
    """JSON in UTF-8; what cannot be told in UTF-8 becomes a question mark."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8", "replace")


def event(data: bytes) -> bytes:
    """A server-sent event. JSON holds no line breaks, so that its data is one line."""
    return b"data: " + data + b"\n\n"


def metadata(node: str, asked: str, model: Model, timing: Timing, now: float | None = None) -> Json:
    """`pg_metadata`; `now` on the clock of the timing, None where the answer goes on."""
    made: Json = {"region": node, "queue_time_ms": round(timing.queued * 1000)}
    if now is not None:
        made["latency_ms"] = round((now - timing.began) * 1000)
        if timing.inference_began is not None:
            made["inference_time_ms"] = round((now - timing.inference_began) * 1000)
    if timing.loading is not None:
        made["model_load_time_ms"] = round(timing.loading * 1000)
    if asked != model.id:
        made["served_model"] = model.id
    return made


def verbose_transcript(task: str, transcript: Transcript) -> Json:
    return {
        "task": task,
        "language": transcript.language,
        "duration": transcript.duration,
        "text": transcript.text,
        "segments": [asdict(segment) for segment in transcript.segments],
    }


def model_info(model: Model, names: Iterable[str], node: str) -> Json:
    """A model as `list_models` tells it; `names` are all that it answers to."""
    return {
        "id": model.id,
        "object": "model",
        "created": model.created,
        "owned_by": model.origin.partition("/")[0],
        "permission": [],
        "root": model.id,
        "parent": None,
        "pg_model_type": _MODEL_TYPES[model.kind],
        "pg_parameters": model.parameters,
        "pg_regions": [node],
        "pg_max_tokens": model.context,
        "pg_aliases": [name for name in names if name != model.id],
    }


def model_list(catalog: Catalog, node: str) -> Json:
    data = [model_info(model, catalog.names(model), node) for model in catalog.models]
    return {"object": "list", "data": data}


def timestamp(now: datetime) -> str:
    """ISO 8601 in UTC, to the millisecond; `now` must know its time zone."""
    return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def outcome(done: Iterable[object], errors: Iterable[object]) -> str:
    """Whether all of several things went well."""
    if not any(True for _ in errors):
        return "success"
    return "partial" if any(True for _ in done) else "failed"
