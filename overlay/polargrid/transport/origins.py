"""Where connections lead: origins, their certificates, and the proxies that the environment names."""

from __future__ import annotations

import functools
import os
import sys
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlsplit

from polargrid.errors import ValidationError

if TYPE_CHECKING:
    from ssl import SSLContext

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
    context: SSLContext | None = None
    """The caller's own certificates."""

    def tls(self) -> SSLContext | None:
        """Which certificates count; None where none is needed."""
        return (self.context or tls()) if self.is_tls else None

    @property
    def is_tls(self) -> bool:
        """Whether it takes a certificate."""
        return self.scheme == "https"

    @property
    def has_usual_port(self) -> bool:
        """Whether its port is what goes without saying."""
        return self.port == _PORTS[self.scheme]


_PORTS = {"http": 80, "https": 443}
_PRINTABLE = "".join(chr(code) for code in range(33, 127))


class Address(NamedTuple):
    """What an edge's URL says: where to connect, and what stands before each path."""

    origin: Origin
    authority: str
    """The value of the Host header."""
    path: str


def address_of(base_url: str) -> Address:
    """The address of an edge; its host as it is looked up, its path as it is sent."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    host = host if host.isascii() else host.encode("idna").decode()
    port = parts.port or _PORTS[parts.scheme]
    named = f"[{host}]" if ":" in host else host
    authority = named if port == _PORTS[parts.scheme] else f"{named}:{port}"
    return Address(Origin(parts.scheme, host, port), authority, quote(parts.path, safe=_PRINTABLE))


@functools.cache
def tls() -> SSLContext:
    """One context for all clients: it takes 20 ms to read the certificates.

    They are certifi's, or those that SSL_CERT_FILE and SSL_CERT_DIR name.
    """
    import ssl  # an edge without TLS, as a local one, costs none of this

    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if not (file or folder):
        import certifi

        file = certifi.where()
    return ssl.create_default_context(cafile=file or None, capath=folder or None)


def proxy_of(origin: Origin) -> str | None:
    """The proxy that the environment names for an origin: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, but for NO_PROXY."""
    if sys.platform == "linux" and not any(name.lower().endswith("_proxy") for name in os.environ):
        return None  # elsewhere the system's settings count, too
    import urllib.request  # a fifth of the time that a client takes to import

    proxies = urllib.request.getproxies()
    proxy = proxies.get(origin.scheme) or proxies.get("all")
    if not proxy or urllib.request.proxy_bypass(f"{origin.host}:{origin.port}"):
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    scheme = proxy.partition("://")[0]
    if scheme.lower() not in ("http", "https", "socks5", "socks5h"):
        error = ValidationError(f"the request cannot be sent: the environment names a proxy of {scheme}://")
        error.sent = False
        raise error
    return proxy
