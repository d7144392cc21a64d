"""The server, in a process of its own: it misbehaves as the header of each request says, and counts what arrives.

It prints its addresses as JSON, and ends with its standard input. `/counts` has what it counted since the last time, as
soon as no client is connected, or after a timeout.
"""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import ssl
import struct
import sys
import traceback
from collections import Counter
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

from qa.stress.exchange import Connection, Exchange, Request
from qa.stress.faults import FAULTS, registry
from qa.stress.payloads import HEADER, UPLOADS, Instruction, digest_of

CERTIFICATES: Final = Path(__file__).parents[2] / "tests" / "fast" / "certificates"
_HOST: Final = "127.0.0.1"
_CLOSE_TIMEOUT: Final = 10.0  # seconds that `/counts` waits for the clients to disconnect
_SILENCE: Final = 5.0  # seconds of an address that sends nothing
_BUFFER: Final = 32 * 1024  # bytes of a request that the system receives before the server reads
_TLS_ALERT: Final = bytes.fromhex("15030100020246")


class Server:
    """The listeners, and what they counted."""

    def __init__(self) -> None:
        self.connections: set[Connection] = set()
        self.closed = asyncio.Event()
        self._reset()

    def _reset(self) -> None:
        self.arrivals = Counter[str]()
        self.late, self.shifted = 0, list[str]()  # late responses, and the calls whose own response was late by then
        self.keys: dict[str, str] = {}  # the idempotency key of each call
        self.problems: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a connection, one exchange after another."""
        connection = Connection(reader, writer)
        self.connections.add(connection)
        try:
            while not connection.is_closed and (request := await self._read_request(connection)):
                async with connection.lock:
                    await self._run(connection, request)
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client disconnected
        except Exception:  # noqa: BLE001 - reported by the client's process
            self.problems.append(f"the server failed: {traceback.format_exc()}")
        finally:
            connection.cancel_tasks()
            self.late += connection.is_shifted
            writer.close()
            await asyncio.wait([asyncio.ensure_future(_wait_closed(writer))])
            self.connections.discard(connection)
            self.closed.set()

    async def _read_request(self, connection: Connection) -> Request | None:
        head = await connection.reader.readuntil(b"\r\n\r\n")
        try:
            line, *lines = head.decode("ascii").split("\r\n")[:-2]
            headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
            instruction = Instruction.decode(headers[HEADER])
            request = Request(instruction, headers, int(headers.get("content-length", 0)))
            assert line.startswith("POST /v1/")
            assert line.endswith(" HTTP/1.1")
        except (ValueError, KeyError, AssertionError):
            self.problems.append(f"not a request of the client: {head[:300]!r}")
            return None
        self.arrivals[instruction.nonce] += 1
        key = headers.get("idempotency-key", "none")
        if self.keys.setdefault(instruction.nonce, key) != key:
            self.problems.append(f"{instruction.nonce} was sent with two idempotency keys")
        return request

    async def _run(self, connection: Connection, request: Request) -> None:
        name, connection.next_fault = connection.next_fault or request.instruction.fault, None
        fault = FAULTS[name]
        exchange = Exchange(connection, request, self.arrivals[request.instruction.nonce])
        if connection.is_shifted:
            self.shifted.append(request.instruction.nonce)
        if fault.reads_body:
            self._check_body(request, await exchange.read())
        if fault.script is not None:
            await fault.script(exchange)
        if exchange.unread:
            connection.close()

    def _check_body(self, request: Request, body: bytes) -> None:
        try:
            content = _content_of(request, body)
        except (ValueError, LookupError):
            content = b"none"
        if digest_of(content) != request.instruction.digest:
            self.problems.append(f"{request.instruction} has another body: {body[:300]!r}")

    async def send_counts(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Respond to `/counts`."""
        await reader.readuntil(b"\r\n\r\n")
        try:
            async with asyncio.timeout(_CLOSE_TIMEOUT):
                while self.connections:
                    self.closed.clear()
                    await self.closed.wait()
        except TimeoutError:
            pass
        if len(set(self.keys.values())) < len(self.keys):
            self.problems.append("two calls have the same idempotency key")
        counts = {"arrivals": self.arrivals, "late": self.late, "shifted": self.shifted, "problems": self.problems}
        body = json.dumps({**counts, "connections": len(self.connections)}).encode()
        self._reset()
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()


def _content_of(request: Request, body: bytes) -> bytes:
    """The bytes of the digest: the file of an upload, or the text of a prompt."""
    if request.instruction.operation in UPLOADS:
        boundary = request.headers["content-type"].partition("boundary=")[2].encode()
        part = next(part for part in body.split(b"--" + boundary) if b'name="file"' in part)
        return part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")
    fields = json.loads(body)
    text: str = fields["input"] if "input" in fields else fields["messages"][0]["content"]
    return text.encode()


async def _wait_closed(writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        await writer.wait_closed()


async def _misbehave(address: str, is_tls: bool, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    if address == registry.RESET:
        sock: Any = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    elif address == registry.SILENT:
        with suppress(TimeoutError):
            await asyncio.wait_for(reader.read(), _SILENCE)
    elif address == registry.NOT_TLS:
        writer.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n" if is_tls else _TLS_ALERT)
    writer.close()


def _listen() -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
    listener.bind((_HOST, 0))
    return listener


async def _start(handler: Any, context: ssl.SSLContext | None = None) -> str:
    options: dict[str, Any] = {"ssl": context, "ssl_shutdown_timeout": 1} if context else {}
    listener = _listen()
    listener.listen(1024)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.CancelledError, OSError):  # at the end; asyncio would report it
            await handler(reader, writer)

    await asyncio.start_server(handle, sock=listener, **options)
    return f"{_HOST}:{listener.getsockname()[1]}"


async def _serve() -> None:
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # it warns of clients that disconnect
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / "good.pem", CERTIFICATES / "key.pem")
    server, addresses = Server(), dict[str, dict[str, str]]()
    refused = _listen()  # bound, and not listening
    for scheme, tls in (("http", None), ("https", context)):
        urls = {"": await _start(server.serve, tls), registry.REFUSED: f"{_HOST}:{refused.getsockname()[1]}"}
        for name in (registry.CLOSED, registry.RESET, registry.SILENT, registry.NOT_TLS):
            urls[name] = await _start(partial(_misbehave, name, tls is not None))
        addresses[scheme] = {name: f"{scheme}://{address}" for name, address in urls.items()}
    print(json.dumps({**addresses, "counts": f"http://{await _start(server.send_counts)}/counts"}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve())
