"""Bodies of requests as they are compared: JSON by its value, files by their hash, forms without a boundary; pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from polargrid_testing.cassettes.body_notation import is_shallow
from polargrid_testing.cassettes.credentials import PLACEHOLDER, is_secret_parameter
from polargrid_testing.forms import FormError, FormPart
from polargrid_testing.received import ReceivedRequest

_MAX_TEXT = 16 * 1024


def describe_request_body(request: ReceivedRequest, redact: Callable[[bytes], bytes]) -> dict[str, Any] | None:
    """Return the body as `json`, `form`, `text`, or `size` and `sha256`; None without one."""
    if not request.body:
        return None
    try:
        if request.parts:
            return {"form": [_describe_part(part, redact) for part in request.parts]}
    except FormError:
        pass
    if request.media_type.endswith("json"):
        try:
            value = json.loads(redact(request.body))
            if is_shallow(value):
                return {"json": value}
        except (ValueError, RecursionError):
            pass
    return {"content_type": request.media_type, **_describe_content(request.body, redact)}


def _describe_part(part: FormPart, redact: Callable[[bytes], bytes]) -> dict[str, Any]:
    name = redact(part.name.encode()).decode()
    if is_secret_parameter(part.name):
        return {"name": name, "text": PLACEHOLDER}
    if part.filename is None:
        return {"name": name, **_describe_content(part.data, redact)}
    filename = redact(part.filename.encode()).decode()
    return {"name": name, "filename": filename, "content_type": part.content_type, **_hash(part.data)}


def _describe_content(data: bytes, redact: Callable[[bytes], bytes]) -> dict[str, Any]:
    data = redact(data)  # also where it is a hash, which else would be that of one key
    if len(data) <= _MAX_TEXT:
        try:
            return {"text": data.decode()}
        except UnicodeDecodeError:
            pass
    return _hash(data)


def _hash(data: bytes) -> dict[str, Any]:
    return {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
