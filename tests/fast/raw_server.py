"""A server of raw sockets: each connection runs a script that sees and sends bytes."""

from __future__ import annotations

import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

TEST_TIMEOUT = 20  # seconds until a test that would hang fails


@dataclass
class ReceivedRequest:
    """A request as it arrived."""

    line: str
    headers: dict[str, str]
    body: bytes


class ServerConnection:
    """One connection of the server, as its script uses it."""

    def __init__(self, sock: socket.socket, requests: list[ReceivedRequest]) -> None:
        sock.settimeout(TEST_TIMEOUT)
        self.socket, self._file, self._requests = sock, sock.makefile("rb"), requests

    def read_head(self) -> ReceivedRequest:
        """Read request line and headers."""
        line = self._file.readline().decode("latin-1").strip()
        request = ReceivedRequest(line, dict(self._header_lines()), b"")
        if line:  # else the client has closed
            self._requests.append(request)
        return request

    def read_request(self) -> ReceivedRequest:
        """Read one request with its body."""
        request = self.read_head()
        if request.headers.get("transfer-encoding") == "chunked":
            request.body = b"".join(self._chunks())
        else:
            request.body = self._file.read(int(request.headers.get("content-length", 0)))
        return request

    def _header_lines(self) -> Iterator[tuple[str, str]]:
        while line := self._file.readline().decode("latin-1").strip():
            name, _, value = line.partition(":")
            yield name.lower(), value.strip()

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self._file.readline(), 16):
            yield self._file.read(size)
            self._file.readline()
        self._file.readline()

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self.socket.sendall(data)

    def wait_for_close(self, seconds: float = TEST_TIMEOUT) -> bool:
        """Wait until the client closes the connection; False if it sends a byte instead, or if time is up."""
        if not select.select([self.socket], [], [], seconds)[0]:
            return False
        try:
            return self._file.read(1) == b""
        except OSError as error:
            return not isinstance(error, TimeoutError)

    def reset(self) -> None:
        """Close with a TCP reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._file.close()
        self.socket.close()


Script = Callable[[ServerConnection], object]


@dataclass
class RawServer:
    """A server on a free port; its n-th connection runs the n-th script, later ones the last."""

    scripts: tuple[Script, ...]
    ssl_context: ssl.SSLContext | None = None
    requests: list[ReceivedRequest] = field(default_factory=list)
    connection_count: int = 0

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'https' if self.ssl_context else 'http'}://127.0.0.1:{self.port}"
        self._is_closing = False
        self.errors: list[BaseException] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        for number in count():
            sock, _ = self._listener.accept()
            if self._is_closing:
                sock.close()
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connection_count += 1
            script = self.scripts[min(number, len(self.scripts) - 1)]
            thread = threading.Thread(target=self._run, args=(script, sock))
            self._threads.append(thread)
            thread.start()

    def _run(self, script: Script, sock: socket.socket) -> None:
        try:
            if self.ssl_context is not None:
                sock = self.ssl_context.wrap_socket(sock, server_side=True)
        except OSError:  # the client refused the certificate
            sock.close()
            return
        connection = ServerConnection(sock, self.requests)
        try:
            script(connection)
        except OSError:  # the client is gone
            pass
        except BaseException as error:  # noqa: BLE001 - the test reports it
            self.errors.append(error)
        finally:
            connection.close()

    def stop(self) -> None:
        """Accept no more connections, and wait until every script has ended."""
        self._is_closing = True
        socket.create_connection(self._listener.getsockname()).close()
        for thread in self._threads:
            thread.join(TEST_TIMEOUT)
        self._listener.close()
        assert self.errors == []
        assert not any(thread.is_alive() for thread in self._threads)


def respond(body: bytes = b"ok", *headers: str, status: str = "200 OK") -> bytes:
    """A response with Content-Length."""
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def serves(*responses: bytes) -> Script:
    """A script that reads a request for each of the responses, then waits for the client to close."""

    def run(connection: ServerConnection) -> None:
        for response in responses:
            connection.read_request()
            connection.send(response)
        connection.wait_for_close()

    return run


def serves_and_closes(*responses: bytes) -> Script:
    """The same, but the server closes."""

    def run(connection: ServerConnection) -> None:
        for response in responses:
            connection.read_request()
            connection.send(response)

    return run


def echoes(connection: ServerConnection) -> None:
    """Respond to each request with its body, until the client closes."""
    while (request := connection.read_request()).line:
        connection.send(respond(request.body))
