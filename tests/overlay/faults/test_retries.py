"""Tries: how often, when, where, and what is the same in each."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from polargrid import NetworkError, RateLimitError, RetryPolicy, ServerError, StreamInterruptedError, ValidationError
from tests.overlay.faults.edges import (
    BUSY,
    CHAT,
    DONE,
    FINE,
    answer,
    chunk,
    closes,
    heard,
    in_turn,
    resets,
    says,
    streams,
    texts,
)
from tests.overlay.faults.registry import fault
from tests.overlay.faults.test_answers import COMPLETION

LIMITED = "429 Too Many Requests"


def refuses(status, *headers):
    return answer({"error": {"message": "not now"}}, *headers, status=f"{status} No")


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504])
@fault("retry", "408, 409, 429, 500, 502, 503 or 504 once, and fine then", then="the answer, `meta.attempts` is 2")
def test_once(against, status):
    client = against(in_turn(refuses(status), FINE), max_retries=1)
    assert client.health().meta.attempts == 2
    first, second = heard(client.edge)
    assert first == second


@pytest.mark.parametrize("status", [307, 400, 401, 402, 403, 404, 413, 415, 418, 422, 501])
@fault("retry", "The status says that another try cannot help", then="its error at once")
def test_not_again(against, fails, status):
    client = against(in_turn(refuses(status), FINE), max_retries=3)
    with pytest.raises(Exception, match="not now"):
        client.health()
    assert len(heard(client.edge)) == 1


@fault("retry", "The edge stays busy", then="its error after `max_retries` more tries")
def test_give_up(against, fails):
    client = against(in_turn(*[BUSY] * 9), max_retries=2)
    with fails(ServerError, "busy", status_code=503) as caught:
        client.health()
    assert (caught.value.meta.attempts, len(heard(client.edge))) == (3, 3)


@fault("retry", "The edge stays busy for many calls", then="their errors; a client adds at most 10 % to the load")
def test_storm(against):
    client = against(in_turn(*[BUSY] * 300), max_retries=3)
    for _ in range(200):
        with pytest.raises(ServerError, match="busy"):
            client.health()
    assert len(heard(client.edge)) <= 220


@fault("retry", "Every second request fails, for many calls", then="all answers: what passes costs no budget")
def test_flicker(against):
    client = against(in_turn(*[BUSY, FINE] * 60), max_retries=1)
    assert {client.health().status for _ in range(60)} == {"healthy"}


def in_an_hour():
    return format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ("retry-after: 7", 7, 7),
        ("retry-after: 1.5", 1.5, 1.5),
        ("retry-after-ms: 250", 0.25, 0.25),
        ("retry-after: 3600", 3600, 3600),
        ("retry-after: {in_an_hour}", 3500, 3600),  # counted when the test runs
        ("retry-after: Wed, 21 Oct 2015 07:28:00 GMT", 0, 0),
    ],
    ids=["seconds", "fraction", "ms", "an hour", "date", "date gone by"],
)
@fault("retry", "`Retry-After` in seconds, as a date, or `retry-after-ms`", then="`error.retry_after`, in seconds")
def test_retry_after(against, fails, header, least, most):
    with fails(RateLimitError, "not now") as caught:
        against(says(refuses(429, header.format(in_an_hour=in_an_hour())))).health()
    assert least <= caught.value.retry_after <= most


@pytest.mark.parametrize(
    "value", ["soon", "-5", "nan", "inf", "", "1e999", "99 Foo 9999999", "Wed, 99 Bar 2026", "0x10", ", ,", "1,2", "٣"]
)
@fault("retry", "`Retry-After` is nonsense or negative", then="another try as if there were none")
def test_nonsense(against, value):
    said = refuses(429).replace(b"\r\n\r\n", f"\r\nretry-after: {value}\r\n\r\n".encode(), 1)
    answered = against(in_turn(said, FINE), max_retries=1).health()
    assert (answered.status, answered.meta.attempts) == ("healthy", 2)


@pytest.mark.parametrize("header", ["retry-after: 0.2", "retry-after-ms: 200"])
@fault("retry", "`Retry-After` is short", then="the answer, after that time and not before")
def test_obeyed(against, header):
    answered = against(in_turn(refuses(429, header), FINE), max_retries=1).health()
    assert answered.meta.elapsed >= 0.2


@pytest.mark.parametrize("when", ["3600", "date"])
@fault("retry", "`Retry-After` is an hour away", then="its error at once; `RetryPolicy.max_retry_after` is the bound")
def test_an_hour(against, fails, within, when):
    client = against(says(refuses(429, f"retry-after: {in_an_hour() if when == 'date' else when}")), max_retries=3)
    with within(3), fails(RateLimitError, "not now"):
        client.health()
    assert len(heard(client.edge)) == 1


@fault("retry", "A call that changes something is tried again", then="one idempotency key over all its tries")
def test_one_idempotency_key(against):
    done = answer(COMPLETION)
    client = against(says(then=resets), says(then=closes), in_turn(BUSY, done, done), max_retries=3)
    client.chat_completion(CHAT)
    client.chat_completion(CHAT)
    keys = [request.headers["idempotency-key"] for request in heard(client.edge)]
    assert len(keys) == 5
    assert len(set(keys[:4])) == 1
    assert keys[4] != keys[0]
    assert all(re.fullmatch(r"[0-9a-f-]{36}", key) for key in keys)


@fault("retry", "A success cannot be read", then="`ServerError` at once: the edge did its work")
def test_strange_success(against, fails):
    client = against(in_turn(answer(b"{"), FINE), max_retries=3)
    with fails(ServerError, "the answer is not"):
        client.health()
    assert len(heard(client.edge)) == 1


@fault("retry", "`max_retries` is 0", then="the first error")
def test_no_retries(against, fails):
    client = against(in_turn(BUSY, FINE), max_retries=0)
    with fails(ServerError, "busy"):
        client.health()


# Several regions


@fault("retry", "The first of several regions refuses the connection", then="the answer of the next, at once")
def test_elsewhere(against, serve):
    gone = serve(closes)
    gone.join()
    client = against(says(FINE))
    answered = against(closes, base_url=None, regions=[gone.url, client.edge.url], max_retries=0).health()
    assert (answered.meta.base_url, answered.meta.attempts) == (client.edge.url, 2)


@fault("retry", "The first of several regions says 503", then="the answer of the next, at once")
def test_elsewhere_when_busy(against):
    first, second = against(says(refuses(503, "retry-after: 60"))), against(says(FINE))
    urls = [first.edge.url, second.edge.url]
    answered = against(closes, base_url=None, regions=urls).health()
    assert answered.meta.base_url == second.edge.url


@fault("retry", "All of several regions fail", then="the last error, each asked once and `max_retries` times more")
def test_nowhere(against, fails, serve):
    gone = [serve(closes) for _ in range(2)]
    for edge in gone:
        edge.join()
    with fails(NetworkError, "cannot be reached") as caught:
        against(closes, base_url=None, regions=[edge.url for edge in gone], max_retries=0).health()
    assert caught.value.meta.attempts == 2


@fault("retry", "A request cannot be sent, three times", then="`ValidationError`; no region is left alone for it")
def test_own_mistakes(against, fails):
    first, second = against(in_turn(FINE, FINE)), against(says(FINE))
    client = against(closes, base_url=None, regions=[first.edge.url, second.edge.url])
    for _ in range(3):
        with fails(ValidationError):
            client.transcribe(Shrinks(), {"model": "whisper-1"})
    assert client.health().meta.base_url == first.edge.url


class Shrinks:
    """A file that says that it is longer than it is."""

    def __init__(self):
        self.at = 0

    def seekable(self):
        return True

    def tell(self):
        return self.at

    def seek(self, offset, whence=0):
        self.at = 1000 if whence == 2 else offset
        return self.at

    def read(self, _size=-1):
        return b""


# Streams


@pytest.mark.parametrize(
    "first", [says(BUSY, then=resets), says(then=resets), says(then=closes), streams(b": ping\n\n", then=closes)]
)
@fault("retry", "A stream fails before its first chunk", then="the whole stream, of another try")
def test_stream_again(against, first):
    client = against(first, streams(chunk("a"), DONE), max_retries=2)
    assert texts(client.chat_completion_stream(CHAT)) == ["a"]


@fault("retry", "A stream fails after its first chunk", then="`StreamInterruptedError`; it is never sent again")
def test_stream_not_again(against, fails):
    client = against(streams(chunk("a"), then=closes), streams(chunk("b"), DONE), max_retries=3)
    with fails(StreamInterruptedError, "chat_completion: The connection broke", partial="a"):
        list(client.chat_completion_stream(CHAT))
    assert len(heard(client.edge)) == 1


@fault("retry", "The policy says otherwise", then="what it says: its tries, its delays, its budget")
def test_policy(against, fails):
    policy = RetryPolicy(first_delay=0, budget=1)
    client = against(in_turn(*[refuses(500)] * 9), retry=policy, max_retries=5)
    with fails(ServerError, "not now") as caught:
        client.health()
    assert caught.value.meta.attempts == 2
