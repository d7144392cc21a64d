"""Servers that stall are given up on, servers that are only slow are not."""

import json
import time
from itertools import repeat
from threading import Event

import pytest

from polargrid import (
    NotFoundError,
    ServerError,
    TimeoutError,  # noqa: A004 - the documented name
)
from polargrid_testing.steps import Pause, Receive, ReceiveRequest, Send, Until, render_chunk
from tests.overlay.faults.registry import fault
from tests.overlay.faults.scripts import (
    CHAT,
    DONE,
    EVENT_STREAM,
    HEALTH,
    HEALTHY,
    SPEECH,
    chunk,
    drip,
    read_timeout,
    response,
    response_head,
    send,
    send_in_turn,
    texts,
)

LONG = 600.0  # a wait that fails the test
STREAM_HEAD = response_head(media_type=EVENT_STREAM)


@fault(
    "timeout",
    "The server takes the request and does not respond",
    result="`TimeoutError` after `timeout`, retried",
    line='fake.fault("stall", times=None)',
)
def test_no_response(connect_to, expect_error):
    client = connect_to(send(), timeout=read_timeout(0.05), max_retries=1)
    with expect_error(TimeoutError, "timeout", sent=True):
        client.chat_completion(CHAT)
    assert len({request.headers["idempotency-key"] for request in client.server.requests}) == 1
    assert client.server.connections == 2


@fault("timeout", "The server does not respond once", result="the response, after a retry", line='fake.fault("stall")')
def test_no_response_once(connect_to):
    client = connect_to(send(), send(HEALTHY), timeout=read_timeout(0.4), max_retries=5)
    assert client.health().meta.attempts >= 2


@fault(
    "timeout", "The headers stall", result="`TimeoutError` after `timeout`", line='fake.fault("stall", part="headers")'
)
def test_stalled_head(connect_to, expect_error):
    with expect_error(TimeoutError, "timeout"):
        connect_to(send(b"HTTP/1.1 200 OK\r\ncontent-ty"), timeout=read_timeout(0.05)).health()


@fault("timeout", "The headers arrive byte by byte", result="the response", line='fake.fault("drip", part="headers")')
def test_slow_head(connect_to):
    assert connect_to(drip((bytes([byte]) for byte in HEALTHY), pause=0)).health().status == "healthy"


@fault(
    "timeout",
    "The headers arrive in small pieces, forever",
    result="`TimeoutError` after `deadline`",
    line='fake.fault("endless", part="headers", data=b"x")',
)
def test_endless_head(connect_to, expect_error):
    client = connect_to(drip(repeat(b"x"), before=b"HTTP/1.1 200 OK\r\nx-long: "), deadline=0.1)
    with expect_error(TimeoutError, "deadline of 0.1 s exceeded"):
        client.health()


@fault(
    "timeout",
    "The headers arrive in small pieces, forever, without a `deadline`",
    result="`TimeoutError` after `idle_timeout`",
    line='fake.fault("endless", part="headers", data=b"x")',
)
def test_endless_head_of_stream(connect_to, expect_error):
    script = drip(repeat(b"x"), before=b"HTTP/1.1 200 OK\r\nx-long: ")
    client = connect_to(script, timeout=LONG, idle_timeout=0.2)
    with expect_error(TimeoutError, "idle timeout"):
        list(client.chat_completion_stream(CHAT))


@fault(
    "timeout",
    "A long request is read slowly, forever",
    result="`TimeoutError` after `deadline`",
    line='fake.fault("slow-read")',
)
def test_endless_upload(connect_to, expect_error, tmp_path):
    path = tmp_path / "long.wav"
    with path.open("wb") as file:
        file.truncate(64 * 2**20)

    def read_slowly():
        yield ReceiveRequest(body=False)
        while True:
            yield Receive(65_536, keep=False)
            yield Pause(0.05)

    client = connect_to(read_slowly, deadline=0.3)
    with expect_error(TimeoutError, "deadline of 0.3 s exceeded"):
        client.transcribe(path, {"model": "m"})


@fault("timeout", "The body arrives byte by byte", result="the response", line='fake.fault("drip", part="body")')
def test_slow_body(connect_to):
    body = json.dumps(HEALTH).encode()
    script = drip((bytes([byte]) for byte in body), before=response_head(length=len(body)), pause=0)
    assert connect_to(script).health().status == "healthy"


@fault("timeout", "The body stalls", result="`TimeoutError` after `timeout`", line='fake.fault("stall", part="body")')
def test_stalled_body(connect_to, expect_error):
    with expect_error(TimeoutError, "timeout"):
        connect_to(send(response_head(length=100), b"{"), timeout=read_timeout(0.05)).health()


@fault(
    "timeout",
    "The body arrives in small pieces, forever",
    result="`TimeoutError` after `deadline`, 600 s by default",
    line='fake.fault("endless", length=10**9)',
)
def test_endless_body(connect_to, expect_error):
    client = connect_to(drip(repeat(b" "), before=response_head(length=10**9)), timeout=LONG, deadline=0.1)
    with expect_error(TimeoutError, "deadline of 0.1 s exceeded"):
        client.health()


@fault(
    "timeout",
    "The body, or streamed audio, arrives byte by byte and never ends, below 8 bytes a second",
    result="`TimeoutError` after `timeout`: 120 s by default",
    line='fake.fault("endless", delay=0.15)',
)
@pytest.mark.parametrize("stream", [False, True])
def test_dripping_body(connect_to, expect_error, stream):
    head = response_head(media_type="audio/mpeg")
    client = connect_to(drip(repeat(b"x"), before=head, pause=0.15), timeout=read_timeout(0.5))
    with expect_error(TimeoutError, "^read timeout(: less than 8 bytes a second for| after) 0.5 s"):
        list(client.text_to_speech_stream(SPEECH)) if stream else client.text_to_speech(SPEECH)


@pytest.mark.parametrize("limit", ["the read timeout", "5 s"])
@fault(
    "timeout",
    "The body of an error stalls",
    result="the error of its status, after `timeout` or 5 s",
    line='fake.fault("stall", part="body", status=404)',
)
def test_stalled_error(connect_to, connect, expect_error, monkeypatch, limit):
    timeout = read_timeout(0.05)
    if limit == "5 s":
        timeout = LONG
        monkeypatch.setattr(f"polargrid._{connect.name}.api_client.ERROR_BODY_SECONDS", 0.05)
    client = connect_to(send(response_head(length=100, status="404 Not Found") + b'{"err'), timeout=timeout)
    with expect_error(NotFoundError, "404", status_code=404):
        client.health()


@fault(
    "timeout",
    "The next retry is later than the `deadline`",
    result="the last error, before the `deadline`",
    line='fake.fault("error", status=503, retry_after=400, times=None)',
)
def test_deadline_with_retries(connect_to, expect_error):
    busy = response(b"{}", "retry-after: 400", status="503 Service Unavailable")
    first = response(b"{}", "retry-after-ms: 1", status="503 Service Unavailable")
    client = connect_to(send_in_turn(first, busy), deadline=300, max_retries=99)
    with expect_error(ServerError, "503") as caught:
        client.health()
    assert caught.value.meta.attempts == 2


@fault(
    "timeout",
    "`Retry-After` is later than the `deadline`",
    result="the error at once",
    line='fake.fault("error", status=503, retry_after=50)',
)
def test_retry_after_beyond_deadline(connect_to, expect_error):
    busy = response(b"{}", "retry-after: 50", status="503 Service Unavailable")
    client = connect_to(send(busy), deadline=40, max_retries=3)
    with expect_error(ServerError, "503", retry_after=50.0):
        client.health()
    assert len(client.server.requests) == 1


@fault(
    "timeout",
    "Every attempt stalls, and a `deadline` is set",
    result="`TimeoutError` after the `deadline`",
    line='fake.fault("stall", times=None)',
)
def test_deadline_with_stalls(connect_to, expect_error):
    client = connect_to(send(), timeout=LONG, deadline=0.1, max_retries=99)
    with expect_error(TimeoutError, "deadline of 0.1 s exceeded"):
        client.health()
    assert client.server.connections <= 2


@fault(
    "timeout",
    "A stream exceeds the `deadline`",
    result="`TimeoutError` with the text so far in `partial`",
    line='fake.fault("stream-slow", delay=1.0)',
)
def test_deadline_of_stream(connect_to, expect_error):
    client = connect_to(drip(repeat(chunk("a")), before=STREAM_HEAD), deadline=0.5)
    with expect_error(TimeoutError, "deadline of 0.5 s exceeded") as caught:
        list(client.chat_completion_stream(CHAT))
    assert set(caught.value.partial) == {"a"}


@fault(
    "timeout",
    "Streamed audio exceeds the `deadline`",
    result="`TimeoutError`",
    line='fake.fault("stream-slow", delay=1.0)',
)
def test_deadline_of_audio(connect_to, expect_error):
    script = drip(repeat(b"\0" * 64), before=response_head(media_type="audio/mpeg"))
    with expect_error(TimeoutError, "deadline of 0.2 s exceeded"):
        list(connect_to(script, deadline=0.2).text_to_speech_stream(SPEECH))


@fault(
    "timeout",
    "A stream stalls",
    result="`TimeoutError` after `timeout`, with the text so far in `partial`",
    line='fake.fault("stream-stall", after=2)',
)
def test_stalled_stream(connect_to, expect_error):
    client = connect_to(send(STREAM_HEAD + chunk("a") + chunk("b")), timeout=read_timeout(0.4))
    with expect_error(TimeoutError, "read timeout after 0.4 s", partial="ab"):
        list(client.chat_completion_stream(CHAT))


@fault(
    "timeout",
    "A stream sends comments forever",
    result="`TimeoutError` after `idle_timeout`: they are not events",
    line='fake.fault("stream-comments")',
)
def test_keep_alive_comments(connect_to, expect_error):
    script = drip(repeat(b": ping\n\n"), before=STREAM_HEAD + chunk("a"))
    client = connect_to(script, timeout=LONG, idle_timeout=0.4)
    with expect_error(TimeoutError, "no event within 0.4 s", partial="a"):
        list(client.chat_completion_stream(CHAT))


@fault(
    "timeout",
    "An event never ends",
    result="`TimeoutError` after `idle_timeout`",
    line='fake.fault("stream-endless", size=1, delay=0.005)',
)
def test_endless_event(connect_to, expect_error):
    script = drip(repeat(b"x"), before=STREAM_HEAD + chunk("a") + b"data: ")
    client = connect_to(script, timeout=LONG, idle_timeout=0.4)
    with expect_error(TimeoutError, "no event within 0.4 s", partial="a"):
        list(client.chat_completion_stream(CHAT))


@fault(
    "timeout",
    "Events arrive slowly, each within `idle_timeout`",
    result="the complete stream",
    line='fake.fault("stream-slow", delay=0.005)',
)
def test_slow_stream(connect_to):
    events = [chunk("a"), b": ping\n\n"] * 20
    client = connect_to(drip([*events, DONE], before=STREAM_HEAD), idle_timeout=60)
    assert texts(client.chat_completion_stream(CHAT)) == ["a"] * 20


@fault(
    "timeout", "You are slow between two chunks", result="the complete stream: only the time of reads counts", line=None
)
def test_slow_reader(connect_to):
    is_over = Event()

    def script():
        yield ReceiveRequest()
        yield Send(response_head("transfer-encoding: chunked", media_type=EVENT_STREAM))
        yield Send(render_chunk(chunk("a")))
        yield Until(is_over.is_set)
        yield Send(render_chunk(chunk("b") + DONE))
        yield Send(render_chunk(b""))

    chunks = connect_to(script).chat_completion_stream(CHAT, timeout=read_timeout(0.5))
    first = next(chunks)
    time.sleep(0.6)  # the caller, longer than the timeout
    is_over.set()
    assert texts([first, *chunks]) == ["a", "b"]
