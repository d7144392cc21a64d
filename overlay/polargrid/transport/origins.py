"""Where connections lead: origins, their certificates, and the proxies that the environment names."""

from __future__ import annotations

import functools
import ssl
import urllib.request
from typing import NamedTuple

import httpx

from polargrid.errors import ValidationError

#: Seconds that an idle connection is kept: less than a server does (5 s at an edge): none is used that just closed.
KEEP_ALIVE = 4.0
#: Seconds for the end of an answer whose content is complete: then its connection can be used again.
DRAINED = 0.05
MOST_IDLE = 1000  # connections of one origin


class Origin(NamedTuple):
    """What a connection is made to."""

    scheme: str
    host: str
    port: int

    @property
    def is_tls(self) -> bool:
        """Whether it takes a certificate."""
        return self.scheme == "https"


def origin_of(url: httpx.URL) -> Origin:
    """The origin of a URL; its host as it is looked up."""
    return Origin(url.scheme, url.raw_host.decode("ascii"), url.port or (443 if url.scheme == "https" else 80))


@functools.cache
def tls() -> ssl.SSLContext:
    """One context for all clients: it takes 20 ms to read the certificates."""
    return httpx.create_ssl_context()


def proxy_of(url: httpx.URL) -> str | None:
    """The proxy that the environment names for a URL: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, but for NO_PROXY."""
    proxies = urllib.request.getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy or urllib.request.proxy_bypass(f"{url.host}:{url.port}" if url.port else url.host):
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    scheme = proxy.partition("://")[0]
    if scheme.lower() not in ("http", "https", "socks5", "socks5h"):
        error = ValidationError(f"the request cannot be sent: the environment names a proxy of {scheme}://")
        error.sent = False
        raise error
    return proxy
