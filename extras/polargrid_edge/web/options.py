"""What the page lets a user choose, derived from the specification of the API. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from polargrid_edge.models.voices import KOKORO_NAMES

Json = dict[str, Any]

_NOT_OFFERED: Final = {
    # The page sets these itself.
    "model", "messages", "stream", "stream_options",
    # Other names of fields that it offers.
    "max_completion_tokens", "functions", "function_call", "guided_json",
    # It does not show what these add to a response.
    "n", "logprobs", "top_logprobs", "modalities", "audio",
}  # fmt: skip


def build_options(specification: Mapping[str, Any]) -> Json:
    """The fields of a chat with their limits, and the voices, formats and limits of speech."""
    schemas = specification["components"]["schemas"]
    speech = schemas["TextToSpeechRequest"]["properties"]
    return {
        "chat": list(_iter_fields(schemas["ChatCompletionRequest"]["properties"])),
        "speech": {
            "formats": schemas["AudioFormat"]["enum"],
            "max_characters": speech["input"]["maxLength"],
            "speed": _describe_field("speed", speech["speed"]),
            "voices": list(KOKORO_NAMES),
        },
    }


def _iter_fields(properties: Mapping[str, Json]) -> Iterator[Json]:
    for name, schema in properties.items():
        if name not in _NOT_OFFERED and not schema.get("x-may-ignore"):
            yield _describe_field(name, schema)


def _describe_field(name: str, schema: Json) -> Json:
    """The name, kind, limits, default and description of a field, for an element of a form."""
    limits = {key: schema[key] for key in ("minimum", "maximum", "default") if schema.get(key) is not None}
    values = [value for value in schema.get("enum", []) if value is not None]
    field = {"name": name, "kind": _kind(schema), **limits, "description": schema["description"].strip()}
    return field | ({"values": values} if values else {})


def _kind(schema: Json) -> str:
    """`number`, `integer`, `boolean`, `choice`, `text`, `texts` (one or several), or `json` for anything else."""
    types = {kind for kind in _list_types(schema) if kind != "null"}
    if "enum" in schema:
        return "choice"
    if types == {"string", "array"}:
        return "texts"
    if len(types) != 1 or "anyOf" in schema:
        return "json"
    kind = types.pop()
    return {"string": "text", "array": "json", "object": "json"}.get(kind, kind)


def _list_types(schema: Json) -> list[str]:
    if "anyOf" in schema:
        return [kind for part in schema["anyOf"] for kind in _list_types(part)]
    kinds = schema.get("type", "object")  # a reference is to an object
    return kinds if isinstance(kinds, list) else [kinds]
