"""What is asked of httpx and httpx2 by their public interface: modules, clients, options."""

from __future__ import annotations

import sys
from importlib import import_module, metadata
from typing import Any

from polargrid_runtime import errors
from polargrid_transport.decompression import ACCEPT_ENCODING
from polargrid_transport.environment import default_ssl_context

#: Seconds that an idle connection is kept: less than a server keeps it (an edge 5 s).
KEEPALIVE_EXPIRY = 4.0
#: The headers of every request, except for the key.
DEFAULT_HEADERS = {
    "User-Agent": f"polargrid-python/{metadata.version('polargrid')}",
    "Accept-Encoding": ACCEPT_ENCODING,
}


def load_library(name: str, extra: str | None = None) -> Any:
    """Import httpx, httpx2 or polargrid_fast. Raises ValidationError if its extra is not installed."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        message = f"transport: {error.name} is not installed; run: pip install 'polargrid[{extra or name}]'"
        raise errors.ValidationError(message, param="transport", sent=False) from error


def validate_client(http_client: Any, name: str) -> None:
    """Raise ValidationError for an `http_client` that is not, and does not look like, a client of this name."""
    names = {kind.__name__ for kind in type(http_client).__mro__}
    is_other = name not in names and names & {"Client", "AsyncClient"}
    if is_other or isinstance(http_client, type) or not hasattr(http_client, "build_request"):
        message = f"http_client: expected an httpx.{name}, not {http_client!r}"
        raise errors.ValidationError(message, param="http_client", sent=False)


def library_of(http_client: Any) -> Any:
    """The library of the caller's client: httpx, or httpx2."""
    packages = {kind.__module__.partition(".")[0] for kind in type(http_client).__mro__}
    return sys.modules["httpx2" if "httpx2" in packages else "httpx"]


def transport_options(library: Any, ssl_context: Any, url: str, proxy: str | None) -> dict[str, Any]:
    """The arguments of an httpx.HTTPTransport that holds one connection."""
    needs_tls = url.startswith("https:") or (proxy or "").startswith("https:")
    context = ssl_context or default_ssl_context(library, verify=needs_tls)
    limits = library.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=KEEPALIVE_EXPIRY)
    options = {"verify": context, "trust_env": False, "limits": limits}
    if proxy:
        options["proxy"] = library.Proxy(proxy, ssl_context=context if proxy.startswith("https:") else None)
    return options
