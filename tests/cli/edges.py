"""Scripts for raw edges that the command meets."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.overlay.faults.edges import DONE, HEALTH, answer, calm, chunk, closes, says, stays, streams

CERTIFICATES = Path(__file__).parent.parent / "overlay" / "faults" / "certificates"
MODELS = {"object": "list", "data": []}
Script = Callable[[Any], object]


def chat_answer(*pieces: str) -> Script:
    """A streamed answer in these pieces."""
    return streams(*[chunk(piece) for piece in pieces], chunk(None, "stop"), DONE)


def chat_begins(*pieces: str) -> Script:
    """A streamed answer that begins so and then stays, until the client leaves."""
    return calm(streams(*[chunk(piece) for piece in pieces], then=stays))


def refuses(status: str, code: str, *headers: str) -> Script:
    """An error to every request."""
    body = {"error": {"message": "No.", "type": "t", "code": code}}
    return serving(lambda _path: answer(body, "x-request-id: req_cli", *headers, status=status))


def refuses_once(status: str) -> Script:
    """An error to one request, and then the connection is closed."""
    return says(answer({"error": {"message": "No."}}, "connection: close", status=status), then=closes)


def well(path: str) -> bytes:
    """What an edge answers that is well."""
    return answer(HEALTH if path == "/health" else MODELS)


def serving(answered: Callable[[str], bytes]) -> Script:
    """Requests on one connection, answered by their path, until the client leaves."""

    def script(connection: Any) -> None:
        while line := connection.request().line:
            connection.send(answered(line.split()[1]))

    return calm(script)


def over_tls(certificate: str, script: Script) -> Script:
    """The script, over TLS, behind a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / f"{certificate}.pem", CERTIFICATES / "key.pem")

    def run(connection: Any) -> None:
        with context.wrap_socket(connection._socket, server_side=True) as secured:
            inner = type(connection)(secured, connection._requests)
            try:
                script(inner)
            finally:
                inner.close()

    return calm(run)
