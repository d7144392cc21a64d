"""A fast server in a process of its own: the first part of the path selects the response.

`/health` (200), `/storm` (503), `/stream` (two chunks and no end), one path for each of FAULTS, and what the server
counted at `/requests` and `/connections`. It prints its URL, and ends with its standard input.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import sys
from collections import Counter
from enum import Enum, auto
from importlib import resources
from typing import Any, Final

_CLOSE_TIMEOUT: Final = 10.0  # seconds that `/connections` waits for the others to close


class After(Enum):
    """What happens to the connection after a response."""

    KEEP = auto()
    CLOSE = auto()
    RESET = auto()


def _load_health_example() -> bytes:
    document = json.loads(resources.files("polargrid_generated").joinpath("openapi.json").read_text("utf-8"))
    content = document["paths"]["/health"]["get"]["responses"]["200"]["content"]["application/json"]
    examples = content.get("examples", {}).values()
    return json.dumps(next((example["value"] for example in examples), content.get("example"))).encode()


def build_response(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    """A response with a Content-Length."""
    lines = [f"HTTP/1.1 {status}", "content-type: application/json", f"content-length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _build_event(text: str) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
    data = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return f"data: {json.dumps(data)}\n\n".encode()


_STREAM_HEAD: Final = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"  # until the connection closes
_CHUNKED_HEAD: Final = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
_ERROR: Final = b'{"error": {"message": "no"}}'
OPEN_STREAM: Final = _STREAM_HEAD + _build_event("Once") + _build_event(" upon")
#: Faults: what the server sends, and what follows.
FAULTS: Final[dict[str, tuple[bytes, After]]] = {
    "closed": (b"", After.CLOSE),
    "reset": (b"", After.RESET),
    "silent": (b"", After.KEEP),
    "no-http": (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", After.CLOSE),
    "truncated": (build_response(b"{}" * 50)[:-9], After.CLOSE),
    "invalid-chunk": (_CHUNKED_HEAD + b"zz\r\n", After.KEEP),
    "html": (build_response(b"<p>").replace(b"application/json", b"text/html"), After.KEEP),
    "invalid-json": (build_response(b'{"status": '), After.KEEP),
    "invalid-gzip": (build_response(b"not gzip", "200 OK", "content-encoding: gzip"), After.KEEP),
    "redirect": (build_response(b"", "307 Temporary Redirect", "location: /elsewhere"), After.KEEP),
    "unauthorized": (build_response(_ERROR, "401 Unauthorized"), After.KEEP),
    "server-error": (build_response(_ERROR, "500 Internal Server Error", "retry-after-ms: 0"), After.KEEP),
    "large-error": (build_response(b"x" * 200_000, "418 I'm a teapot"), After.KEEP),
    "truncated-stream": (OPEN_STREAM, After.CLOSE),
    "error-event": (OPEN_STREAM + b'data: {"error": {"message": "no"}}\n\n', After.KEEP),
}


class Connection(asyncio.Protocol):
    """One connection."""

    responses: Final[dict[str, bytes]] = {
        "health": build_response(_load_health_example()),
        "stream": OPEN_STREAM,
        "storm": build_response(b"{}", "503 Service Unavailable", "retry-after-ms: 0"),
    }
    open: Final[set[Connection]] = set()
    requests: Final[Counter[str]] = Counter()
    closed: asyncio.Event

    def connection_made(self, transport: Any) -> None:
        self._transport, self._buffer = transport, b""
        Connection.open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        Connection.open.discard(self)
        Connection.closed.set()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, end, body = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return
        headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        if len(body) < int(headers.get(b"content-length", 0)):
            return
        self._buffer = b""
        self._respond(head.split(b" ", 2)[1].decode().split("/")[1])

    def _respond(self, name: str) -> None:
        Connection.requests[name] += 1
        if name in FAULTS:
            self._send(*FAULTS[name])
        elif name == "requests":
            self._send(build_response(json.dumps(Connection.requests).encode()), After.CLOSE)
        elif name == "connections":
            self._task = asyncio.ensure_future(self._send_connection_count())
        else:
            self._send(Connection.responses[name], After.KEEP)

    def _send(self, data: bytes, after: After) -> None:
        self._transport.write(data)
        if after is After.RESET:
            sock = self._transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if after is not After.KEEP:
            self._transport.close()

    async def _send_connection_count(self) -> None:
        """Send how many other connections are open: as soon as there are none, or after the timeout."""
        try:
            async with asyncio.timeout(_CLOSE_TIMEOUT):
                while Connection.open != {self}:
                    Connection.closed.clear()
                    await Connection.closed.wait()
        except TimeoutError:
            pass
        self._send(build_response(json.dumps(len(Connection.open) - 1).encode()), After.CLOSE)


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    Connection.closed = asyncio.Event()
    server = await loop.create_server(Connection, "127.0.0.1", 0, backlog=1024)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve())
