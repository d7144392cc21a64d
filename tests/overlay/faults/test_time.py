"""Whatever takes too long ends, and what is only slow arrives."""

import json
import time
from itertools import repeat

import pytest

from polargrid import NotFoundError, ServerError, TimeoutError  # noqa: A004 - the documented name
from tests.overlay.faults.edges import (
    CHAT,
    FINE,
    HEALTH,
    SPEECH,
    answer,
    chunk,
    drips,
    head,
    heard,
    in_turn,
    reads,
    says,
    stays,
    streams,
    texts,
)
from tests.overlay.faults.registry import fault


@fault("time", "The edge takes the request and says nothing", then="`TimeoutError` after `timeout`, tried again")
def test_stalled(against, fails):
    client = against(says(), timeout=reads(0.05), max_retries=1)
    with fails(TimeoutError, "The edge's answer took too long", sent=True):
        client.chat_completion(CHAT)
    assert len({request.headers["idempotency-key"] for request in heard(client.edge)}) == 1
    assert client.edge.connections == 2


@fault("time", "The edge stalls once, and is fine then", then="the answer")
def test_stalled_once(against):
    assert against(says(), says(FINE), timeout=reads(0.5), max_retries=1).health().meta.attempts == 2


@fault("time", "The head of the answer stalls", then="`TimeoutError` after `timeout`")
def test_stalled_head(against, fails):
    with fails(TimeoutError, "The edge's answer took too long"):
        against(says(b"HTTP/1.1 200 OK\r\ncontent-ty"), timeout=reads(0.05)).health()


@fault("time", "The head comes a byte at a time", then="the answer")
def test_slow_head(against):
    assert against(drips((bytes([byte]) for byte in FINE), pause=0), timeout=0.5).health().status == "healthy"


@pytest.mark.parametrize("bound", [{"timeout": reads(0.1)}, {"idle_timeout": 0.1}, {"deadline": 0.1}])
@fault(
    "time",
    "The head comes a byte at a time, for ever",
    then="`TimeoutError` after `timeout`, `idle_timeout` or `deadline`, though each byte is in time",
)
def test_endless_head(against, fails, within, bound):
    client = against(drips(repeat(b"x"), before=b"HTTP/1.1 200 OK\r\nx-long: "), **bound)
    with within(3), fails(TimeoutError, "took too long"):
        client.health()


@fault("time", "The body comes a byte at a time", then="the answer")
def test_slow_body(against):
    body = json.dumps(HEALTH).encode()
    assert against(drips((bytes([byte]) for byte in body), before=head(length=len(body)), pause=0)).health().status


@fault("time", "The body stalls", then="`TimeoutError` after `timeout`")
def test_stalled_body(against, fails):
    with fails(TimeoutError, "The edge's answer took too long"):
        against(says(head(length=100), b"{"), timeout=reads(0.05)).health()


@fault(
    "time", "The body comes a byte at a time, for ever", then="`TimeoutError` after `deadline`, 600 s if none is set"
)
def test_endless_body(against, fails, within):
    client = against(drips(repeat(b" "), before=head(length=10**9)), timeout=5, deadline=0.1)
    with within(3), fails(TimeoutError, "its deadline of 0.1 s passed"):
        client.health()


@fault("time", "The body of an error stalls", then="the error of its status, after 5 s at most")
def test_stalled_error(against, fails, within):
    client = against(says(head(length=100, status="404 Not Found"), b'{"err'), timeout=reads(0.05))
    with within(3), fails(NotFoundError, "404", status_code=404):
        client.health()


@fault("time", "A busy edge is tried again beyond the `deadline`", then="its error, before the `deadline`")
def test_deadline_over_tries(against, fails, within):
    busy = answer(b"{}", "retry-after-ms: 600", status="503 Service Unavailable")
    client = against(in_turn(*[busy] * 9), deadline=1, max_retries=99)
    with within(3), fails(ServerError, "503") as caught:
        client.health()
    assert caught.value.meta.attempts == 2


@fault("time", "`Retry-After` is later than the `deadline`", then="the error at once")
def test_retry_after_beyond_the_deadline(against, fails, within):
    client = against(says(answer(b"{}", "retry-after: 5", status="503 Service Unavailable")), deadline=2, max_retries=3)
    with within(3), fails(ServerError, "503", retry_after=5.0):
        client.health()
    assert len(heard(client.edge)) == 1


@fault("time", "Each try stalls, and a `deadline` is set", then="`TimeoutError` after the `deadline`")
def test_deadline_over_stalls(against, fails, within):
    client = against(says(), timeout=reads(0.1), deadline=0.25, max_retries=99)
    with within(3), fails(TimeoutError, "took too long"):
        client.health()
    assert 1 < client.edge.connections < 5


@fault("time", "A stream flows beyond the `deadline`", then="`TimeoutError` with the text so far in `partial`")
def test_deadline_over_a_stream(against, fails, within):
    endless = drips(repeat(chunk("a")), before=head(media_type="text/event-stream", status="200 OK"))
    chunks = against(endless, deadline=0.2).chat_completion_stream(CHAT)
    with within(3), fails(TimeoutError, "its deadline of 0.2 s passed") as caught:
        for _ in chunks:
            pass
    assert set(caught.value.partial) == {"a"}


@fault("time", "Audio flows beyond the `deadline`", then="`TimeoutError`")
def test_deadline_over_audio(against, fails, within):
    endless = drips(repeat(b"\0" * 64), before=head(media_type="audio/mpeg"))
    with within(3), fails(TimeoutError, "its deadline of 0.2 s passed"):
        for _ in against(endless, deadline=0.2).text_to_speech_stream(SPEECH):
            pass


@fault("time", "A stream stalls", then="`TimeoutError` after `timeout`, with the text so far in `partial`")
def test_stalled_stream(against, fails, within):
    client = against(streams(chunk("a"), chunk("b"), then=stays), timeout=reads(0.1))
    with within(3), fails(TimeoutError, "nothing of it came for 0.1 s", partial="ab"):
        list(client.chat_completion_stream(CHAT))


@fault("time", "A stream sends keep-alives for ever", then="`TimeoutError` after `idle_timeout`: they are no events")
def test_keep_alives(against, fails, within):
    endless = drips(repeat(b": ping\n\n"), before=head(media_type="text/event-stream") + chunk("a"))
    client = against(endless, timeout=5, idle_timeout=0.1)
    with within(3), fails(TimeoutError, "nothing of it came for 0.1 s", partial="a"):
        list(client.chat_completion_stream(CHAT))


@fault("time", "An event never ends", then="`TimeoutError` after `idle_timeout`")
def test_endless_event(against, fails, within):
    endless = drips(repeat(b"x"), before=head(media_type="text/event-stream") + chunk("a") + b"data: ")
    client = against(endless, timeout=5, idle_timeout=0.1)
    with within(3), fails(TimeoutError, "nothing of it came for 0.1 s", partial="a"):
        list(client.chat_completion_stream(CHAT))


@fault("time", "Events come slowly, each within `idle_timeout`", then="the whole stream")
def test_slow_stream(against):
    slow = drips(
        [chunk("a"), b": ping\n\n"] * 20 + [b"data: [DONE]\n\n"],
        before=head(media_type="text/event-stream"),
        pause=0.02,
    )
    assert texts(against(slow, idle_timeout=0.5).chat_completion_stream(CHAT)) == ["a"] * 20


@fault("time", "You are slow between two chunks of a stream", then="the whole stream: only the edge's silence counts")
def test_slow_reader(against):
    chunks = against(streams(chunk("a"), chunk("b"), b"data: [DONE]\n\n"), timeout=0.4).chat_completion_stream(CHAT)
    first = next(chunks)
    time.sleep(0.5)
    assert texts([first, *chunks]) == ["a", "b"]
