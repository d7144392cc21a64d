"""An authority of this process and the certificates that it issues, for servers with TLS."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Literal, TypeAlias

import trustme

Kind: TypeAlias = Literal["valid", "expired", "not-yet-valid", "self-signed", "other-host", "unknown-authority"]

_HOSTS = ("127.0.0.1", "localhost", "edge.test", "*.edge.test")


@cache
def _authority() -> trustme.CA:
    return trustme.CA(organization_name="polargrid_testing")


def client_context() -> ssl.SSLContext:
    """Return a new context of a client that trusts the authority."""
    context = ssl.create_default_context()
    _authority().configure_trust(context)
    return context


@cache
def server_context(kind: Kind = "valid", *, requires_certificate: bool = False) -> ssl.SSLContext:
    """Return the context of a server with a certificate of this kind; it may require a certificate of the client."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if kind == "self-signed":
        root = trustme.CA(organization_name="polargrid_testing, self-signed")
        with root.private_key_pem.tempfile() as key, root.cert_pem.tempfile() as certificate:
            context.load_cert_chain(certificate, key)
    else:
        _issue(kind).configure_cert(context)
    if requires_certificate:
        context.verify_mode = ssl.CERT_REQUIRED
        _authority().configure_trust(context)
    return context


def _issue(kind: Kind) -> trustme.LeafCert:
    now, day = datetime.now(UTC), timedelta(days=1)
    if kind == "expired":
        return _authority().issue_cert(*_HOSTS, not_before=now - 2 * day, not_after=now - day)
    if kind == "not-yet-valid":
        return _authority().issue_cert(*_HOSTS, not_before=now + day, not_after=now + 2 * day)
    if kind == "other-host":
        return _authority().issue_cert("other.example")
    authority = trustme.CA(organization_name="unknown") if kind == "unknown-authority" else _authority()
    return authority.issue_cert(*_HOSTS)
