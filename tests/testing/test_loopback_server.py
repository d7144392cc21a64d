"""The loopback server: whole connections by a generator, ports that stay, sockets that are closed."""

from __future__ import annotations

import gc
import socket
import threading

import httpx
import pytest

from polargrid_testing.server import LoopbackServer
from polargrid_testing.steps import Answer, AwaitClose, AwaitData, Close, ReceiveRequest, Send, Until


class Generator:
    """A handler whose connections run a generator function."""

    def __init__(self, script):
        self.on_connect = script

    def on_head(self, _request):
        """Not called: the generator receives the requests."""
        raise NotImplementedError

    respond = on_head


class Fixed:
    """A handler with one answer."""

    def on_connect(self):
        return None

    def on_head(self, _request):
        return None

    def respond(self, request):
        return Answer.json({"path": request.path}).steps()


def test_generator_serves_a_connection():
    """It gets each request, waits for what a test does, and sees the client disconnect."""
    is_due, seen = threading.Event(), []

    def script():
        for _ in range(2):
            request = yield ReceiveRequest()
            yield Until(is_due.is_set)
            seen.append(request.line)
            yield from Answer.json({}).steps()
        seen.append((yield AwaitClose()))

    with LoopbackServer(Generator(script)) as server:
        with httpx.Client(base_url=server.url, trust_env=False) as client:
            with pytest.raises(httpx.ReadTimeout):
                client.get("/early", timeout=0.02)
            is_due.set()
            assert [client.get(path).status_code for path in ("/a", "/b")] == [200, 200]
        server.join(10)
    assert seen[-3:] == ["GET /a HTTP/1.1", "GET /b HTTP/1.1", True]


def test_data_that_is_left_unread():
    """A generator gets it, and the close of the connection is a reset."""
    seen = []

    def script():
        seen.append((yield AwaitData()))
        yield Close()

    with LoopbackServer(Generator(script)) as server, socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(b"hello")
        with pytest.raises(ConnectionResetError):
            client.recv(1)
    assert seen == [b"hello"]


def test_error_of_a_script_closes_its_connection():
    """A client does not wait for a server that failed."""

    def script():
        yield ReceiveRequest()
        yield Send(b"HTTP/1.1")
        raise LookupError

    with LoopbackServer(Generator(script)) as server, pytest.raises(httpx.RemoteProtocolError):
        httpx.get(server.url, trust_env=False)
    gc.collect()


def test_port_stays_while_it_refuses():
    """After a block in which connections are refused, the same port responds again."""
    with LoopbackServer(Fixed()) as server:
        with server.refuse_connections(), pytest.raises(httpx.ConnectError):
            httpx.get(server.url, trust_env=False)
        assert httpx.get(f"{server.url}/a", trust_env=False).json() == {"path": "/a"}


@pytest.mark.filterwarnings("error")
def test_close_while_clients_connect(monkeypatch):
    """Every socket that was accepted is closed."""
    unraisable = []
    monkeypatch.setattr("sys.unraisablehook", unraisable.append)
    for _ in range(10):
        server = LoopbackServer(Fixed())
        clients = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(5)]
        server.close()
        for client in clients:
            client.close()
    gc.collect()
    assert unraisable == []
