"""Faults of a proxy: the fake is the proxy of a client whose server is another one."""

from __future__ import annotations

from collections.abc import Iterable

from polargrid_testing.faults.answers import render
from polargrid_testing.faults.registry import fault
from polargrid_testing.received import ReceivedRequest
from polargrid_testing.steps import Answer, Close, Receive, Send, Stall, Step


@fault("proxy-rejects", phase="head")
def reject_tunnel(request: ReceivedRequest, *, status: int = 407) -> Iterable[Step] | None:
    """The proxy rejects the tunnel to an https server."""
    if request.method != "CONNECT":
        return None
    return [Receive(), Send(render(Answer(status, {"content-type": "text/plain"}, b"no"))), Close()]


@fault("proxy-stall", phase="head")
def stall_tunnel(request: ReceivedRequest) -> Iterable[Step] | None:
    """The proxy does not respond to the request for a tunnel."""
    return [Receive(), Stall()] if request.method == "CONNECT" else None


@fault("proxy-tunnel-plain", phase="head")
def tunnel_without_tls(request: ReceivedRequest) -> Iterable[Step] | None:
    """The tunnel leads to a server without TLS."""
    if request.method != "CONNECT":
        return None
    plain = render(Answer(400, {"content-type": "text/plain"}, b"expected HTTP"))
    return [Receive(), Send(b"HTTP/1.1 200 OK\r\n\r\n"), Send(plain), Close()]
