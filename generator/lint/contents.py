"""Statuses, bodies and media types: misspelt, or without effect; pure."""

from __future__ import annotations

import difflib
import mimetypes
import re
from collections.abc import Iterator

from generator.lint.describe import suggest
from generator.lint.document import Finding
from generator.lint.objects import Object
from generator.lint.references import References

_TOP_LEVELS = ("application", "audio", "example", "font", "haptics", "image", "message", "model", "multipart", "text",
               "video", "*")  # fmt: skip
#: The media types that are misspelt most, and all of which the generator treats in its own way.
_COMMON = (
    "application/json", "application/octet-stream", "application/x-www-form-urlencoded", "application/x-ndjson",
    "application/problem+json", "application/pdf", "application/xml", "multipart/form-data", "text/event-stream",
    "text/plain", "text/html", "text/csv", "text/vtt", "audio/mpeg", "audio/wav", "audio/ogg", "image/png",
    "image/jpeg",
)  # fmt: skip
_KNOWN = {*_COMMON, "application/jsonl", "application/json-seq", "application/ndjson", "application/json5",
          "application/jwt", "application/jose", "application/yaml", "application/cbor", "audio/mp3", "audio/mp4",
          "audio/aac", "audio/flac", "audio/pcm", "audio/opus", "audio/webm", "audio/x-wav", "audio/L16", "image/jpg",
          "text/xml", "text/markdown", "multipart/mixed", "multipart/form-data", *mimetypes.types_map.values(),
          *mimetypes.common_types.values()}  # fmt: skip
_MEDIA_TYPE = re.compile(r"([\w!#$&^.+*-]+)/([\w!#$&^.+*-]+)(\s*;\s*[\w-]+=(\"[^\"]*\"|[\w!#$&^.+:/-]+))*", re.ASCII)
_WITHOUT_BODY = re.compile(r"1..|204|205|304")


def check_content(item: Object, references: References) -> Iterator[Finding]:
    """Yield the media types of a body, a response or a parameter that are misspelt, and an empty `content`."""
    content = item.value.get("content")
    if not isinstance(content, dict) or item.is_reference:
        return
    if not content:
        yield Finding("`content` is empty; add a media type, or remove it", (*item.location, "content"), True)
    seen: dict[str, str] = {}
    for name, value in content.items():
        location = (*item.location, "content", name)
        message = _find_mistake(name)
        if message:
            yield Finding(message, location, True)
        plain = re.sub(r"\s", "", name.lower())
        if plain in seen:
            yield Finding(f"the media type equals {seen[plain]!r}; keep one of them", location, True)
        seen.setdefault(plain, name)
        if isinstance(value, dict) and "example" in value and "examples" in value:
            message = "`example` and `examples` exclude each other; move the example into `examples`"
            yield Finding(message, (*location, "example"), True)
        yield from _check_encoding(references, name.lower(), references.child(item, "content", name))


def _find_mistake(name: str) -> str:
    match = _MEDIA_TYPE.fullmatch(name)
    if not match:
        advice = "write application/json: {schema: …}" if name == "schema" else "write it like application/json"
        return f"{name!r} is no media type; {suggest(name, _COMMON) or advice}"
    base = f"{match[1]}/{match[2]}".lower()
    if match[1].lower() not in _TOP_LEVELS:
        return f"unknown media type {name!r}; {suggest(name, _COMMON) or 'it starts with application/, text/, …'}"
    if base in _KNOWN or "+" in base or "*" in base or base.startswith(("application/vnd.", "application/x-")):
        return ""
    subtype = match[2].lower()
    for common in _COMMON:
        kind, _, other = common.partition("/")
        is_longer = subtype.startswith(other) or len(subtype) > len(other) + 1
        if kind == match[1].lower() and not is_longer and len(other) > 3 and _is_similar(subtype, other):
            return f"unknown media type {name!r}; did you mean {common!r}?"
    return ""


def _is_similar(word: str, other: str) -> bool:
    return difflib.SequenceMatcher(None, word, other).ratio() >= 0.75


def _check_encoding(references: References, name: str, item: Object | None) -> Iterator[Finding]:
    encoding = item.value.get("encoding") if item else None
    if item is None or not isinstance(encoding, dict):
        return
    location = (*item.location, "encoding")
    if not name.startswith(("multipart/", "application/x-www-form-urlencoded")):
        yield Finding(f"`encoding` has no effect on {name}; it is for forms", location, True)
        return
    schema = references.child(item, "schema")
    names = references.property_names(schema) if schema else None
    for field, rule in encoding.items():
        kinds = str(rule.get("contentType", "")) if isinstance(rule, dict) else ""
        for kind in filter(None, (part.strip() for part in kinds.split(","))):
            if message := _find_mistake(kind):
                yield Finding(message, (*location, field, "contentType"))
        if names is not None and field not in names:
            advice = suggest(field, names) or "add it to the schema"
            yield Finding(f"the form has no field {field!r}; {advice}", (*location, field), True)


def check_media_type(item: Object) -> Iterator[Finding]:
    """Yield a misspelt contentMediaType of a schema."""
    name = item.value.get("contentMediaType") if item.kind == "schema" else None
    if isinstance(name, str) and (message := _find_mistake(name)):
        yield Finding(message, (*item.location, "contentMediaType"))


def check_response(item: Object) -> Iterator[Finding]:
    """Yield content of a status that HTTP sends without a body."""
    status = str(item.location[-1])
    if item.location[-2:-1] == ("responses",) and _WITHOUT_BODY.fullmatch(status) and item.value.get("content"):
        message = f"a response with status {status} has no body; remove `content`"
        yield Finding(message, (*item.location, "content"), True)


def check_examples(item: Object) -> Iterator[Finding]:
    """Yield an example without value, and one beside `examples`."""
    if item.kind == "example" and not {"value", "externalValue"} & item.value.keys():
        yield Finding("the example has no `value`; add it", item.location, True)
    if item.kind in ("parameter", "header") and "example" in item.value and "examples" in item.value:
        message = "`example` and `examples` exclude each other; move the example into `examples`"
        yield Finding(message, (*item.location, "example"), True)
