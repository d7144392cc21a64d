"""Retries: how often, when, at which endpoint, and what every attempt has in common."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from polargrid import (
    NetworkError,
    PolarGridError,
    RateLimitError,
    RetryPolicy,
    ServerError,
    StreamInterruptedError,
    ValidationError,
)
from tests.overlay.faults.registry import fault
from tests.overlay.faults.scripts import (
    BUSY,
    CHAT,
    COMPLETION,
    DONE,
    HEALTHY,
    chunk,
    close,
    reset,
    response,
    send,
    send_in_turn,
    stream,
    texts,
)


def reject(status, *headers):
    """Build an error response."""
    return response({"error": {"message": "not now"}}, *headers, status=f"{status} No")


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504])
@fault(
    "retry",
    "408, 409, 429, 500, 502, 503 or 504, once",
    result="the response, `meta.attempts` is 2",
    line='fake.fault("error", status=503)',
)
def test_retryable_status(connect_to, status):
    client = connect_to(send_in_turn(reject(status), HEALTHY), max_retries=1)
    assert client.health().meta.attempts == 2
    first, second = client.server.requests
    assert first == second


@pytest.mark.parametrize("status", [307, 400, 401, 402, 403, 404, 413, 415, 418, 422, 501])
@fault(
    "retry",
    "Another status, for which a retry cannot help",
    result="its error at once",
    line='fake.fault("error", status=400)',
)
def test_other_status(connect_to, status):
    client = connect_to(send_in_turn(reject(status), HEALTHY), max_retries=3)
    with pytest.raises(PolarGridError, match="not now"):
        client.health()
    assert len(client.server.requests) == 1


@fault(
    "retry",
    "The server stays busy",
    result="its error after `max_retries` retries",
    line='fake.fault("error", status=503, times=None)',
)
def test_give_up(connect_to, expect_error):
    client = connect_to(send_in_turn(*[BUSY] * 9), max_retries=2)
    with expect_error(ServerError, "busy", status_code=503) as caught:
        client.health()
    assert (caught.value.meta.attempts, len(client.server.requests)) == (3, 3)


@fault(
    "retry",
    "The server stays busy for many calls",
    result="its errors; a client adds at most 10 % to the load",
    line='fake.fault("error", status=503, times=None)',
)
def test_outage(connect_to):
    client = connect_to(send_in_turn(*[BUSY] * 300), max_retries=3)
    for _ in range(200):
        with pytest.raises(ServerError, match="busy"):
            client.health()
    assert len(client.server.requests) <= 220


@fault(
    "retry",
    "Every second request fails, for many calls",
    result="all responses: successful calls refund the budget",
    line='fake.fault("error", status=503)',
)
def test_temporary_failures(connect_to):
    client = connect_to(send_in_turn(*[BUSY, HEALTHY] * 60), max_retries=1)
    assert {client.health().status for _ in range(60)} == {"healthy"}


def format_in_an_hour():
    """Return an HTTP date one hour from now."""
    return format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ("retry-after: 7", 7, 7),
        ("retry-after: 1.5", 1.5, 1.5),
        ("retry-after-ms: 250", 0.25, 0.25),
        ("retry-after: 3600", 3600, 3600),
        ("retry-after: {in_an_hour}", 3500, 3600),  # formatted when the test runs
        ("retry-after: Wed, 21 Oct 2015 07:28:00 GMT", 0, 0),
    ],
    ids=["seconds", "fraction", "ms", "an hour", "date", "past date"],
)
@fault(
    "retry",
    "`Retry-After` in seconds or as a date, or `retry-after-ms`",
    result="`error.retry_after`, in seconds",
    line='fake.fault("error", status=429, retry_after=7, unit="date")',
)
def test_retry_after(connect_to, expect_error, header, least, most):
    with expect_error(RateLimitError, "not now") as caught:
        connect_to(send(reject(429, header.format(in_an_hour=format_in_an_hour())))).health()
    assert least <= caught.value.retry_after <= most


@fault(
    "retry",
    "`Retry-After` is a date, and the server's clock is wrong",
    result="`error.retry_after` from its `Date`",
    line='fake.fault("error", status=429, retry_after=9, unit="date", clock=-3600.0)',
)
def test_retry_after_of_a_wrong_clock(connect_to, expect_error):
    dates = "retry-after: Wed, 21 Oct 2015 07:28:09 GMT", "date: Wed, 21 Oct 2015 07:28:00 GMT"
    with expect_error(RateLimitError, "not now", retry_after=9.0):
        connect_to(send(reject(429, *dates))).health()


@pytest.mark.parametrize(
    "value", ["soon", "-5", "nan", "inf", "", "1e999", "99 Foo 9999999", "Wed, 99 Bar 2026", "0x10", ", ,", "1,2", "٣"]
)
@fault(
    "retry",
    "`Retry-After` is invalid or negative",
    result="a retry, as without the header",
    line='fake.fault("error", status=429, retry_after="soon")',
)
def test_invalid_retry_after(connect_to, value):
    data = reject(429).replace(b"\r\n\r\n", f"\r\nretry-after: {value}\r\n\r\n".encode(), 1)
    health = connect_to(send_in_turn(data, HEALTHY), max_retries=1).health()
    assert (health.status, health.meta.attempts) == ("healthy", 2)


@pytest.mark.parametrize("header", ["retry-after: 0.2", "retry-after-ms: 200"])
@fault(
    "retry",
    "`Retry-After` is short",
    result="the response, after that time and not before",
    line='fake.fault("error", status=429, retry_after=0.01, unit="ms")',
)
def test_short_retry_after(connect_to, header):
    health = connect_to(send_in_turn(reject(429, header), HEALTHY), max_retries=1).health()
    assert health.meta.elapsed >= 0.2


@pytest.mark.parametrize("kind", ["seconds", "date"])
@fault(
    "retry",
    "`Retry-After` is an hour",
    result="its error at once; `RetryPolicy.max_retry_after` is the limit",
    line='fake.fault("error", status=429, retry_after=3600)',
)
def test_long_retry_after(connect_to, expect_error, kind):
    value = "3600" if kind == "seconds" else format_in_an_hour()
    client = connect_to(send(reject(429, f"retry-after: {value}")), max_retries=3)
    with expect_error(RateLimitError, "not now"):
        client.health()
    assert len(client.server.requests) == 1


@fault(
    "retry",
    "A call that changes state is retried",
    result="one idempotency key for all of its attempts",
    line='fake.fault("empty-response", end="reset")',
)
def test_idempotency_key(connect_to):
    completion = response(COMPLETION)
    scripts = send(then=reset), send(then=close), send_in_turn(BUSY, completion, completion)
    client = connect_to(*scripts, max_retries=3)
    client.chat_completion(CHAT)
    client.chat_completion(CHAT)
    keys = [request.headers["idempotency-key"] for request in client.server.requests]
    assert len(keys) == 5
    assert len(set(keys[:4])) == 1
    assert keys[4] != keys[0]
    assert all(re.fullmatch(r"[0-9a-f-]{36}", key) for key in keys)


@fault(
    "retry",
    "A successful response is invalid",
    result="`ServerError` at once: the server did its work",
    line='fake.fault("json-invalid")',
)
def test_invalid_success(connect_to, expect_error):
    client = connect_to(send_in_turn(response(b"{"), HEALTHY), max_retries=3)
    with expect_error(ServerError, "response does not match"):
        client.health()
    assert len(client.server.requests) == 1


@fault("retry", "`max_retries` is 0", result="the first error", line='fake.fault("error", status=503)')
def test_no_retries(connect_to, expect_error):
    client = connect_to(send_in_turn(BUSY, HEALTHY), max_retries=0)
    with expect_error(ServerError, "busy"):
        client.health()


# Several endpoints


@fault(
    "retry",
    "The first of several regions refuses the connection",
    result="the response of the next, at once",
    line='fake.fault("connection-refused")',
)
def test_failover(connect_to, serve):
    stopped = serve(close)
    stopped.join()
    other = connect_to(send(HEALTHY)).server
    health = connect_to(close, base_url=None, regions=[stopped.url, other.url], max_retries=0).health()
    assert (health.meta.base_url, health.meta.attempts) == (other.url, 2)


@fault(
    "retry",
    "The first of several regions responds 503",
    result="the response of the next, at once",
    line='fake.fault("error", status=503, retry_after=60)',
)
def test_failover_when_busy(connect_to):
    first, second = connect_to(send(reject(503, "retry-after: 60"))).server, connect_to(send(HEALTHY)).server
    health = connect_to(close, base_url=None, regions=[first.url, second.url]).health()
    assert health.meta.base_url == second.url


@fault(
    "retry",
    "All of several regions fail",
    result="the last error; each is tried once, and again for each retry",
    line='fake.fault("connection-refused")',
)
def test_all_regions_fail(connect_to, expect_error, serve):
    servers = [serve(close) for _ in range(2)]
    for server in servers:
        server.join()
    client = connect_to(close, base_url=None, regions=[server.url for server in servers], max_retries=1)
    with expect_error(NetworkError, "cannot connect") as caught:
        client.health()
    assert caught.value.meta.attempts == 4


class ShrinkingFile:
    """A file that claims to be longer than it is."""

    def __init__(self):
        self.position = 0

    def seekable(self):
        return True

    def tell(self):
        return self.position

    def seek(self, offset, whence=0):
        self.position = 1000 if whence == 2 else offset
        return self.position

    def read(self, _size=-1):
        return b""


@fault(
    "retry",
    "A request cannot be sent, three times",
    result="`ValidationError`; its endpoint is not skipped for it",
    line=None,
)
def test_unsendable_request(connect_to, expect_error):
    first, second = connect_to(send_in_turn(HEALTHY, HEALTHY)).server, connect_to(send(HEALTHY)).server
    client = connect_to(close, base_url=None, regions=[first.url, second.url])
    for _ in range(3):
        with expect_error(ValidationError):
            client.transcribe(ShrinkingFile(), {"model": "whisper-1"})
    assert client.health().meta.base_url == first.url


# Streams


@pytest.mark.parametrize(
    "first",
    [send(BUSY, then=reset), send(then=reset), send(then=close), stream(b": ping\n\n", then=close)],
    ids=["busy", "reset", "closed", "closed after a comment"],
)
@fault(
    "retry",
    "A stream fails before its first chunk",
    result="the complete stream, of another attempt",
    line='fake.fault("stream-cut", after=0)',
)
def test_stream_before_first_chunk(connect_to, first):
    client = connect_to(first, stream(chunk("a"), DONE), max_retries=2)
    assert texts(client.chat_completion_stream(CHAT)) == ["a"]


@fault(
    "retry",
    "A stream fails after its first chunk",
    result="`StreamInterruptedError`; it is not retried",
    line='fake.fault("stream-cut", after=1)',
)
def test_stream_after_first_chunk(connect_to, expect_error):
    client = connect_to(stream(chunk("a"), then=close), stream(chunk("b"), DONE), max_retries=3)
    with expect_error(StreamInterruptedError, "chat_completion: connection error", partial="a"):
        list(client.chat_completion_stream(CHAT))
    assert len(client.server.requests) == 1


@fault(
    "retry",
    "You pass a RetryPolicy",
    result="its number of retries, its delays, its budget",
    line='fake.fault("error", status=500, times=None)',
)
def test_policy(connect_to, expect_error):
    policy = RetryPolicy(first_delay=0, budget=1)
    client = connect_to(send_in_turn(*[reject(500)] * 9), retry=policy, max_retries=5)
    with expect_error(ServerError, "not now") as caught:
        client.health()
    assert caught.value.meta.attempts == 2
