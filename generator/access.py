"""Where an operation is called, and whether it needs the key; pure."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from generator.spec import Spec, SpecError


def parse_server(spec: Spec, context: str, operation: dict[str, Any]) -> str | None:
    """Return the base URL of a normalized operation, without the slash at its end; None for that of the document.

    Raises SpecError, at its location in the operation, for several servers, and for a URL that is not absolute.
    """
    servers = operation.get("servers", [])
    if not servers or servers == spec.get("servers"):
        return None
    if len(servers) > 1:
        message = f"{context}: {len(servers)} servers; keep the one that the SDK calls"
        raise SpecError(message, location=("servers",))
    variables = {name: str(item.get("default", "")) for name, item in servers[0].get("variables", {}).items()}
    url = re.sub(r"{([^{}]+)}", lambda match: variables.get(match[1], match[0]), servers[0]["url"])
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or "{" in url:
        message = f"{context}: server {url!r}; expected an absolute URL, like https://host.example"
        raise SpecError(message, location=("servers", 0, "url"))
    return url.rstrip("/")


def requires_key(spec: Spec, context: str, operation: dict[str, Any]) -> bool:
    """Whether the key is sent to a normalized operation: not if it may be called without one.

    Raises SpecError, at its location in the operation, if the key would have to be sent in another way.
    """
    alternatives: list[dict[str, Any]] = operation["security"]
    if not alternatives or {} in alternatives:
        return False
    schemes = spec["components"].get("securitySchemes", {})
    if any(len(names) == 1 and _is_bearer(schemes.get(next(iter(names)), {})) for names in alternatives):
        return True
    names = ", ".join(" and ".join(item) for item in alternatives)
    message = f"{context}: security: {names}; the SDK sends its key as `type: http, scheme: bearer`"
    raise SpecError(message, location=("security",))


def _is_bearer(scheme: dict[str, Any]) -> bool:
    return (scheme.get("type"), str(scheme.get("scheme")).lower()) == ("http", "bearer")
