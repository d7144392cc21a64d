"""TLS: certificates that clients reject, handshakes and connections that fail. The fake needs `tls=True`."""

from __future__ import annotations

from collections.abc import Iterable

from polargrid_testing.certificates import Kind, server_context
from polargrid_testing.faults.answers import head_of, render
from polargrid_testing.faults.registry import fault
from polargrid_testing.steps import Answer, Close, Send, StartTLS, Step


@fault("tls-certificate", phase="connect")
def use_certificate(*, kind: Kind = "expired") -> Iterable[Step]:
    """The certificate has expired, is not valid yet, self-signed, for another host, or of an unknown authority."""
    return [StartTLS(server_context(kind))]


@fault("tls-client-certificate", phase="connect")
def require_certificate() -> Iterable[Step]:
    """The server requires a certificate of the client."""
    return [StartTLS(server_context(requires_certificate=True))]


@fault("tls-missing", phase="connect")
def speak_plain() -> Iterable[Step]:
    """The server speaks plain HTTP where TLS is expected."""
    return [StartTLS(None)]


@fault("tls-unexpected", phase="connect")
def speak_tls() -> Iterable[Step]:
    """The server speaks TLS where plain HTTP is expected (a fake without `tls=True`)."""
    return [StartTLS(server_context())]


@fault("tls-cut", phase="response")
def cut_tls(answer: Answer, *, framed: bool = True) -> Iterable[Step]:
    """A TLS connection ends without close_notify: inside the body, or as the only end of a body without a length."""
    if framed:
        head, body = render(answer), answer.content
        return [Send(head[: len(head) - len(body) // 2]), Close(notify=False)]
    return [Send(head_of(answer)), Send(answer.content), Close(notify=False)]
