"""Whether a server is on this machine."""

from __future__ import annotations

from urllib.parse import urlsplit

_HOSTS = ("127.0.0.1", "localhost", "::1")


def is_loopback(url: str) -> bool:
    """Return whether the host of a URL is this machine."""
    return urlsplit(url).hostname in _HOSTS
