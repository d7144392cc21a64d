"""TLS: the default context, and how a TLS connection ended."""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ssl import SSLContext


@functools.cache
def default_ssl_context() -> SSLContext:
    """The context of all pools without an own one. Loading the certificates takes 20 ms, so it happens once.

    The certificates are certifi's, or those that SSL_CERT_FILE and SSL_CERT_DIR name, as in httpx.
    """
    import ssl  # plain HTTP does not pay for this import

    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if not (file or folder):
        import certifi

        file = certifi.where()
    context = ssl.create_default_context(cafile=file or None, capath=folder or None)
    context.set_alpn_protocols(["http/1.1"])
    return context


def is_want_read(error: OSError) -> bool:
    """Whether a non-blocking read found no application data."""
    import ssl

    return isinstance(error, ssl.SSLWantReadError)


def is_missing_close_notify(error: Exception) -> bool:
    """Whether the connection was cut without TLS's own end-of-stream message."""
    import ssl

    return isinstance(error, ssl.SSLEOFError)


def has_close_notify(ssl_object: Any) -> bool:
    """Whether the peer ended the TLS stream itself: only then is the end of the bytes the end of the response."""
    if ssl_object is None:
        return False
    try:
        return not ssl_object.read(1)
    except (OSError, ValueError):  # no more bytes, but no end either; or shut down already
        return False
