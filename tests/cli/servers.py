"""Scripts for the server that the command talks to: what it does with each connection.

The names of the shared scripts are imported here only; the tests import them from this module.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.overlay.conftest import RawServer as ScriptedServer
from tests.overlay.faults.scripts import (
    DONE,
    HEALTH,
    chunk,
    close,
    ignore_disconnect,
    response,
    send,
    stream,
    wait_for_disconnect,
)

__all__ = ["DONE", "HEALTH", "ScriptedServer", "chunk", "close", "ignore_disconnect", "response", "send", "stream"]

CERTIFICATES = Path(__file__).parent.parent / "overlay" / "faults" / "certificates"
MODELS = {"object": "list", "data": []}
Script = Callable[[Any], object]


def stream_chat(*texts: str, finish_reason: str = "stop") -> Script:
    """Stream a chat response with these texts."""
    return stream(*[chunk(text) for text in texts], chunk(None, finish_reason), DONE)


def stream_chat_and_wait(*texts: str) -> Script:
    """Stream the start of a chat response, then wait until the client disconnects."""
    return ignore_disconnect(stream(*[chunk(text) for text in texts], then=wait_for_disconnect))


def route(handle: Callable[[str], bytes]) -> Script:
    """Respond to each request on a connection by its path, until the client disconnects."""

    def script(connection: Any) -> None:
        while line := connection.read_request().line:
            connection.send(handle(line.split()[1]))

    return ignore_disconnect(script)


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
    """Count the requests; a connection that closes without one leaves an empty request line."""
    return len([request for request in server.requests if request.line])


def over_tls(certificate: str, script: Script) -> Script:
    """Run the script on a TLS connection with a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / f"{certificate}.pem", CERTIFICATES / "key.pem")

    def run(connection: Any) -> None:
        with context.wrap_socket(connection.socket, server_side=True) as tls_socket:
            tls_connection = type(connection)(tls_socket, connection.requests)
            try:
                script(tls_connection)
            finally:
                tls_connection.close()

    return ignore_disconnect(run)
