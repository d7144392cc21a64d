"""Connections that are not made, break, or talk out of turn."""

import socket
import sys
from threading import Event

import pytest

from polargrid import NetworkError, TimeoutError  # noqa: A004 - the documented name
from tests.overlay.faults.edges import (
    CHAT,
    FINE,
    HEALTH,
    answer,
    closes,
    drips,
    head,
    heard,
    in_turn,
    resets,
    says,
    stays,
)
from tests.overlay.faults.registry import fault


@fault("connection", "The edge refuses the connection", then="`NetworkError`, after `max_retries` more tries")
def test_refused(against, fails):
    client = against(closes, max_retries=2)
    client.edge.join()
    with fails(NetworkError, "cannot be reached", sent=False) as caught:
        client.health()
    assert caught.value.meta.attempts == 3


@fault("connection", "The host is unknown", then="`NetworkError`, after `max_retries` more tries")
def test_unknown_host(connect, fails):
    with fails(NetworkError, "cannot be reached", sent=False):
        connect(base_url="https://edge.invalid").health()


@pytest.mark.skipif(sys.platform != "linux", reason="how long the queue is depends on the system")
@fault("connection", "Nobody takes the connection", then="`TimeoutError` after the time to connect")
def test_not_accepted(connect, fails):
    with (
        socket.create_server(("127.0.0.1", 0), backlog=0) as listener,
        socket.create_connection(listener.getsockname()),  # fills the queue
        fails(TimeoutError, r"Connecting to the edge took too long, 0.1 s", sent=False),
    ):
        connect(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=0.1).health()


@fault("connection", "The edge resets the connection when it has the request", then="`NetworkError`, tried again")
def test_reset(against, fails):
    client = against(says(then=resets), max_retries=1)
    with fails(NetworkError, "The connection broke", sent=True):
        client.chat_completion(CHAT)
    assert len(heard(client.edge)) == 2


@fault("connection", "The edge closes the connection without an answer", then="`NetworkError`, tried again")
def test_closed(against, fails):
    client = against(says(then=closes), max_retries=1)
    with fails(NetworkError, "The connection broke", sent=True):
        client.chat_completion(CHAT)
    assert len(heard(client.edge)) == 2


@pytest.mark.parametrize("end", [closes, resets])
@fault("connection", "It closes or resets once, and is fine then", then="the answer, `meta.attempts` is 2")
def test_closed_once(against, end):
    client = against(says(then=end), says(FINE), max_retries=1)
    answered = client.health()
    assert (answered.status, answered.meta.attempts) == ("healthy", 2)
    first, second = heard(client.edge)
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


@pytest.mark.parametrize("end", ["close", "reset"])
@fault("connection", "An idle connection was closed or reset between two calls", then="the answer, without another try")
def test_closed_between_calls(against, serve, end):
    released, left = Event(), Event()

    def once(connection):
        connection.request()
        connection.send(FINE)
        released.wait(10)
        getattr(connection, end)()
        left.set()

    client = against(once, says(FINE))
    client.health()
    released.set()
    left.wait(10)
    assert client.health().meta.attempts == 1
    assert client.edge.connections == 2


@fault("connection", "The edge sends an answer that nobody asked for, between two calls", then="it is not read")
def test_unasked(against):
    released, sent = Event(), Event()

    def script(connection):
        connection.request()
        connection.send(FINE)
        released.wait(10)
        connection.send(answer({"error": {"message": "idle"}}, status="408 Request Timeout"))
        sent.set()
        stays(connection)

    client = against(script, says(FINE))
    client.health()
    released.set()
    sent.wait(10)
    assert client.health().status == "healthy"


@fault("connection", "An answer is longer than it says, the rest a second answer", then="the rest is not read")
def test_two_answers_at_once(against):
    evil = answer({**HEALTH, "status": "evil"})
    client = against(in_turn(FINE + evil), says(FINE))
    assert [client.health().status, client.health().status] == ["healthy", "healthy"]


@pytest.mark.parametrize(
    "said",
    [b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1 banana\r\n\r\n", b"\0\0\x12\4\0\0\0\0\0" * 9, b"hello\n"],
    ids=["SSH", "status", "HTTP/2", "text"],
)
@fault("connection", "What answers is no HTTP/1 server", then="`NetworkError`")
def test_no_http(against, fails, said):
    with fails(NetworkError, "The connection broke"):
        against(says(said, then=closes)).health()


@fault("connection", "What answers is an echo", then="`NetworkError`")
def test_echo(against, fails):
    def echo(connection):
        received = connection.request()
        lines = [received.line, *(f"{name}: {value}" for name, value in received.headers.items())]
        connection.send("\r\n".join([*lines, "", ""]).encode() + received.body)
        stays(connection)

    with fails(NetworkError, "The connection broke"):
        against(echo).chat_completion(CHAT)


@fault("connection", "The head of the answer is cut", then="`NetworkError`")
def test_cut_head(against, fails):
    with fails(NetworkError, "The connection broke"):
        against(says(b"HTTP/1.1 200 OK\r\ncontent-ty", then=closes)).health()


@fault("connection", "A header holds what none may", then="`NetworkError`")
def test_junk_header(against, fails):
    with fails(NetworkError, "The connection broke"):
        against(says(b"HTTP/1.1 200 OK\r\nx-evil: a\0b\r\n\r\n")).health()


@pytest.mark.parametrize(
    "head", [b"x-long: " + b"a" * 1_000_000, b"x-many: a\r\n" * 100_000], ids=["one header", "many headers"]
)
@fault("connection", "The head of the answer is huge", then="`NetworkError`, in bounded memory")
def test_huge_head(against, fails, memory, head):
    with memory(4_000_000), fails(NetworkError, "The connection broke"):
        against(says(b"HTTP/1.1 200 OK\r\n", head)).health()


@fault("connection", "The edge answers by HTTP/1.0, and its end is that of the connection", then="the answer")
def test_http_1_0(against):
    said = b"HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n" + FINE.partition(b"\r\n\r\n")[2]
    assert against(says(said, then=closes)).health().status == "healthy"


@fault("connection", "100, 102 or 103 comes before the answer", then="the answer")
def test_interim(against):
    before = (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n"
    )
    assert against(says(before + FINE)).health().status == "healthy"


@fault("connection", "102 comes for ever", then="`TimeoutError` after `idle_timeout`")
def test_interim_for_ever(against, fails, within):
    client = against(drips(iter(lambda: b"HTTP/1.1 102 Processing\r\n\r\n", b"")), idle_timeout=0.1)
    with within(3), fails(TimeoutError, "nothing of it came for 0.1 s"):
        client.health()


@fault("connection", "The edge wants to speak another protocol (101)", then="`NetworkError`")
def test_switching_protocols(against, fails):
    said = head("upgrade: websocket", "connection: upgrade", status="101 Switching Protocols", media_type=None)
    with fails(NetworkError, "The connection broke"):
        against(says(said + b"\x81\x05hello")).health()


@fault("connection", "The edge answers before it has read the request", then="the answer")
def test_answer_before_the_request(against):
    def hasty(connection):
        connection.send(FINE)
        connection.request()
        stays(connection)

    assert against(hasty).health().status == "healthy"


@fault(
    "connection", "The edge asks to close the connection after each answer", then="the answer, on a new one each time"
)
def test_connection_close(against):
    client = against(says(answer(HEALTH, "connection: close"), then=closes))
    assert [client.health().status, client.health().status] == ["healthy", "healthy"]
    assert client.edge.connections == 2
