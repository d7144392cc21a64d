"""What a span says of a request; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from pydantic_core import from_json

from polargrid_codec.encoding import EncodedRequest
from polargrid_otel import conventions as names
from polargrid_otel.texts import Redact, redact_value

_DEFAULT_PORTS = {"http": 80, "https": 443}
_INTEGER_END = 2**63
_NUMBERS = (int, float)


def read_fields(request: EncodedRequest) -> Mapping[str, Any]:
    """Return the fields of a request as they are sent: of JSON, or of a form without its files."""
    if request.form is not None:
        return {part.name: part.text for part in request.form}
    if request.content is None or request.operation.body_kind != "json":
        return {}
    fields = from_json(request.content, cache_strings="keys")
    return fields if isinstance(fields, dict) else {}


def add_request(attributes: dict[str, Any], fields: Mapping[str, Any], redact: Redact) -> None:
    """Add the attributes of a request, except for its model; without the key."""
    for field, value in fields.items():
        entry = _ATTRIBUTES.get(field)
        if entry is not None and value is not None:
            name, convert = entry
            try:
                converted = convert(value)
            except (TypeError, ValueError, OverflowError):  # of a request by `client.post`, which the server rejects
                continue
            if converted is not None:
                attributes[name] = converted if type(converted) in _NUMBERS else redact_value(converted, redact)


def add_headers(headers: Mapping[str, str], carrier: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of a call with those of the propagator; the caller's take precedence.

    Raises ValueError for a header that cannot be sent.
    """
    merged = dict(headers)
    for name, value in carrier.items():
        if name == "tracestate" and "traceparent" in headers:  # it belongs to its traceparent
            continue
        if not (isinstance(value, str) and value.isascii() and value.isprintable()):
            raise ValueError(f"header {name!r} of the propagator: expected printable ASCII")
        merged.setdefault(name.lower(), value)
    return merged


def _texts(value: Any) -> list[str] | None:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str)] or None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _integer(value: Any) -> int | None:
    """OpenTelemetry has integers of 64 bits."""
    number = int(value)
    return number if -_INTEGER_END <= number < _INTEGER_END else None


def _count(value: Any) -> int | None:
    """One choice is what every request asks for."""
    return None if value == 1 else _integer(value)


def _output_type(value: Any) -> str | None:
    """The kind of a `response_format`; that of audio is a text, and no kind of output."""
    kind = value.get("type") if isinstance(value, dict) else None
    if not isinstance(kind, str):
        return None
    return "json" if kind.startswith("json") else kind


_ATTRIBUTES: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "temperature": (names.REQUEST_TEMPERATURE, float),
    "top_p": (names.REQUEST_TOP_P, float),
    "top_k": (names.REQUEST_TOP_K, _integer),
    "frequency_penalty": (names.REQUEST_FREQUENCY_PENALTY, float),
    "presence_penalty": (names.REQUEST_PRESENCE_PENALTY, float),
    "max_tokens": (names.REQUEST_MAX_TOKENS, _integer),
    "max_completion_tokens": (names.REQUEST_MAX_TOKENS, _integer),
    "reasoning_effort": (names.REQUEST_REASONING_LEVEL, _text),
    "seed": (names.REQUEST_SEED, _integer),
    "n": (names.REQUEST_CHOICE_COUNT, _count),
    "stop": (names.REQUEST_STOP_SEQUENCES, _texts),
    "dimensions": (names.EMBEDDINGS_DIMENSION_COUNT, _integer),
    "encoding_format": (names.REQUEST_ENCODING_FORMATS, _texts),
    "response_format": (names.OUTPUT_TYPE, _output_type),
}


@lru_cache(maxsize=256)
def server_attributes(base_url: str) -> Mapping[str, Any]:
    """Return the address and the port of an endpoint."""
    parts = urlsplit(base_url)
    return {
        names.SERVER_ADDRESS: parts.hostname or "",
        names.SERVER_PORT: parts.port or _DEFAULT_PORTS.get(parts.scheme, 0),
    }
