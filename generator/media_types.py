"""Media types of responses: how each is read; pure."""

from __future__ import annotations

import re
from typing import Literal

from polargrid_runtime.json_lines import JSON_LINES

Kind = Literal["json", "text", "binary", "events", "unreadable"]
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+|\*/\*|[a-z0-9!#$&^_.+-]+/\*")  # RFC 9110, 8.3.1
EVENT_STREAM = "text/event-stream"
_TEXTS = ("application/xml", "application/yaml", "application/x-yaml", "application/javascript", "application/graphql",
          "application/sql", "application/toml", "application/x-subrip", "image/svg+xml")  # fmt: skip


def parse_media_type(value: str) -> str:
    """Return a media type in lower case, without parameters."""
    return value.partition(";")[0].strip().lower()


def classify_media_type(media_type: str) -> Kind:
    """Return how a response of a media type, without parameters, is read."""
    if not _MEDIA_TYPE.fullmatch(media_type):
        return "unreadable"
    main, _, sub = media_type.partition("/")
    if media_type == EVENT_STREAM or media_type in JSON_LINES:
        return "events"
    if sub == "json" or sub.endswith("+json"):
        return "json"
    if main == "text" or media_type in _TEXTS or sub.endswith(("+xml", "+yaml")):
        return "text"
    return "unreadable" if main in ("multipart", "message") or sub == "x-www-form-urlencoded" else "binary"
