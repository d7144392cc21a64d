"""Scripts for the server that the command talks to: what it does with each connection.

The names of the shared scripts are imported here only; the tests import them from this module.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from polargrid_testing.steps import ReceiveRequest, Send, StartTLS, Step
from tests.overlay.conftest import ScriptServer as ScriptedServer
from tests.overlay.faults.scripts import (
    DONE,
    HEALTH,
    chunk,
    close,
    response,
    send,
    stream,
    wait_for_disconnect,
)

__all__ = ["DONE", "HEALTH", "ScriptedServer", "chunk", "close", "response", "send", "stream"]

CERTIFICATES = Path(__file__).parent.parent / "overlay" / "faults" / "certificates"
MODELS = {"object": "list", "data": []}
Script = Callable[[], Iterable[Step]]


def stream_chat(*texts: str, finish_reason: str = "stop") -> Script:
    """Stream a chat response with these texts."""
    return stream(*[chunk(text) for text in texts], chunk(None, finish_reason), DONE)


def stream_chat_and_wait(*texts: str) -> Script:
    """Stream the start of a chat response, then wait until the client disconnects."""
    return stream(*[chunk(text) for text in texts], then=wait_for_disconnect)


def route(handle: Callable[[str], bytes]) -> Script:
    """Respond to each request on a connection by its path, until the client disconnects."""

    def script() -> Iterator[Step]:
        while request := (yield ReceiveRequest()):
            yield Send(handle(request.target))

    return script


def respond(body: Any, *headers: str, **options: Any) -> Script:
    """Send the same response to every request."""
    return route(lambda _path: response(body, *headers, **options))


def reject(status: str, code: str, *headers: str) -> Script:
    """Send an error response to every request."""
    body = {"error": {"message": "No.", "type": "t", "code": code}}
    return respond(body, "x-request-id: req_cli", *headers, status=status)


def reject_once(status: str) -> Script:
    """Send an error response to one request and close the connection."""
    return send(response({"error": {"message": "No."}}, "connection: close", status=status), then=close)


def healthy(path: str) -> bytes:
    """Return the response of a healthy server without models."""
    return response(HEALTH if path == "/health" else MODELS)


def count_requests(server: ScriptedServer) -> int:
    """Count the requests."""
    return len(server.requests)


def over_tls(certificate: str, script: Script) -> Script:
    """Run the script on a TLS connection with a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / f"{certificate}.pem", CERTIFICATES / "key.pem")

    def run() -> Iterator[Step]:
        yield StartTLS(context)
        yield from script()

    return run
