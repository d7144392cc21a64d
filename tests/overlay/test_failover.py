"""Several endpoints: which one a call goes to, and when another one serves it."""

import json
import threading

import httpx
import pytest

from polargrid import (
    NetworkError,
    PolarGridError,
    RetryPolicy,
    ServerError,
    StreamInterruptedError,
    TimeoutError,  # noqa: A004 - the documented name
    _region_discovery,
    regions,
)
from polargrid._endpoints import Endpoint, EndpointSelector
from polargrid.regions import POLARGRID_REGIONS
from polargrid_testing.steps import AwaitClose, ReceiveRequest, Send, render_chunk
from tests.overlay.conftest import HANG_TIMEOUT
from tests.overlay.faults.scripts import CHAT, DONE, EVENT_STREAM, chunk, close, response, response_head

BUSY = "503 Service Unavailable"
NO_DELAY = "retry-after-ms: 0"
LONG_DELAY = RetryPolicy(first_delay=3600, max_delay=3600)  # a test that retries does not end
FAST_RETRY = RetryPolicy(first_delay=0)


@pytest.fixture
def health_body(spec):
    return json.dumps(spec["health"].response).encode()


@pytest.fixture
def serve_healthy(serve, health_body):
    """Start a server that responds to health checks."""

    def script():
        while (yield ReceiveRequest()).line:
            yield Send(response(health_body, "x-request-id: req_healthy"))

    return lambda: serve(script)


@pytest.fixture
def serve_status(serve):
    """Start a server that responds to every request with an error."""

    def start(status, *headers):
        def script():
            while (yield ReceiveRequest()).line:
                yield Send(response(b'{"error": {"message": "no"}}', *headers, status=status))

        return serve(script)

    return start


@pytest.fixture
def stopped_url(serve):
    """Return the URL of a server that has stopped."""

    def stop():
        server = serve(close)
        server.join()
        return server.url

    return stop


@pytest.fixture
def move_regions(monkeypatch):
    """Replace the URLs of PolarGrid's regions, in their order; nothing asks the autorouter."""
    monkeypatch.setenv("POLARGRID_AUTOROUTER", "off")

    def move(*urls):
        for name, url in zip(POLARGRID_REGIONS, urls, strict=True):
            monkeypatch.setitem(POLARGRID_REGIONS, name, {**POLARGRID_REGIONS[name], "url": url})

    return move


# Failover


@pytest.mark.parametrize("max_retries", [0, 3])
def test_refused_connection(connect, serve_healthy, stopped_url, max_retries):
    """If the first endpoint refuses the connection, the second serves at once, without a retry."""
    first, second = stopped_url(), serve_healthy()
    client = connect(regions=[first, second.url], max_retries=max_retries, retry=LONG_DELAY)
    health = client.health()
    assert (health.meta.base_url, health.meta.region, health.meta.attempts) == (second.url, None, 2)


@pytest.mark.parametrize("max_retries", [0, 3])
@pytest.mark.parametrize("headers", [(), ("retry-after: 3600",)])
def test_busy(connect, serve_healthy, serve_status, max_retries, headers):
    """If the first endpoint responds 503, the second serves at once, whatever Retry-After says."""
    first, second = serve_status(BUSY, *headers), serve_healthy()
    client = connect(regions=[first.url, second.url], max_retries=max_retries)
    health = client.health()
    assert (health.meta.base_url, health.meta.attempts, len(first.requests)) == (second.url, 2, 1)


@pytest.mark.parametrize("status", ["500 Internal Server Error", "502 Bad Gateway", "429 Too Many Requests", "401 No"])
def test_other_errors_do_not_fail_over(connect, serve_healthy, serve_status, status):
    """Any other error is raised: the call may have failed, not the endpoint."""
    first, second = serve_status(status), serve_healthy()
    with pytest.raises(PolarGridError) as caught:
        connect(regions=[first.url, second.url]).health()
    assert (str(caught.value.status_code), len(second.requests)) == (status[:3], 0)
    assert (caught.value.meta.base_url, caught.value.meta.attempts) == (first.url, 1)


def test_broken_connection_does_not_fail_over(connect, serve_healthy, serve):
    """A connection that breaks after the request was sent is an error: the server may have done the work."""
    first, second = serve(lambda: [ReceiveRequest()]), serve_healthy()
    with pytest.raises(NetworkError):
        connect(regions=[first.url, second.url]).health()
    assert len(second.requests) == 0


def test_all_busy(connect, serve_status):
    """If all endpoints respond 503, the call waits, and then tries all of them again."""
    first, second = serve_status(BUSY, NO_DELAY), serve_status(BUSY, NO_DELAY)
    with pytest.raises(ServerError) as caught:
        connect(regions=[first.url, second.url], max_retries=1).health()
    assert (len(first.requests), len(second.requests), caught.value.meta.attempts) == (2, 2, 4)


def test_all_busy_beyond_deadline(connect, serve_status):
    """If Retry-After is later than the deadline, the error is raised at once."""
    first, second = serve_status(BUSY, "retry-after: 30"), serve_status(BUSY, "retry-after: 30")
    with pytest.raises(ServerError) as caught:
        connect(regions=[first.url, second.url], max_retries=3, deadline=20).health()
    assert (len(first.requests), len(second.requests), caught.value.meta.attempts) == (1, 1, 2)


def test_all_stopped(connect, stopped_url):
    """If no endpoint accepts a connection, the error is that of the last one."""
    first, second = stopped_url(), stopped_url()
    with pytest.raises(NetworkError) as caught:
        connect(regions=[first, second]).health()
    assert (caught.value.meta.base_url, caught.value.meta.attempts) == (second, 2)


def test_timeout(connect, serve_healthy, serve):
    """A retry after a timeout goes to the next endpoint; without retries the timeout is raised."""
    first, second = serve(lambda: (ReceiveRequest(), AwaitClose())), serve_healthy()
    client = connect(regions=[first.url, second.url], timeout=httpx.Timeout(60, read=0.1), retry=FAST_RETRY)
    with pytest.raises(TimeoutError) as caught:
        client.health(max_retries=0)
    assert (caught.value.meta.base_url, caught.value.meta.attempts) == (first.url, 1)
    client = connect(regions=[first.url, second.url], timeout=httpx.Timeout(60, read=1), retry=FAST_RETRY)
    health = client.health(max_retries=1)
    assert (health.meta.base_url, health.meta.attempts) == (second.url, 2)


def test_upload(connect, serve, serve_status):
    """An upload fails over with all of its bytes and the same idempotency key."""

    def transcribe():
        while (yield ReceiveRequest()).line:
            yield Send(response(b'{"text": "Hi"}'))

    first, second = serve_status(BUSY), serve(transcribe)
    client = connect(regions=[first.url, second.url])
    assert client.transcribe(b"RIFF" + bytes(100_000), {"model": "whisper-1"}).text == "Hi"
    assert second.requests[0].body.count(bytes(100_000)) == 1
    for name in ("idempotency-key", "authorization"):
        assert first.requests[0].headers[name] == second.requests[0].headers[name]


# Streams


@pytest.mark.parametrize("first", ["stopped", "busy"])
def test_stream(connect, serve, serve_status, stopped_url, first):
    """A stream that has not started fails over."""

    def script():
        yield ReceiveRequest()
        yield Send(response_head("transfer-encoding: chunked", media_type=EVENT_STREAM))
        yield Send(render_chunk(chunk("a") + DONE))
        yield Send(render_chunk(b""))

    first_url, second = stopped_url() if first == "stopped" else serve_status(BUSY).url, serve(script)
    (only,) = connect(regions=[first_url, second.url]).chat_completion_stream(CHAT)
    assert (only.meta.base_url, only.meta.attempts) == (second.url, 2)


def test_started_stream(connect, serve_healthy, serve):
    """A stream that has started is not repeated; its error holds the text so far and the endpoint."""

    def script():
        yield ReceiveRequest()
        yield Send(response_head("transfer-encoding: chunked", media_type=EVENT_STREAM))
        yield Send(render_chunk(chunk("Once")))

    first, second = serve(script), serve_healthy()
    chunks = connect(regions=[first.url, second.url], max_retries=3).chat_completion_stream(CHAT)
    assert next(chunks).choices[0].delta.content == "Once"
    with pytest.raises(StreamInterruptedError) as caught:
        next(chunks)
    assert (caught.value.partial, caught.value.meta.base_url, caught.value.meta.attempts) == ("Once", first.url, 1)
    assert (len(first.requests), second.connections) == (1, 0)


def test_busy_event(connect, serve_healthy, serve):
    """A started stream does not fail over, even if an event says that the server is busy."""

    def script():
        yield ReceiveRequest()
        yield Send(response_head("transfer-encoding: chunked", media_type=EVENT_STREAM))
        yield Send(render_chunk(chunk("Once") + b'data: {"error": {"message": "full", "status": 503}}\n\n'))
        yield AwaitClose()

    first, second = serve(script), serve_healthy()
    chunks = connect(regions=[first.url, second.url], max_retries=3).chat_completion_stream(CHAT)
    next(chunks)
    with pytest.raises(ServerError, match="full"):
        next(chunks)
    assert second.connections == 0


# Circuit breaker


class Clock:
    """A clock that stands still."""

    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def connect_with_clock(connect, clock, monkeypatch):
    """Create a client of these URLs, whose circuit breaker uses the clock of the test."""

    def create(*urls, **options):
        def create_selector(endpoints):
            return EndpointSelector(endpoints, clock=clock)

        for kind in ("_async", "_sync"):
            monkeypatch.setattr(f"polargrid.{kind}.client.EndpointSelector", create_selector)
        return connect(regions=list(urls), **options)

    return create


def test_failing_endpoint_is_skipped(connect_with_clock, clock, serve_status, serve_healthy):
    """An endpoint that fails three times in a row is skipped for half a minute; then one call tries it again."""
    first, second = serve_status(BUSY), serve_healthy()
    client = connect_with_clock(first.url, second.url)
    for _ in range(5):
        assert client.health().meta.base_url == second.url
    assert len(first.requests) == 3
    clock.now += 29.9
    assert (client.health().meta.attempts, len(first.requests)) == (1, 3)
    clock.now += 0.2
    assert [client.health().meta.attempts for _ in range(3)] == [2, 1, 1]
    assert len(first.requests) == 4


def test_recovered_endpoint(connect_with_clock, clock, serve, health_body, serve_healthy):
    """An endpoint that recovers is preferred again, and may fail three times before it is skipped again."""
    statuses = iter([BUSY] * 3 + ["200 OK"] + [BUSY] * 2 + ["200 OK"])

    def script():
        while (yield ReceiveRequest()).line:
            yield Send(response(health_body, status=next(statuses)))

    first, second = serve(script), serve_healthy()
    client = connect_with_clock(first.url, second.url)
    urls = [client.health().meta.base_url for _ in range(4)]
    clock.now += 31
    urls += [client.health().meta.base_url for _ in range(4)]
    assert urls == [second.url] * 4 + [first.url] + [second.url] * 2 + [first.url]


def test_one_call_tries_it(clock):
    """While one call tries an endpoint that was skipped, the others still skip it."""
    selector = EndpointSelector([Endpoint("http://a"), Endpoint("http://b")], clock=clock)
    for _ in range(3):
        selector.record_failure(selector.preferred)
    clock.now += 31
    assert [selector.select().base_url for _ in range(3)] == ["http://a", "http://b", "http://b"]


def test_all_skipped(connect_with_clock, serve_status):
    """If all endpoints are skipped, calls are sent all the same."""
    first, second = serve_status(BUSY), serve_status(BUSY)
    client = connect_with_clock(first.url, second.url)
    for _ in range(6):
        with pytest.raises(ServerError):
            client.health()
    assert len(first.requests) + len(second.requests) >= 6
    assert min(len(first.requests), len(second.requests)) >= 3


def test_with_options_shares_circuit_breaker(connect_with_clock, connect, serve_status, serve_healthy):
    """A copy of with_options skips the same endpoints."""
    first, second = serve_status(BUSY), serve_healthy()
    client = connect_with_clock(first.url, second.url)
    for _ in range(3):
        client.health()
    assert connect.run(client.with_options(timeout=30).health()).meta.attempts == 1


# Metadata


def test_region_of_response(connect, serve_healthy, serve_status, move_regions):
    """A response names the region that served it, and a client the one that it prefers."""
    first, second, third = serve_status(BUSY), serve_healthy(), serve_healthy()
    move_regions(first.url, second.url, third.url)
    client = connect(regions=["vancouver", "ymq"])
    meta = client.health().meta
    assert (meta.region, meta.base_url, meta.request_id) == ("ymq-01", second.url, "req_healthy")
    assert client.get_region_id() == "yvr-01"
    assert third.connections == 0


def test_region_of_error(connect, serve_status, move_regions, stopped_url):
    """An error names its region, even if that was not reached."""
    move_regions(serve_status(BUSY).url, serve_status("404 Not Found").url, stopped_url())
    with pytest.raises(PolarGridError) as caught:
        connect(regions=["yvr", "ymq"]).health()
    meta = caught.value.meta
    assert (meta.region, meta.status_code, meta.attempts) == ("ymq-01", 404, 2)
    with pytest.raises(NetworkError) as caught:
        connect(regions=["was"]).health()
    meta = caught.value.meta
    assert (meta.region, meta.status_code, meta.attempts) == ("was-01", None, 1)


# Where the key goes


@pytest.mark.parametrize("client_kind", ["own", "passed"])
def test_redirect_is_not_followed(connect, serve_healthy, serve_status, client_kind):
    """A redirect to another host is not followed, even if the caller's HTTP client follows redirects."""
    other = serve_healthy()
    first = serve_status("308 Permanent Redirect", f"location: {other.url}/health")
    options = {"http_client": connect.http_client(follow_redirects=True)} if client_kind == "passed" else {}
    with pytest.raises(ServerError):
        connect(base_url=first.url, max_retries=2, **options).health()
    assert (len(first.requests), other.connections) == (1, 0)


def test_key_of_environment_is_not_sent_to_local_server(connect, monkeypatch, serve_healthy):
    """The key of the environment is not sent to the local server."""
    server = serve_healthy()
    monkeypatch.setattr(regions, "LOCAL", {**regions.LOCAL, "url": server.url})
    monkeypatch.setenv("POLARGRID_API_KEY", "pg_real_key")
    connect(api_key=None, region="local").health()
    connect(api_key=None, regions=["local"]).health()
    assert {request.headers["authorization"] for request in server.requests} == {"Bearer pg_local"}


def test_cookies_are_not_sent_to_another_host(connect, serve, serve_healthy):
    """A cookie of one endpoint is not sent to another."""

    def respond_busy():
        while (yield ReceiveRequest()).line:
            yield Send(response(b"", "set-cookie: mine=1; path=/", status=BUSY))

    first, second = serve(respond_busy), serve_healthy()
    connect(regions=[first.url, second.url.replace("127.0.0.1", "localhost")]).health()
    assert "cookie" not in second.requests[0].headers


# create()


def test_create_names_every_region(connect, move_regions, stopped_url, serve_status, serve):
    """If no region is healthy, `create` raises an error with the failure of each."""
    closing = serve(lambda: [ReceiveRequest()])
    move_regions(stopped_url(), serve_status("500 Internal Server Error").url, closing.url)
    with pytest.raises(NetworkError) as caught:
        connect.create()
    details = caught.value.details
    assert set(details) == set(POLARGRID_REGIONS)
    assert "cannot connect" in details["yvr-01"]
    assert "500" in details["ymq-01"]
    assert "connection error" in details["was-01"]
    assert all(f"{name}: {failure}" in caught.value.message for name, failure in details.items())


def test_create_does_not_wait_for_slow_regions(connect, move_regions, serve_healthy, serve, monkeypatch):
    """As soon as one region is healthy, the connections and threads of the other probes end."""
    monkeypatch.setitem(_region_discovery.PROBE_OPTIONS, "timeout", 3600.0)

    def stall():
        yield ReceiveRequest()
        yield AwaitClose()

    first, second, third = serve(stall), serve_healthy(), serve(stall)
    move_regions(first.url, second.url, third.url)
    assert connect.create().get_region_id() == "ymq-01"
    first.join()
    third.join()
    probes = [thread for thread in threading.enumerate() if "polargrid-region-discovery" in thread.name]
    for probe in probes:
        probe.join(HANG_TIMEOUT)
    assert not any(probe.is_alive() for probe in probes)


@pytest.mark.parametrize("response", [httpx.Response(200, json={"status": "healthy"}), httpx.Response(200, text="ok")])
def test_create_with_invalid_response(connect, response):
    """A region with an invalid response is not healthy."""
    with pytest.raises(NetworkError, match="no region is healthy"):
        connect.create(response)
