"""Attempts of a call: what is retried, how often, and what each attempt sends."""

import json

import httpx
import pytest

from polargrid import PolarGridError, RateLimitError, RetryPolicy, ServerError
from polargrid_generated.operations import OPERATIONS
from polargrid_testing.steps import ReceiveRequest, Send
from tests.overlay.faults.scripts import response

CHAT = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hi"}]}
BUSY = httpx.Response(503, headers={"retry-after-ms": "1"}, json={"error": {"message": "busy"}})


@pytest.fixture
def health(spec):
    return httpx.Response(200, json=spec["health"].response)


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504])
def test_temporary_failure_is_retried(connect, health, status):
    """Until an attempt succeeds."""
    busy = httpx.Response(status, headers={"retry-after-ms": "1"})
    client = connect(busy, busy, health, max_retries=2)
    assert client.health().status == "healthy"
    assert len(client.requests) == 3


@pytest.mark.parametrize("max_retries", [0, 2])
def test_error_of_the_last_attempt_is_raised(connect, max_retries):
    """After `max_retries` retries."""
    client = connect(BUSY, max_retries=max_retries)
    with pytest.raises(ServerError, match="busy"):
        client.health()
    assert len(client.requests) == 1 + max_retries


@pytest.mark.parametrize("status", [307, 400, 401, 402, 403, 404, 413, 415, 422])
def test_invalid_request_is_not_retried(connect, health, status):
    """The response would be the same."""
    client = connect(httpx.Response(status, headers={"retry-after-ms": "1"}), health, max_retries=2)
    with pytest.raises(PolarGridError):
        client.health()
    assert len(client.requests) == 1


def test_invalid_response_is_not_retried(connect, health):
    """The server did the work."""
    client = connect(httpx.Response(200, html="<p>Hi</p>"), health, max_retries=2)
    with pytest.raises(ServerError):
        client.health()
    assert len(client.requests) == 1


def test_long_retry_after_is_raised_at_once(connect, health):
    """No call waits for an hour."""
    client = connect(httpx.Response(429, headers={"retry-after": "3600"}), health, max_retries=2)
    with pytest.raises(RateLimitError) as caught:
        client.health()
    assert (caught.value.retry_after, len(client.requests)) == (3600.0, 1)


def test_attempts_of_a_call_have_one_idempotency_key(connect, spec):
    """Another call has another."""
    response = httpx.Response(200, json=spec["unload_all_models"].response)
    client = connect(BUSY, BUSY, response, max_retries=2)
    client.unload_all_models()
    client.unload_all_models()
    keys = [request.headers["idempotency-key"] for request in client.requests]
    assert len(keys) == 4
    assert len(set(keys[:3])) == 1
    assert len(set(keys)) == 2


def test_requests_that_only_read_have_no_idempotency_key(connect, health):
    """openapi.yaml declares it for operations whose retry could do something twice."""
    client = connect(health)
    client.health()
    assert "idempotency-key" not in client.requests[0].headers
    assert [item.name for item in OPERATIONS if item.accepts_idempotency_key and item.method == "GET"] == []


def test_each_attempt_sends_the_same_request(connect, spec):
    """Body, URL and headers are equal."""
    client = connect(BUSY, httpx.Response(200, json=spec["chat_completion"].response), max_retries=1)
    client.chat_completion(CHAT)
    first, second = client.requests
    assert (first.content, first.url, first.headers) == (second.content, second.url, second.headers)


def test_retry_on_a_new_connection(connect, serve, spec):
    """A connection that the server closed is not used again."""

    def close():
        yield ReceiveRequest()

    def respond():
        yield ReceiveRequest()
        yield Send(response(json.dumps(spec["health"].response).encode()))

    server = serve(close, respond)
    client = connect(base_url=server.url, max_retries=1, retry=RetryPolicy(first_delay=0))
    assert client.health().status == "healthy"
    assert server.connections == 2


def test_calls_share_a_connection(connect, serve, spec):
    """One call after the other needs one connection."""

    def script():
        for _ in range(2):
            yield ReceiveRequest()
            yield Send(response(json.dumps(spec["health"].response).encode()))

    server = serve(script)
    client = connect(base_url=server.url)
    assert [client.health().status, client.health().status] == ["healthy", "healthy"]
    assert server.connections == 1
