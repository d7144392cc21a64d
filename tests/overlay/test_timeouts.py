"""Timeouts, deadlines and retries as options: of a client, of one call, of a copy by with_options."""

import math
import time

import httpx
import pytest

from polargrid import (
    RetryPolicy,
    ServerError,
    TimeoutError,  # noqa: A004 - the documented name
    ValidationError,
)
from polargrid_runtime.arguments import CallOptions
from polargrid_testing.steps import AwaitClose, ReceiveRequest
from tests.overlay.conftest import HANG_TIMEOUT
from tests.overlay.faults.scripts import CHAT, chunk, drip, response_head

BUSY = httpx.Response(500, headers={"retry-after-ms": "0"}, json={"error": {"message": "busy"}})
SHORT = 0.1  # seconds that a test waits
LONG = 3600.0  # seconds that a test never waits
PHASES = ("connect", "read", "write", "pool")


class LimitRecorder:
    """Responds to requests of a mock transport, and records the time limits that each request has."""

    def __init__(self, response):
        self.response, self.limits = response, []

    def __call__(self, request):
        self.limits.append({phase: request.extensions["timeout"].get(phase) for phase in PHASES})
        return self.response


@pytest.fixture
def recorder(spec):
    return LimitRecorder(httpx.Response(200, json=spec["health"].response))


def wait_for_disconnect():
    """Read a request, and do not respond."""
    yield ReceiveRequest()
    yield AwaitClose()


def drip_forever(before, data):
    """Build a script that sends the same bytes until the client disconnects."""
    return drip(iter(lambda: data, b""), before=before)


SILENCE = wait_for_disconnect
BODY = drip_forever(response_head(length=10**6), b" ")
CHUNKED_BODY = drip_forever(response_head("transfer-encoding: chunked"), b"1\r\n \r\n")
HEADERS = drip_forever(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n", b"x-y: z\r\n")


# Limits of a call


@pytest.mark.parametrize("source", ["client", "call", "with_options"])
@pytest.mark.parametrize("option", ["timeout", "idle_timeout", "deadline"])
def test_no_response(connect, serve, option, source):
    """Each limit ends a call without a response, whether it is set for the client, the call, or a copy."""
    server = serve(SILENCE)
    defaults = {"timeout": LONG, "idle_timeout": LONG, "deadline": LONG}
    client = connect(base_url=server.url, **({**defaults, option: SHORT} if source == "client" else defaults))
    calls = {
        "client": client.health,
        "call": lambda: client.health(**{option: SHORT}),
        "with_options": lambda: connect.run(client.with_options(**{option: SHORT}).health()),
    }
    with pytest.raises(TimeoutError, match=r"0\.1 s") as caught:
        calls[source]()
    assert caught.value.meta.elapsed < HANG_TIMEOUT
    assert caught.value.meta.base_url == server.url


@pytest.mark.parametrize("script", [SILENCE, BODY, CHUNKED_BODY], ids=["silence", "body", "chunked body"])
@pytest.mark.parametrize("http_client", ["own", "passed"])
def test_deadline(connect, serve, script, http_client):
    """A deadline limits a whole response, also with an HTTP client of the caller."""
    options = {"http_client": connect.http_client(timeout=LONG)} if http_client == "passed" else {}
    client = connect(base_url=serve(script).url, **options)
    with pytest.raises(TimeoutError, match=r"deadline of 0\.1 s exceeded"):
        client.health(deadline=SHORT)


def test_deadline_during_headers(connect, serve):
    """Headers that arrive in small pieces end at the deadline."""
    client = connect(base_url=serve(HEADERS).url)
    with pytest.raises(TimeoutError, match=r"deadline of 0\.1 s exceeded"):
        client.health(deadline=SHORT)


def test_idle_headers(connect, serve):
    """Headers that arrive in small pieces end at the idle timeout, as no event arrives."""
    client = connect(base_url=serve(HEADERS).url, timeout=LONG, idle_timeout=SHORT)
    with pytest.raises(TimeoutError, match=r"idle timeout: no event within 0\.1 s"):
        client.health()


def test_deadline_of_a_stream(connect, serve):
    """A deadline limits a whole stream; the error holds the text so far."""
    client = connect(base_url=serve(drip_forever(response_head(media_type="text/event-stream"), chunk("a"))).url)
    with pytest.raises(TimeoutError, match="deadline") as caught:
        list(client.chat_completion_stream(CHAT, deadline=0.5))
    assert set(caught.value.partial) == {"a"}


@pytest.mark.parametrize("http_client", ["own", "passed"])
def test_idle_stream(connect, serve, http_client):
    """Comments do not keep a stream open: without an event for the idle timeout it ends."""
    options = {"http_client": connect.http_client(timeout=LONG)} if http_client == "passed" else {"timeout": LONG}
    script = drip_forever(response_head(media_type="text/event-stream") + chunk("a"), b": ping\n\n")
    chunks = connect(base_url=serve(script).url, **options).chat_completion_stream(CHAT, idle_timeout=0.4)
    assert next(chunks).choices[0].delta.content == "a"
    with pytest.raises(TimeoutError, match=r"no event within 0\.4 s") as caught:
        next(chunks)
    assert caught.value.partial == "a"


def test_time_of_the_caller(connect, serve):
    """The time that the caller spends between two chunks does not count."""
    server = serve(drip_forever(response_head(media_type="text/event-stream"), chunk("a")))
    chunks = connect(base_url=server.url).chat_completion_stream(CHAT, idle_timeout=0.4)
    next(chunks)
    time.sleep(0.5)  # the caller, longer than the idle timeout
    assert next(chunks).choices[0].delta.content == "a"
    chunks.close()


@pytest.mark.parametrize("option", ["timeout", "idle_timeout", "deadline"])
def test_no_response_with_http_client(connect, serve, option):
    """The limits apply to an HTTP client of the caller."""
    client = connect(base_url=serve(SILENCE).url, http_client=connect.http_client(timeout=LONG))
    with pytest.raises(TimeoutError):
        client.health(**{option: SHORT})


def test_deadline_with_mock_transport(connect):
    """A deadline limits a body of a mock transport, which knows no timeouts."""

    class EndlessBody(httpx.SyncByteStream, httpx.AsyncByteStream):
        def __iter__(self):
            while True:
                yield b" "

        async def __aiter__(self):
            while True:
                yield b" "

    def respond(_request):
        return httpx.Response(200, headers={"content-type": "application/json"}, stream=EndlessBody())

    http_client = connect.http_client(transport=httpx.MockTransport(respond))
    with pytest.raises(TimeoutError, match="deadline"):
        connect(http_client=http_client).health(deadline=SHORT)


# Precedence


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"timeout": 50}, {"connect": 50, "read": 50, "write": 50, "pool": 50}),
        ({"timeout": httpx.Timeout(600, connect=100)}, {"connect": 100, "read": 600, "write": 600, "pool": 600}),
        ({"idle_timeout": 700}, {"connect": 7000, "read": 700, "write": 7000, "pool": 7000}),
        ({"deadline": 300}, {"connect": 300, "read": 300, "write": 300, "pool": 300}),
        (
            {"timeout": None, "idle_timeout": None, "deadline": None, "max_retries": None},
            {"connect": 7000, "read": 7000, "write": 7000, "pool": 7000},
        ),
    ],
    ids=["timeout", "httpx.Timeout", "idle_timeout", "deadline", "None"],
)
@pytest.mark.parametrize("source", ["call", "with_options"])
def test_limits_of_a_request(connect, recorder, options, expected, source):
    """A call has the limits that are set for it, else those of the client."""
    client = connect(recorder, timeout=7000, deadline=math.inf)
    connect.run(client.with_options(**options).health()) if source == "with_options" else client.health(**options)
    assert recorder.limits == [pytest.approx(expected, abs=HANG_TIMEOUT / 2)]


def test_precedence(connect, recorder):
    """Options of a call override those of with_options, which override the client's; later calls do not change."""
    client = connect(recorder, timeout=77, max_retries=0)
    copy = client.with_options(timeout=5)
    for used, options in ((copy, {"timeout": 3}), (copy, {}), (client.native, {})):
        connect.run(used.health(**options))
    assert [limits["connect"] for limits in recorder.limits] == [3, 5, 77]


@pytest.mark.parametrize(
    ("of_client", "of_call", "limit"),
    [(None, None, 600), (500, None, 500), (5, math.inf, LONG), (math.inf, None, LONG)],
)
def test_deadline_of_a_call(connect, recorder, of_client, of_call, limit):
    """A call that is not streamed has ten minutes by default; infinity is no limit."""
    client = connect(recorder, timeout=LONG, **({"deadline": of_client} if of_client else {}))
    client.health(**({"deadline": of_call} if of_call else {}))
    assert recorder.limits[0]["connect"] == pytest.approx(limit, abs=HANG_TIMEOUT / 2)


def test_stream_has_no_deadline_by_default(connect):
    """A stream has no deadline unless one is set."""
    headers = {"content-type": "text/event-stream"}
    content = b'data: {"choices": [{}]}\n\ndata: [DONE]\n\n'
    recorder = LimitRecorder(httpx.Response(200, headers=headers, content=content))
    client = connect(recorder, timeout=LONG)
    list(client.chat_completion_stream(CHAT))
    list(client.chat_completion_stream(CHAT, deadline=300))
    assert [limits["connect"] for limits in recorder.limits] == pytest.approx([LONG, 300], abs=HANG_TIMEOUT / 2)


@pytest.mark.parametrize("method", ["call", "stream", "upload", "generate"])
def test_every_method_takes_options(connect, method):
    """Every method takes options."""
    recorder = LimitRecorder(BUSY)
    client = connect(recorder, max_retries=0)
    options = {"timeout": 500, "deadline": 700, "idle_timeout": 300, "max_retries": 2}
    calls = {
        "call": lambda: client.health(**options),
        "stream": lambda: list(client.chat_completion_stream(CHAT, **options)),
        "upload": lambda: client.transcribe(b"RIFF", {"model": "whisper-1"}, **options),
        "generate": lambda: client.generate({"model": "m", "prompt": "Hi"}, **options),
    }
    with pytest.raises(ServerError):
        calls[method]()
    assert [limits["read"] for limits in recorder.limits] == pytest.approx([300] * 3, abs=HANG_TIMEOUT / 2)


# Retries


@pytest.mark.parametrize(("of_client", "of_call", "attempts"), [(0, 2, 3), (2, 0, 1), (1, None, 2)])
def test_retries_of_a_call(connect, of_client, of_call, attempts):
    """`max_retries` of a call overrides the client's."""
    client = connect(BUSY, max_retries=of_client)
    with pytest.raises(ServerError):
        client.health(max_retries=of_call)
    assert len(client.requests) == attempts


def test_retry_beyond_deadline(connect):
    """If the deadline leaves no time for another attempt, the error of the last one is raised."""
    client = connect(httpx.Response(503, headers={"retry-after": "300"}, json={"error": {"message": "full"}}))
    with pytest.raises(ServerError, match="full") as caught:
        client.health(max_retries=3, deadline=200)
    assert (caught.value.status_code, caught.value.meta.attempts, len(client.requests)) == (503, 1, 1)


def test_deadline_of_all_attempts(connect):
    """A deadline limits a call with all of its attempts and delays, not each of them."""
    response = httpx.Response(503, headers={"retry-after-ms": "40"}, json={"error": {"message": "full"}})
    recorder = LimitRecorder(response)
    client = connect(recorder, retry=RetryPolicy(budget=math.inf), max_retries=10_000)
    with pytest.raises((ServerError, TimeoutError)) as caught:
        client.health(deadline=0.5)
    assert 1 < len(client.requests) < 30
    assert caught.value.meta.elapsed < HANG_TIMEOUT
    assert recorder.limits[0]["read"] > recorder.limits[-1]["read"]


# Invalid options


@pytest.mark.parametrize("source", ["call", "stream", "with_options"])
def test_unknown_option(connect, recorder, source):
    """An unknown option is a TypeError that lists the options, before anything is sent."""
    client = connect(recorder)
    calls = {
        "call": lambda: client.health(tiemout=3),
        "stream": lambda: client.chat_completion_stream(CHAT, tiemout=3),
        "with_options": lambda: client.with_options(tiemout=3),
    }
    with pytest.raises(TypeError, match="unknown option 'tiemout'") as caught:
        calls[source]()
    assert all(name in str(caught.value) for name in CallOptions.__annotations__)
    assert client.requests == []


@pytest.mark.parametrize(
    "options",
    [
        {"timeout": 0},
        {"timeout": -1},
        {"timeout": "soon"},
        {"timeout": True},
        {"timeout": math.nan},
        {"idle_timeout": 0},
        {"deadline": -1},
        {"deadline": math.nan},
        {"max_retries": -1},
        {"max_retries": 1.5},
        {"max_retries": True},
    ],
    ids=str,
)
@pytest.mark.parametrize("source", ["client", "call", "with_options"])
def test_invalid_option(connect, recorder, options, source):
    """An invalid value is a ValidationError that names the option, before anything is sent."""
    client = connect(recorder)
    calls = {
        "client": lambda: connect(**options),
        "call": lambda: client.health(**options),
        "with_options": lambda: client.with_options(**options),
    }
    with pytest.raises(ValidationError) as caught:
        calls[source]()
    assert caught.value.param == next(iter(options))
    assert client.requests == []
