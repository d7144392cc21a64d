"""Hosts and origins, as browsers write them in their headers. Pure."""

from __future__ import annotations

import ipaddress
import re
from typing import Final, NamedTuple

_AUTHORITY: Final = re.compile(r"(\[[0-9a-f:.]+\]|[^\s:/?#@\[\]\\]+)(?::([0-9]{1,5}))?", re.ASCII)
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class Origin(NamedTuple):
    """A scheme, a host and a port; the port is None for a scheme without a default port."""

    scheme: str
    host: str
    port: int | None


def parse_origin(text: str) -> Origin | None:
    """Parse an origin such as `https://app.example.com`; None for `null` and for what is not an origin."""
    scheme, separator, authority = text.partition("://")
    if not separator or not re.fullmatch(r"[a-zA-Z][a-zA-Z0-9+.-]*", scheme):
        return None
    return parse_authority(scheme.lower(), authority)


def parse_authority(scheme: str, authority: str) -> Origin | None:
    """Parse a host with an optional port, as in a Host header; None for an invalid one."""
    match = _AUTHORITY.fullmatch(authority.lower())
    if match is None:
        return None
    host, port = match.groups()
    return Origin(scheme, host, int(port) if port else _DEFAULT_PORTS.get(scheme))


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server on the host; an IPv6 address may have brackets."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.removeprefix("[").removesuffix("]")).is_loopback
    except ValueError:
        return False
