"""Build the JSON bodies of responses. Pure."""

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
    from polargrid_edge.models.catalog import Catalog, Kind, Model
    from polargrid_edge.models.pool import Timing

Json = dict[str, Any]

_MODEL_TYPES: Mapping[Kind, str] = {
    "chat": "chat",
    "speech": "text-to-speech",
    "transcription": "speech-to-text",
    "embedding": "embedding",
}


def request_fields(body: BaseModel) -> Json:
    """The fields of a request that the API defines, with its defaults for those that are absent or null."""
    fields = type(body).model_fields.items()
    defaults = {
        field.alias or name: _to_plain(field.default)
        for name, field in fields
        if field.default is not None and field.default is not PydanticUndefined
    }
    return defaults | _fields_with_value(body)


def _fields_with_value(body: BaseModel) -> Json:
    values = {field.alias or name: getattr(body, name) for name, field in type(body).model_fields.items()}
    return {name: _to_plain(value) for name, value in values.items() if value is not None}


def _to_plain(value: object) -> Any:
    match value:
        case BaseModel():
            return _fields_with_value(value)
        case Enum():
            return value.value
        case list():
            return [_to_plain(item) for item in value]
        case _:
            return value


def to_json_bytes(value: object) -> bytes:
    """JSON in UTF-8; what UTF-8 cannot encode becomes a question mark."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8", "replace")


def to_event(data: bytes) -> bytes:
    """A server-sent event. JSON has no line breaks, so its data is one line."""
    return b"data: " + data + b"\n\n"


def response_metadata(node: str, requested: str, model: Model, timing: Timing, now: float | None = None) -> Json:
    """`pg_metadata`; `now` is a time on the clock of `timing`, None for a stream that continues."""
    metadata: Json = {"region": node, "queue_time_ms": round(timing.queued * 1000)}
    if now is not None:
        metadata["latency_ms"] = round((now - timing.started_at) * 1000)
        if timing.inference_started_at is not None:
            metadata["inference_time_ms"] = round((now - timing.inference_started_at) * 1000)
    if timing.loading is not None:
        metadata["model_load_time_ms"] = round(timing.loading * 1000)
    if requested != model.id:
        metadata["served_model"] = model.id
    return metadata


def verbose_transcript(task: str, transcript: Transcript, *, words: bool = False) -> Json:
    body: Json = {
        "task": task,
        "language": transcript.language,
        "duration": transcript.duration,
        "text": transcript.text,
        "segments": [_without(asdict(segment), "words") for segment in transcript.segments],
    }
    if words:
        body["words"] = [asdict(word) for segment in transcript.segments for word in segment.words]
    return body


def _without(fields: Json, name: str) -> Json:
    return {key: value for key, value in fields.items() if key != name}


def model_info(catalog: Catalog, name: str, node: str) -> Json:
    """A model as the API shows it by one of its names. Raises `UnknownModelError`."""
    model = catalog.resolve(name)
    return {
        "id": name,
        "object": "model",
        "created": model.created,
        "owned_by": model.owner or model.origin.partition("/")[0],
        "permission": [],
        "root": model.id,
        "parent": None,
        "pg_model_type": _MODEL_TYPES[model.kind],
        "pg_parameters": model.parameters,
        "pg_regions": [node],
        "pg_max_tokens": model.context,
        "pg_aliases": [other for other in catalog.names(model) if other != name],
    }


def model_list(catalog: Catalog, node: str) -> Json:
    """The models, and after them each name that stands for one of them, for clients that look for it in the list."""
    return {"object": "list", "data": [model_info(catalog, name, node) for name in catalog.list_names()]}


def timestamp(now: datetime) -> str:
    """ISO 8601 in UTC, to the millisecond; `now` must be aware of its time zone."""
    return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def summarize(results: Iterable[object], errors: Iterable[object]) -> str:
    """The status of several operations together: success, partial or failed."""
    if not any(True for _ in errors):
        return "success"
    return "partial" if any(True for _ in results) else "failed"
