"""Times and retries: of a client, of one call, and of the client of with_options."""

import json
import math
import threading

import httpx
import pytest

from polargrid import (
    RetryPolicy,
    ServerError,
    StreamInterruptedError,
    TimeoutError,  # noqa: A004 - the documented name
    ValidationError,
)
from polargrid_runtime.operation import CallOptions

CHAT = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hi"}]}
SPEECH = {"model": "tts-1", "input": "Hi", "voice": "alloy"}
BUSY = httpx.Response(500, headers={"retry-after-ms": "0"}, json={"error": {"message": "busy"}})
SHORT = 0.1  # seconds that a test waits for
LONG = 3600.0  # seconds that a test never waits


@pytest.fixture
def health(spec):
    return httpx.Response(200, json=spec["health"].answer)


@pytest.fixture(autouse=True)
def _closed_first(serve, connect):
    """The clients leave before the edges wait for it."""
    yield
    connect.close()


def chunk(text):
    """An event of a streamed chat."""
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
    data = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return f"data: {json.dumps(data)}\n\n".encode()


def dripping(head, drop):
    """A script that begins like that, and then goes on with one drop after another until the client has left."""

    def script(connection):
        connection.request()
        over = threading.Event()
        try:
            connection.send(head)
            while not over.wait(0.01):  # the pace of the drops
                connection.send(drop)
        except OSError:
            return  # it left

    return script


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
DRIPS = {
    "silence": lambda connection: (connection.request(), connection.left()),
    "head": dripping(HEAD, b"x"),
    "headers": dripping(HEAD, b"x-y: z\r\n"),
    "body": dripping(HEAD + b"content-length: 100000\r\n\r\n", b" "),
    "chunks": dripping(HEAD + b"transfer-encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
}
EVENTS = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def framed(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def waits(request):
    """The bounds that a request went out with."""
    return request.extensions["timeout"]


# One call's own


@pytest.mark.parametrize("of", ["client", "call", "with_options"])
@pytest.mark.parametrize("option", ["timeout", "idle_timeout", "deadline"])
def test_silence(connect, serve, option, of):
    """Each bound ends a call that hears nothing, whether it is the client's, the call's, or of with_options."""
    edge = serve(DRIPS["silence"])
    own = {"timeout": LONG, "idle_timeout": LONG, "deadline": LONG}
    client = connect(base_url=edge.url, **({**own, option: SHORT} if of == "client" else own))
    calls = {
        "client": client.health,
        "call": lambda: client.health(**{option: SHORT}),
        "with_options": lambda: connect.run(client.with_options(**{option: SHORT}).health()),
    }
    with pytest.raises(TimeoutError) as caught:
        calls[of]()
    assert caught.value.meta.elapsed < 5
    assert caught.value.meta.base_url == edge.url


@pytest.mark.parametrize("drip", DRIPS)
def test_deadline(connect, serve, drip):
    """A deadline holds for a whole answer, however it drips."""
    client = connect(base_url=serve(DRIPS[drip]).url)
    with pytest.raises(TimeoutError, match=r"its deadline of 0\.1 s passed"):
        client.health(deadline=SHORT)


def test_deadline_of_a_stream(connect, serve):
    """It holds for a whole stream, whose error has what came."""
    client = connect(base_url=serve(dripping(EVENTS, framed(chunk("a")))).url)
    with pytest.raises(TimeoutError, match="deadline") as caught:
        list(client.chat_completion_stream(CHAT, deadline=SHORT))
    assert set(caught.value.partial) == {"a"}


def test_idle_stream(connect, serve):
    """Keep-alives do not hold a stream open for ever: no event for the idle time ends it."""
    client = connect(base_url=serve(dripping(EVENTS + framed(chunk("a")), framed(b": ping\n\n"))).url, timeout=LONG)
    chunks = client.chat_completion_stream(CHAT, idle_timeout=SHORT)
    assert next(chunks).choices[0].delta.content == "a"
    with pytest.raises(TimeoutError, match=r"nothing of it came for 0\.1 s") as caught:
        next(chunks)
    assert caught.value.partial == "a"


def test_the_callers_own_time(connect, serve):
    """What the caller does between two chunks is not silence of the edge."""
    edge = serve(dripping(EVENTS, framed(chunk("a"))))
    chunks = connect(base_url=edge.url).chat_completion_stream(CHAT, idle_timeout=SHORT)
    next(chunks)
    threading.Event().wait(2 * SHORT)  # the caller's own time
    assert next(chunks).choices[0].delta.content == "a"
    chunks.close()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"timeout": 5}, {"connect": 5, "read": 5, "write": 5, "pool": 5}),
        ({"timeout": httpx.Timeout(60, connect=1)}, {"connect": 1, "read": 60, "write": 60, "pool": 60}),
        ({"idle_timeout": 7}, {"connect": 77, "read": 7, "write": 77, "pool": 77}),
        ({"deadline": 3}, {"connect": 3, "read": 3, "write": 3, "pool": 3}),
        ({"timeout": None, "idle_timeout": None, "deadline": None, "max_retries": None}, dict.fromkeys(
            ("connect", "read", "write", "pool"), 77)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("of", ["call", "with_options"])
def test_bounds_of_a_request(connect, health, options, expected, of):
    """A call's bounds are those that were given for it, else the client's."""
    client = connect(health, timeout=77)
    connect.run(client.with_options(**options).health()) if of == "with_options" else client.health(**options)
    assert waits(client.requests[0]) == pytest.approx(expected, abs=1)


def test_options_of_a_call_go_before_with_options(connect, health):
    """A call's go before those of with_options, and those before the client's; they change nothing for later calls."""
    client = connect(health, timeout=77, max_retries=0)
    other = client.with_options(timeout=5)
    for each, options in ((other, {"timeout": 3}), (other, {}), (client.native, {})):
        connect.run(each.health(**options))
    assert [waits(request)["read"] for request in client.requests] == [3, 5, 77]


@pytest.mark.parametrize(
    ("of_client", "of_call", "bound"), [(None, None, 600), (5, None, 5), (5, math.inf, LONG), (math.inf, None, LONG)]
)
def test_deadline_of_a_call(connect, health, of_client, of_call, bound):
    """A call that is not streamed has ten minutes, or what is given; infinity is no bound."""
    client = connect(health, timeout=LONG, **({"deadline": of_client} if of_client else {}))
    client.health(**({"deadline": of_call} if of_call else {}))
    assert waits(client.requests[0])["read"] == pytest.approx(bound, abs=1)


def test_a_stream_has_no_deadline_by_itself(connect):
    """A stream has no deadline unless one is given."""
    content = httpx.Response(200, headers={"content-type": "text/event-stream"}, content=b"data: [DONE]\n\n")
    client = connect(content, timeout=LONG)
    list(client.chat_completion_stream(CHAT))
    list(client.chat_completion_stream(CHAT, deadline=7))
    assert [waits(request)["read"] for request in client.requests] == pytest.approx([LONG, 7], abs=1)


@pytest.mark.parametrize("use", ["call", "stream", "upload", "generate"])
def test_every_method_takes_options(connect, use):
    """Every method takes them."""
    client = connect(BUSY, max_retries=0)
    options = {"timeout": 5, "deadline": 7, "idle_timeout": 3, "max_retries": 2}
    calls = {
        "call": lambda: client.health(**options),
        "stream": lambda: list(client.chat_completion_stream(CHAT, **options)),
        "upload": lambda: client.transcribe(b"RIFF", {"model": "whisper-1"}, **options),
        "generate": lambda: client.generate({"model": "m", "prompt": "Hi"}, **options),
    }
    with pytest.raises(ServerError):
        calls[use]()
    assert [waits(request)["read"] for request in client.requests] == [3, 3, 3]


# Retries


@pytest.mark.parametrize(("of_client", "of_call", "tries"), [(0, 2, 3), (2, 0, 1), (1, None, 2)])
def test_retries_of_a_call(connect, of_client, of_call, tries):
    """A call's own number of retries goes before the client's; none is none."""
    client = connect(BUSY, max_retries=of_client)
    with pytest.raises(ServerError):
        client.health(max_retries=of_call)
    assert len(client.requests) == tries


def test_deadline_over_retries(connect):
    """Where the deadline leaves no time for another try, the error is that of the last one."""
    client = connect(httpx.Response(503, headers={"retry-after": "30"}, json={"error": {"message": "full"}}))
    with pytest.raises(ServerError, match="full") as caught:
        client.health(max_retries=3, deadline=20)
    assert (caught.value.status_code, caught.value.meta.attempts, len(client.requests)) == (503, 1, 1)


def test_deadline_is_that_of_all_tries(connect):
    """A deadline is for the call with all its tries and waits, not for each."""
    busy = httpx.Response(503, headers={"retry-after-ms": "40"}, json={"error": {"message": "full"}})
    client = connect(busy, retry=RetryPolicy(budget=math.inf), max_retries=1000)
    with pytest.raises((ServerError, TimeoutError)) as caught:
        client.health(deadline=3 * SHORT)
    assert 2 <= len(client.requests) <= 8
    assert caught.value.meta.elapsed < 5
    assert waits(client.requests[0])["read"] > waits(client.requests[-1])["read"]


# What cannot be


@pytest.mark.parametrize("of", ["call", "stream", "with_options"])
def test_unknown_option(connect, health, of):
    """An option that there is not is a TypeError that lists those there are, before anything is sent."""
    client = connect(health)
    calls = {
        "call": lambda: client.health(tiemout=3),
        "stream": lambda: client.chat_completion_stream(CHAT, tiemout=3),
        "with_options": lambda: client.with_options(tiemout=3),
    }
    with pytest.raises(TypeError, match="there is no option 'tiemout'") as caught:
        calls[of]()
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
@pytest.mark.parametrize("of", ["client", "call", "with_options"])
def test_option_that_cannot_be(connect, health, options, of):
    """A value that cannot be is a ValidationError that names the option, before anything is sent."""
    client = connect(health)
    calls = {
        "client": lambda: connect(**options),
        "call": lambda: client.health(**options),
        "with_options": lambda: client.with_options(**options),
    }
    with pytest.raises(ValidationError) as caught:
        calls[of]()
    assert caught.value.param == next(iter(options))
    assert client.requests == []


# A client of the user's


@pytest.fixture
def own(connect):
    """An HTTP client of the user's, over a real wire."""
    http = connect._http_kind(timeout=LONG)
    connect._open.append(http)
    return http


@pytest.mark.parametrize("drip", ["body", "chunks"])
def test_deadline_with_the_users_client(connect, serve, own, drip):
    """With an HTTP client of the user's the deadline is looked at between two pieces."""
    client = connect(base_url=serve(DRIPS[drip]).url, http_client=own)
    with pytest.raises(TimeoutError, match=r"its deadline of 0\.1 s passed"):
        client.health(deadline=SHORT)


@pytest.mark.parametrize("option", ["timeout", "idle_timeout", "deadline"])
def test_silence_with_the_users_client(connect, serve, own, option):
    """Its waits are bounded as with the SDK's own."""
    client = connect(base_url=serve(DRIPS["silence"]).url, http_client=own)
    with pytest.raises(TimeoutError):
        client.health(**{option: SHORT})


def test_idle_stream_with_the_users_client(connect, serve, own):
    """So is the time without an event."""
    edge = serve(dripping(EVENTS + framed(chunk("a")), framed(b": ping\n\n")))
    chunks = connect(base_url=edge.url, http_client=own).chat_completion_stream(CHAT, idle_timeout=SHORT)
    next(chunks)
    with pytest.raises((TimeoutError, StreamInterruptedError), match="nothing of it came"):
        next(chunks)


def test_deadline_with_a_mock_transport(connect):
    """The same holds for a transport that knows no time at all."""

    class Endless(httpx.SyncByteStream, httpx.AsyncByteStream):
        def __iter__(self):
            while True:
                yield b" "

        async def __aiter__(self):
            while True:
                yield b" "

    def answer(request):
        return httpx.Response(200, headers={"content-type": "application/json"}, stream=Endless())

    http = connect._http_kind(transport=httpx.MockTransport(answer))
    connect._open.append(http)
    with pytest.raises(TimeoutError, match="deadline"):
        connect(http_client=http).health(deadline=SHORT)
