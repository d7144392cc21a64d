"""Calls that fail: error responses, broken connections, invalid responses."""

import json
import logging
import traceback
from contextlib import suppress

import httpx
import pytest

import polargrid
from polargrid import (
    AuthenticationError,
    NetworkError,
    NotFoundError,
    PolarGridError,
    RateLimitError,
    RetryPolicy,
    ServerError,
    ValidationError,
)
from polargrid_testing.steps import AwaitClose, ReceiveRequest, Send
from tests.overlay.faults.scripts import close, reset, response, response as build_response

CHAT = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hi"}]}


@pytest.fixture
def health(spec):
    return httpx.Response(200, json=spec["health"].response)


def respond_to_all(body, *headers, status="200 OK"):
    """Build a script that sends the same response to each request, until the client disconnects."""

    def script():
        with suppress(ConnectionError):
            while (yield ReceiveRequest()).line:
                yield Send(build_response(body, *headers, status=status))

    return script


# Error responses


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, ValidationError),
        (401, AuthenticationError),
        (404, NotFoundError),
        (429, RateLimitError),
        (500, ServerError),
        (418, PolarGridError),
    ],
)
def test_error_response(connect, status, kind):
    """The status selects the exception, which has the fields of the body."""
    body = {"error": {"message": "no", "type": "some_type", "code": "some_code"}}
    client = connect(httpx.Response(status, headers={"x-request-id": "req_1"}, json=body))
    with pytest.raises(kind, match="no") as caught:
        client.chat_completion(CHAT)
    error = caught.value
    assert (error.status_code, error.request_id, error.type, error.code) == (status, "req_1", "some_type", "some_code")


@pytest.mark.parametrize(("status", "kind", "attempts"), [(401, AuthenticationError, 1), (503, ServerError, 3)])
@pytest.mark.parametrize(("is_read", "message"), [(True, "no"), (False, "with an empty body")])
def test_hook_that_raises_for_the_status(connect, serve, status, kind, attempts, is_read, message):  # noqa: PLR0917
    """A hook of the caller's client that calls `raise_for_status` changes neither the exception nor the retries."""

    def hook(response):
        if is_read:
            response.read()
        response.raise_for_status()

    async def async_hook(response):
        if is_read:
            await response.aread()
        response.raise_for_status()

    server = serve(respond_to_all({"error": {"message": "no"}}, "x-request-id: req_1", status=f"{status} Error"))
    http = connect.http_client(event_hooks={"response": [async_hook if connect.name == "async" else hook]})
    client = connect(http_client=http, base_url=server.url, retry=RetryPolicy(first_delay=0), max_retries=2)
    with pytest.raises(kind, match=message) as caught:
        client.chat_completion(CHAT)
    error = caught.value
    assert (error.status_code, error.request_id, error.meta.attempts) == (status, "req_1", attempts)
    assert len(server.requests) == attempts


def test_hook_that_reads_a_part_of_the_body(connect, serve, spec):
    """A response that a hook has begun to read is an error, is not retried, and gives its connection back."""

    def hook(response):
        next(response.iter_raw())

    async def async_hook(response):
        await anext(response.aiter_raw())

    server = serve(respond_to_all(spec["health"].response))
    hooks = {"response": [async_hook if connect.name == "async" else hook]}
    http = connect.http_client(event_hooks=hooks, limits=httpx.Limits(max_connections=1))
    client = connect(http_client=http, base_url=server.url, max_retries=3, timeout=5)
    for _ in range(3):
        with pytest.raises(PolarGridError, match=r"^a hook of http_client used the response: "):
            client.health()
    assert len(server.requests) == 3


def test_retry_after_of_a_rate_limit_error(connect):
    """It is the header, in seconds."""
    with pytest.raises(RateLimitError) as caught:
        connect(httpx.Response(429, headers={"Retry-After": "7"})).health()
    assert caught.value.retry_after == 7.0


def test_redirect_is_not_followed(connect, health):
    """It would send the key to another host."""
    client = connect(httpx.Response(307, headers={"location": "https://evil.example/"}), health)
    with pytest.raises(ServerError, match=r"redirect to 'https://evil.example/' is not followed.*HTTP 307"):
        client.health()
    assert len(client.requests) == 1


def test_redirect_with_the_key(connect, key):
    """The message does not quote the key."""
    location = f"/login?next=/health&key={key}"
    with pytest.raises(ServerError) as caught:
        connect(httpx.Response(302, headers={"location": location}), base_url="http://a.example").health()
    expected = "redirect to 'http://a.example/login?next=/health&key=****' is not followed; check base_url"
    assert caught.value.message == expected


def test_redirect_is_not_followed_on_own_connections(connect, serve):
    """Without an `http_client` as well."""
    other = serve(lambda: [Send(response(b"{}"))])

    def redirect():
        yield ReceiveRequest()
        yield Send(response(b"", f"location: {other.url}/health", status="307 Temporary Redirect"))

    with pytest.raises(ServerError, match="HTTP 307"):
        connect(base_url=serve(redirect).url).health()
    assert other.connections == 0


# Exceptions of the HTTP client


@pytest.mark.parametrize(
    "error",
    [
        httpx.ReadError("reset"),
        httpx.WriteError("broken pipe"),
        httpx.RemoteProtocolError("closed"),
        httpx.ProxyError("no"),
        httpx.TooManyRedirects("no"),
        ConnectionResetError("reset"),
        OSError("no"),
    ],
)
def test_connection_error(connect, error):
    """It is a NetworkError, raised from its cause, with the base URL."""
    with pytest.raises(NetworkError, match=r"\(https://api\.yvr-01") as caught:
        connect(error).health()
    assert caught.value.__cause__ is error


@pytest.mark.parametrize(
    ("kind", "message", "sent"),
    [
        (httpx.ConnectTimeout, "connect timeout after 5 s", False),
        (httpx.ReadTimeout, "read timeout after 5 s", True),
        (httpx.WriteTimeout, "write timeout after 5 s", True),
        (httpx.PoolTimeout, "connection pool timeout after 5 s", False),
    ],
)
def test_timeout(connect, kind, message, sent):
    """The message has the phase and the limit; `sent` says whether a server may have the request."""
    with pytest.raises(TimeoutError, match=f"^{message} ") as caught:
        connect(kind("slow"), timeout=5).health()
    assert isinstance(caught.value, polargrid.TimeoutError)
    assert caught.value.sent is sent


# Connections


def test_refused_connection(connect, serve):
    """The request was not sent."""
    server = serve(close)
    server.join()
    with pytest.raises(NetworkError, match=r"^cannot connect: ") as caught:
        connect(base_url=server.url).health()
    assert caught.value.sent is False


@pytest.mark.parametrize("end", [close, reset], ids=["closed", "reset"])
def test_connection_closed_without_a_response(connect, serve, end):
    """The request was sent."""

    def script():
        yield ReceiveRequest()
        yield from end()

    with pytest.raises(NetworkError, match=r"^connection error: ") as caught:
        connect(base_url=serve(script).url).health()
    assert caught.value.sent is True


@pytest.mark.parametrize(
    "data",
    [
        b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"status"',
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n1000\r\n{",
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{",
        b"HTTP/1.1 200 OK\r\ncontent-ty",
        b"HTTP/1.1 banana\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
    ],
    ids=["short body", "short chunk", "invalid chunk", "short head", "invalid status", "not HTTP"],
)
def test_truncated_response(connect, serve, data):
    """It is a NetworkError, never a part of a response."""

    def script():
        yield ReceiveRequest()
        yield Send(data)

    with pytest.raises(NetworkError):
        connect(base_url=serve(script).url).health()


def test_truncated_audio(connect, serve):
    """A part of an audio file looks like one, and is not returned."""

    def script():
        yield ReceiveRequest()
        yield Send(b"HTTP/1.1 200 OK\r\ncontent-type: audio/mpeg\r\ncontent-length: 1000\r\n\r\nID3")

    with pytest.raises(NetworkError):
        connect(base_url=serve(script).url).text_to_speech({"model": "tts-1", "input": "Hi", "voice": "alloy"})


def test_invalid_gzip(connect, serve):
    """A body that does not have its Content-Encoding is a ServerError."""

    def script():
        yield ReceiveRequest()
        yield Send(response(b"not gzip", "content-encoding: gzip"))

    with pytest.raises(ServerError, match="invalid gzip body"):
        connect(base_url=serve(script).url).health()


def test_server_that_does_not_respond(connect, serve):
    """The read timeout ends the call."""

    def script():
        yield ReceiveRequest()
        yield AwaitClose()

    with pytest.raises(polargrid.TimeoutError, match=r"after 0\.05 s|within 0\.05 s"):
        connect(base_url=serve(script).url, timeout=0.05).health()


def test_response_byte_by_byte(connect, serve, spec):
    """It is the same as one in a single packet."""

    def script():
        yield ReceiveRequest()
        body = json.dumps(spec["health"].response).encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode()
        for byte in head + body:
            yield Send(bytes([byte]))

    assert connect(base_url=serve(script).url).health().status == "healthy"


# The key


@pytest.mark.parametrize(
    "response", [httpx.Response(401), httpx.Response(200, text="?"), httpx.ConnectError("refused")]
)
def test_error_does_not_show_the_key(connect, key, caplog, response):
    """Neither its traceback nor the log has it."""
    caplog.set_level(logging.DEBUG)
    with pytest.raises(PolarGridError) as caught:
        connect(response).health()
    assert key not in "".join(traceback.format_exception(caught.value)) + repr(caught.value) + caplog.text
