"""A quick edge in a process of its own: what it answers is named by the first part of the path.

`/well`, `/storm` (503), `/streams` (two chunks and no end), one for each of FAULTS, and what it saw at `/requests` and
`/open`. It prints its URL, and ends with its standard input.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import sys
from collections import Counter
from importlib import resources
from typing import Any, Final

_UNTIL_ALL_LEFT: Final = 10.0  # seconds until `/open` answers all the same


def _example() -> bytes:
    document = json.loads(resources.files("polargrid_generated").joinpath("openapi.json").read_text("utf-8"))
    content = document["paths"]["/health"]["get"]["responses"]["200"]["content"]["application/json"]
    examples = content.get("examples", {}).values()
    return json.dumps(next((each["value"] for each in examples), content.get("example"))).encode()


def answer(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    """A whole answer."""
    lines = [f"HTTP/1.1 {status}", "content-type: application/json", f"content-length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _event(text: str) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
    data = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return f"data: {json.dumps(data)}\n\n".encode()


STREAM: Final = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"  # until the connection closes
BEGUN: Final = STREAM + _event("Once") + _event(" upon")
#: What goes wrong -> what the edge sends, and whether it closes after that; None is a reset.
FAULTS: Final[dict[str, tuple[bytes, bool | None]]] = {
    "closed": (b"", True),
    "reset": (b"", None),
    "silent": (b"", False),
    "junk": (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", True),
    "half": (answer(b"{}" * 50)[:-9], True),
    "chunk": (b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", False),
    "html": (answer(b"<p>").replace(b"application/json", b"text/html"), False),
    "json": (answer(b'{"status": '), False),
    "gzip": (answer(b"not gzip", "200 OK", "content-encoding: gzip"), False),
    "redirect": (answer(b"", "307 Temporary Redirect", "location: /elsewhere"), False),
    "key": (answer(b'{"error": {"message": "no"}}', "401 Unauthorized"), False),
    "failed": (answer(b'{"error": {"message": "no"}}', "500 Internal Server Error", "retry-after-ms: 0"), False),
    "long": (answer(b"x" * 200_000, "418 I'm a teapot"), False),
    "cut": (BEGUN, True),
    "told": (BEGUN + b'data: {"error": {"message": "no"}}\n\n', False),
}


class Edge(asyncio.Protocol):
    """One connection."""

    health: bytes
    open: Final[set[Edge]] = set()
    requests: Final[Counter[str]] = Counter()
    left: asyncio.Event

    def connection_made(self, transport: Any) -> None:
        self._transport, self._buffer = transport, b""
        Edge.open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        Edge.open.discard(self)
        Edge.left.set()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, end, body = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return
        headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        if len(body) < int(headers.get(b"content-length", 0)):
            return
        self._buffer = b""
        self._answer(head.split(b" ", 2)[1].decode().split("/")[1])

    def _answer(self, name: str) -> None:
        Edge.requests[name] += 1
        if name in FAULTS:
            data, closes = FAULTS[name]
            self._send(data, closes=closes)
        elif name == "requests":
            self._send(answer(json.dumps(Edge.requests).encode()), closes=True)
        elif name == "open":
            self._counted = asyncio.ensure_future(self._count())
        else:
            known = {"well": Edge.health, "streams": BEGUN, "storm": answer(b"{}", "503 Busy", "retry-after-ms: 0")}
            self._transport.write(known[name])

    def _send(self, data: bytes, *, closes: bool | None) -> None:
        self._transport.write(data)
        if closes is None:
            sock = self._transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if closes is not False:
            self._transport.close()

    async def _count(self) -> None:
        """Answer how many other connections are open, once there are none, or after a while."""
        try:
            async with asyncio.timeout(_UNTIL_ALL_LEFT):
                while Edge.open != {self}:
                    Edge.left.clear()
                    await Edge.left.wait()
        except TimeoutError:
            pass
        self._send(answer(json.dumps(len(Edge.open) - 1).encode()), closes=True)


async def _main() -> None:
    loop = asyncio.get_running_loop()
    Edge.health, Edge.left = answer(_example()), asyncio.Event()
    server = await loop.create_server(Edge, "127.0.0.1", 0, backlog=1024)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(_main())
