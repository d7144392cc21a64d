"""What the process environment says about connections: proxies and certificates."""

from __future__ import annotations

import errno
import ipaddress
import os
import sys
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from polargrid_runtime.errors import ValidationError

if TYPE_CHECKING:
    import ssl

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")


def is_loopback(url: str) -> bool:
    """Whether the URL is one of this machine."""
    return urlsplit(url).hostname in _LOOPBACK


@cache
def default_ssl_context(library: Any, *, verify: bool = True) -> ssl.SSLContext:
    """Return the TLS context of httpx or httpx2, shared: it honours SSL_CERT_FILE, and takes 20 ms to load.

    With `verify=False`, for connections without TLS, it loads no certificates. Raises ValidationError if SSL_CERT_FILE
    has none.
    """
    try:
        context: ssl.SSLContext = library.create_ssl_context(verify=verify)
    except OSError as error:
        names = [name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(name)]
        if not names or error.errno in (errno.EMFILE, errno.ENFILE):
            raise
        message = f"{names[0]}: cannot load certificates from {os.environ[names[0]]!r}: {error}"
        raise ValidationError(message, param=names[0], sent=False) from error
    return context


def proxy_for(url: str) -> str | None:
    """Return the proxy that the environment sets for a URL: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, except NO_PROXY.

    Raises ValidationError for a proxy of an unknown scheme.
    """
    if sys.platform == "linux" and not any(name.lower().endswith("_proxy") for name in os.environ):
        return None  # elsewhere the system has proxy settings as well
    import urllib.request  # slow to import

    proxies = urllib.request.getproxies()
    parts = urlsplit(url)
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    host = parts.hostname or ""
    address = f"{host}:{parts.port}" if parts.port else host
    is_excluded = urllib.request.proxy_bypass(address) or _is_in_network(host, proxies.get("no", ""))
    if not proxy or is_excluded:
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    scheme = proxy.partition("://")[0].lower()
    if scheme not in _PROXY_SCHEMES:
        schemes = ", ".join(_PROXY_SCHEMES)
        message = f"unsupported proxy scheme {scheme!r} in the environment; expected one of: {schemes}"
        raise ValidationError(message, sent=False)
    return proxy


def _is_in_network(host: str, no_proxy: str) -> bool:
    """Whether NO_PROXY names a network of the host (CIDR), or its IPv6 address in brackets; urllib knows neither."""
    for pattern in no_proxy.split(","):
        try:
            network = ipaddress.ip_network(pattern.strip().removeprefix("[").partition("]")[0], strict=False)
            if ipaddress.ip_address(host) in network:
                return True
        except ValueError:  # one of them is a name
            continue
    return False
