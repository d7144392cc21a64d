"""Connections that cannot be made, that break, or that carry something else than HTTP/1."""

import socket
import sys
from itertools import repeat
from threading import Event

import pytest

from polargrid import NetworkError, ServerError, TimeoutError  # noqa: A004 - the documented name
from polargrid_testing.steps import AwaitData, Close, Receive, ReceiveRequest, Reset, Send, Until
from tests.overlay.conftest import HANG_TIMEOUT
from tests.overlay.faults.registry import fault
from tests.overlay.faults.scripts import (
    CHAT,
    COMPLETION,
    DONE,
    EVENT_STREAM,
    HEALTH,
    HEALTHY,
    chunk,
    close,
    drip,
    reset,
    response,
    response_head,
    send,
    send_in_turn,
    wait_for_disconnect,
)


@fault(
    "connection",
    "The server refuses the connection",
    result="`NetworkError` with its URL, after `max_retries` retries; on this machine it names `polargrid serve`",
    line='fake.fault("connection-refused")',
)
def test_refused(connect_to, expect_error):
    client = connect_to(close, max_retries=2)
    client.server.join()
    hint = "; to start a local server, run `polargrid serve`"
    message = f"^cannot connect: connection refused \\({client.server.url}\\){hint}$"
    with expect_error(NetworkError, message, sent=False) as caught:
        client.health()
    assert caught.value.meta.attempts == 3


@fault(
    "connection",
    "The host is unknown",
    result="`NetworkError` with its name, after `max_retries` retries",
    line='fake.fault("name-unknown")',
)
def test_unknown_host(connect, serve, expect_error):
    message = r"^cannot connect: unknown host 'server.invalid': .* \(https://server.invalid\); check base_url"
    with expect_error(NetworkError, message, sent=False):
        connect(base_url="https://server.invalid").health()


@fault(
    "connection",
    "You handle an exception while a call fails",
    result="your exception does not explain the call's",
    line='fake.fault("connection-refused")',
)
def test_cause_is_not_of_the_caller(connect_to, expect_error):
    server = connect_to(lambda: [Send(b"SSH-2.0-OpenSSH_9.6\r\n")]).server
    client = connect_to(close, base_url=server.url.replace("http:", "https:"))
    try:
        raise ConnectionRefusedError(111, "of the caller")
    except ConnectionRefusedError:
        with expect_error(NetworkError, "^cannot connect: (?!connection refused)", sent=False):
            client.health()


@pytest.mark.skipif(sys.platform != "linux", reason="the length of the queue depends on the system")
@fault(
    "connection",
    "The server does not accept the connection",
    result="`TimeoutError` after the connect timeout",
    line='fake.fault("connection-ignored")',
)
def test_not_accepted(connect, serve, expect_error):
    with (
        socket.create_server(("127.0.0.1", 0), backlog=0) as listener,
        socket.create_connection(listener.getsockname()),  # fills the queue
        expect_error(TimeoutError, r"connect timeout after 0.1 s", sent=False),
    ):
        connect(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=0.1).health()


@pytest.mark.parametrize("end", [close, reset])
@fault(
    "connection",
    "The server closes or resets the connection instead of a response",
    result="`NetworkError`, retried",
    line='fake.fault("empty-response", end="reset", times=None)',
)
def test_no_response(connect_to, expect_error, end):
    client = connect_to(send(then=end), max_retries=1)
    with expect_error(NetworkError, "connection error", sent=True):
        client.chat_completion(CHAT)
    assert len(client.server.requests) == 2


@pytest.mark.parametrize("end", [close, reset])
@fault(
    "connection",
    "The server closes or resets the connection once",
    result="the response, `meta.attempts` is 2",
    line='fake.fault("empty-response")',
)
def test_no_response_once(connect_to, end):
    client = connect_to(send(then=end), send(HEALTHY), max_retries=1)
    health = client.health()
    assert (health.status, health.meta.attempts) == ("healthy", 2)
    first, second = client.server.requests
    assert first == second


@pytest.mark.parametrize("end", [Close(), Reset()], ids=["close", "reset"])
@fault(
    "connection",
    "An idle connection is closed or reset between two calls",
    result="the response, without a retry",
    line='fake.fault("idle-close")',
)
def test_closed_between_calls(connect_to, connect, end):
    is_idle, is_closed = Event(), Event()

    def respond_once():
        yield ReceiveRequest()
        yield Send(HEALTHY)
        yield Until(is_idle.is_set)
        try:
            yield end
        finally:
            is_closed.set()

    client = connect_to(respond_once, send(HEALTHY))
    client.health()
    is_idle.set()
    assert is_closed.wait(HANG_TIMEOUT)
    assert client.health().meta.attempts == 1
    assert client.server.connections == 2


def iter_steps(steps):
    """Yield the steps; a list would not take the results that a script gets."""
    for step in steps:  # noqa: UP028
        yield step


READS = {
    "nothing": [AwaitData()],
    "headers": [ReceiveRequest(body=False)],
    "a byte": [ReceiveRequest(body=False), Receive(1)],
    "all": [ReceiveRequest()],
}


@pytest.mark.parametrize("max_retries", [0, 2])
@pytest.mark.parametrize("end", [close, reset])
@pytest.mark.parametrize("read", READS.values(), ids=READS)
@fault(
    "connection",
    "The server takes a request on an open connection, all of it or less, and closes or resets the connection",
    result="`NetworkError`; it is sent again only as a retry, which `meta.attempts` counts",
    line='fake.fault("empty-response", read="headers")',
)
def test_closed_after_request(connect_to, expect_error, read, end, max_retries):
    def script():
        yield ReceiveRequest()
        yield Send(HEALTHY)
        yield from fail()

    def fail():
        yield from iter_steps(read)
        yield from end()

    client = connect_to(script, fail, max_retries=max_retries)
    client.health()
    with expect_error(NetworkError, "connection error", sent=True) as caught:
        client.chat_completion({**CHAT, "user": "a" * 10_000})
    assert caught.value.meta.attempts == client.server.connections == 1 + max_retries


@fault(
    "connection",
    "The server sends an unrequested response between two calls",
    result="it is not read, and each later call uses a connection of its own",
    line='fake.fault("trailing-data", after=0.0)',
)
def test_unrequested_response(connect_to):
    is_idle, is_sent = Event(), Event()

    def script():
        yield ReceiveRequest()
        yield Send(HEALTHY)
        yield Until(is_idle.is_set)
        yield Send(response({"error": {"message": "idle"}}, status="408 Request Timeout"))
        is_sent.set()
        yield from wait_for_disconnect()

    client = connect_to(script, send(HEALTHY))
    client.health()
    is_idle.set()
    assert is_sent.wait(HANG_TIMEOUT)
    assert [client.health().status for _ in range(3)] == ["healthy"] * 3
    assert client.server.connections == 4


@pytest.mark.parametrize(
    "data",
    [b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1 banana\r\n\r\n", b"\0\0\x12\4\0\0\0\0\0" * 9, b"hello\n"],
    ids=["SSH", "status", "HTTP/2", "text"],
)
@fault(
    "connection",
    "The server does not speak HTTP/1",
    result="`NetworkError`",
    line='fake.fault("not-http", protocol="ssh")',
)
def test_other_protocol(connect_to, expect_error, data):
    with expect_error(NetworkError, "connection error"):
        connect_to(send(data, then=close)).health()


@fault("connection", "The server sends the request back", result="`NetworkError`", line='fake.fault("echo")')
def test_echo(connect_to, expect_error):
    def echo():
        request = yield ReceiveRequest()
        lines = [request.line, *(f"{name}: {value}" for name, value in request.headers.items())]
        yield Send("\r\n".join([*lines, "", ""]).encode() + request.body)
        yield from wait_for_disconnect()

    with expect_error(NetworkError, "connection error"):
        connect_to(echo).chat_completion(CHAT)


@fault(
    "connection",
    "The connection closes inside the headers",
    result="`NetworkError`",
    line='fake.fault("cut", part="headers")',
)
def test_truncated_head(connect_to, expect_error):
    with expect_error(NetworkError, "connection error"):
        connect_to(send(b"HTTP/1.1 200 OK\r\ncontent-ty", then=close)).health()


@fault(
    "connection",
    "A header holds invalid characters",
    result="`NetworkError`",
    line=r'fake.fault("header", name="x-evil", value="a\0b")',
)
def test_invalid_header(connect_to, expect_error):
    with expect_error(NetworkError, "connection error"):
        connect_to(send(b"HTTP/1.1 200 OK\r\nx-evil: a\0b\r\n\r\n")).health()


@pytest.mark.parametrize(
    "headers", [b"x-long: " + b"a" * 1_000_000, b"x-many: a\r\n" * 100_000], ids=["one header", "many headers"]
)
@fault(
    "connection",
    "The headers are huge",
    result="`NetworkError` beyond 100 KiB, in bounded memory",
    line='fake.fault("extra-headers", size=1_000_000)',
)
def test_huge_head(connect_to, expect_error, limit_memory, headers):
    with limit_memory(4_000_000), expect_error(NetworkError, "connection error: .*(100 KiB|102400 bytes)"):
        connect_to(send(b"HTTP/1.1 200 OK\r\n", headers)).health()


@pytest.mark.parametrize(
    "rest",
    [
        [b"2\r\n{}\r\n0\r\n", *[b"x-trailer: a\r\n"] * 100_000],
        [b"2\r\n{}\r\n0\r\nx-trailer: ", *[b"a" * 1000] * 1000],
        [b"2;x=", *[b"a" * 1000] * 1000],
    ],
    ids=["trailers", "one trailer", "chunk extension"],
)
@fault(
    "connection",
    "The trailers, or an extension of a chunk, never end",
    result="`NetworkError` beyond 100 KiB",
    line='fake.fault("chunked", problem="trailers")',
)
def test_huge_framing(connect_to, expect_error, limit_memory, rest):
    script = send(response_head("transfer-encoding: chunked"), *rest)
    with limit_memory(4_000_000), expect_error(NetworkError, "connection error: .*(100 KiB|65536 bytes)"):
        connect_to(script).health()


@pytest.mark.parametrize(
    "lines", [["a:"] * 25_000, [f"{number:x}:" for number in range(14_000)]], ids=["equal", "different"]
)
@fault(
    "connection",
    "There are thousands of headers, in 100 KiB",
    result="the response, in linear time",
    line='fake.fault("extra-headers", count=14_000, size=90_000)',
)
def test_many_headers(connect_to, lines):
    assert connect_to(send(response(HEALTH, *lines))).health().status == "healthy"


@fault(
    "connection",
    "HTTP/1.0: the body ends with the connection",
    result="the response",
    line='fake.fault("no-length", version="1.0")',
)
def test_http_1_0(connect_to):
    data = HEALTHY.replace(b"HTTP/1.1", b"HTTP/1.0").replace(b"content-length", b"x-length")
    assert connect_to(send(data, then=close)).health().status == "healthy"


@pytest.mark.parametrize("status", ["100 Continue", "102 Processing", "103 Early Hints"])
@fault(
    "connection",
    "An interim response (100, 102, 103) precedes the response",
    result="the response",
    line='fake.fault("interim-response", code=103)',
)
def test_interim_response(connect_to, status):
    assert connect_to(send(f"HTTP/1.1 {status}\r\n\r\n".encode() * 2 + HEALTHY)).health().status == "healthy"


@fault(
    "connection", "The server switches protocols (101)", result="`NetworkError`", line='fake.fault("switch-protocols")'
)
def test_switching_protocols(connect_to, expect_error):
    head = response_head("upgrade: websocket", "connection: upgrade", status="101 Switching Protocols", media_type=None)
    with expect_error(NetworkError, "connection error"):
        connect_to(send(head + b"\x81\x05hello")).health()


@fault(
    "connection",
    "The server responds before it has read the request",
    result="the response",
    line='fake.fault("early-response")',
)
def test_early_response(connect_to):
    def respond_early():
        yield Send(HEALTHY)
        yield ReceiveRequest()
        yield from wait_for_disconnect()

    assert connect_to(respond_early).health().status == "healthy"


@fault(
    "connection",
    "The server sends `Connection: close`",
    result="the response, on a new connection each time",
    line='fake.fault("header", name="connection", value="close")',
)
def test_connection_close(connect_to):
    client = connect_to(send(response(HEALTH, "connection: close"), then=close))
    assert [client.health().status, client.health().status] == ["healthy", "healthy"]
    assert client.server.connections == 2


@fault(
    "connection",
    "102 is sent forever",
    result="`TimeoutError` after `deadline`",
    line='fake.fault("interim-response", count=None, delay=0.005)',
)
def test_endless_interim_responses(connect_to, expect_error):
    client = connect_to(drip(repeat(b"HTTP/1.1 102 Processing\r\n\r\n")), deadline=0.1)
    with expect_error(TimeoutError, "deadline of 0.1 s exceeded"):
        client.health()


def chunked(response):
    """The same response in one chunk, with a trailer."""
    head, _, body = response.partition(b"\r\n\r\n")
    head = head.replace(b"content-length: %d" % len(body), b"transfer-encoding: chunked")
    return b"%s\r\n\r\n%x\r\n%s\r\n0\r\nx-trailer: a\r\n\r\n" % (head, len(body), body)


UNHEALTHY = response({**HEALTH, "status": "unhealthy"})
SURPLUS = {
    "response": UNHEALTHY,
    "chunked response": chunked(UNHEALTHY),
    "head": response_head(status="204 No Content", media_type=None),
    "junk": b"junk",
    "one byte": b"}",
    "line": b"\r\n",
    "large": b"junk" * 100_000,
}


@pytest.mark.parametrize("surplus", SURPLUS.values(), ids=SURPLUS)
@pytest.mark.parametrize("form", [bytes, chunked], ids=["length", "chunked"])
@fault(
    "connection",
    "A second response, or junk, follows a complete response in the same packet",
    result="the response; what follows is not read, and each later call uses a connection of its own",
    line='fake.fault("trailing-data")',
)
def test_surplus(connect_to, form, surplus):
    client = connect_to(send_in_turn(form(HEALTHY) + surplus), send(HEALTHY))
    assert [client.health().status for _ in range(3)] == ["healthy"] * 3
    assert client.server.connections == 3


@fault(
    "connection",
    "A body follows a response without one (204)",
    result="the error of the response; it is not read",
    line='fake.fault("no-content", body=b"junk")',
)
def test_body_of_no_content(connect_to, expect_error):
    head = response_head(status="204 No Content", media_type=None)
    client = connect_to(send_in_turn(head + UNHEALTHY), send(HEALTHY))
    with expect_error(ServerError):
        client.health()
    assert client.health().status == "healthy"


@pytest.mark.parametrize("form", [bytes, chunked], ids=["length", "chunked"])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
@fault(
    "connection",
    "A response arrives in pieces, cut anywhere",
    result="the response; its connection is used again",
    line='fake.fault("drip", size=3)',
)
def test_pieces(connect_to, form, size):
    def respond_in_pieces():
        while (yield ReceiveRequest()).line:
            data = form(HEALTHY)
            for start in range(0, len(data), size):
                yield Send(data[start : start + size])

    client = connect_to(respond_in_pieces)
    assert [client.health().status for _ in range(3)] == ["healthy"] * 3
    assert client.server.connections == 1


@fault(
    "connection",
    "The `idempotency-key` of a response is not the one of the request",
    result="`NetworkError`, retried on another connection; one that is equal, in any case, is accepted",
    line='fake.fault("header", name="idempotency-key", value="other")',
)
def test_idempotency_key_of_another_request(connect_to, expect_error):
    def echo_key():
        while key := (yield ReceiveRequest()).headers.get("idempotency-key"):
            yield Send(response(COMPLETION, f"Idempotency-Key: {key.upper()}"))

    client = connect_to(send_in_turn(response(COMPLETION, "idempotency-key: other"), response(COMPLETION)), echo_key)
    with expect_error(NetworkError, "response to another request", sent=True):
        client.chat_completion(CHAT)
    assert [client.chat_completion(CHAT).choices[0].message.content for _ in range(2)] == ["Hi"] * 2
    assert client.server.connections == 2


@pytest.mark.parametrize("size", [1, 64, 200, *range(254, 274, 2), 300, 600])
@pytest.mark.parametrize("use", ["is left", "is complete"])
@fault(
    "connection",
    "A stream is left, or complete, when a few hundred KiB of its rest have arrived",
    result="the next call is sent once, on a connection that is clean",
    line='fake.fault("stream-end", problem="more")',
)
def test_rest_of_stream(connect_to, use, size):
    def stream_rest():
        yield ReceiveRequest()
        yield Send(response_head("transfer-encoding: chunked", media_type=EVENT_STREAM))
        rest = b"%x\r\n:%s\n\r\n0\r\n\r\n" % (size * 1024 + 2, b" " * size * 1024)
        yield Send(b"%x\r\n%s\r\n%s" % (len(chunk("a") + DONE), chunk("a") + DONE, rest))
        yield from respond()

    def respond():
        while (yield ReceiveRequest()).line:
            yield Send(HEALTHY)

    client = connect_to(stream_rest, respond)
    chunks = client.chat_completion_stream(CHAT)
    assert next(chunks).choices[0].delta.content == "a"
    chunks.close() if use == "is left" else list(chunks)
    assert client.health().meta.attempts == 1
    assert [request.line.split()[0] for request in client.server.requests] == ["POST", "GET"]
