"""Several edges: which is asked, and who serves where one cannot."""

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
    nearest,
    regions,
)
from polargrid.regions import POLARGRID_REGIONS, Edge, Edges

CHAT = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hi"}]}
BUSY = "503 Service Unavailable"
AT_ONCE = "retry-after-ms: 0"
LONG_WAIT = RetryPolicy(first_delay=3600, max_delay=3600)  # a test that waits does not end
NO_WAIT = RetryPolicy(first_delay=0)


@pytest.fixture
def ok(spec):
    return json.dumps(spec["health"].answer).encode()


@pytest.fixture
def well(serve, ok):
    """Starts an edge that answers the health check."""

    def script(connection):
        while connection.request().line:
            connection.answer(ok, "x-request-id: req_well")

    return lambda: serve(script)


@pytest.fixture
def saying(serve):
    """Starts an edge that answers every request with this status."""

    def start(status, *headers):
        def script(connection):
            while connection.request().line:
                connection.answer(b'{"error": {"message": "no"}}', *headers, status=status)

        return serve(script)

    return start


@pytest.fixture
def gone(serve):
    """The URL of an edge that nobody runs."""

    def url():
        edge = serve(lambda _: None)
        edge.join()
        return edge.url

    return url


@pytest.fixture
def named(monkeypatch):
    """Puts the regions of PolarGrid elsewhere, in their order."""

    def put(*urls):
        for name, url in zip(POLARGRID_REGIONS, urls, strict=True):
            monkeypatch.setitem(POLARGRID_REGIONS, name, {**POLARGRID_REGIONS[name], "url": url})

    return put


@pytest.fixture(autouse=True)
def _closed_first(serve, connect):
    """The clients leave before the edges wait for it."""
    yield
    connect.close()


def asked(edge):
    """The requests that an edge got, without the ends of connections."""
    return len([request for request in edge.requests if request.line])


def chunk(text):
    """An event of a streamed chat."""
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
    data = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return f"data: {json.dumps(data)}\n\n".encode()


# Going elsewhere


@pytest.mark.parametrize("max_retries", [0, 3])
def test_first_refuses(connect, well, gone, max_retries):
    """Where the first edge cannot be reached the second serves, at once, and it costs no retry."""
    first, second = gone(), well()
    client = connect(regions=[first, second.url], max_retries=max_retries, retry=LONG_WAIT)
    answer = client.health()
    assert (answer.meta.base_url, answer.meta.region, answer.meta.attempts) == (second.url, None, 2)


@pytest.mark.parametrize("max_retries", [0, 3])
@pytest.mark.parametrize("headers", [(), ("retry-after: 3600",)])
def test_first_is_busy(connect, well, saying, max_retries, headers):
    """So it does where the first says 503, however long that asks to wait."""
    first, second = saying(BUSY, *headers), well()
    client = connect(regions=[first.url, second.url], max_retries=max_retries)
    answer = client.health()
    assert (answer.meta.base_url, answer.meta.attempts, asked(first)) == (second.url, 2, 1)


@pytest.mark.parametrize("status", ["500 Internal Server Error", "502 Bad Gateway", "429 Too Many Requests", "401 No"])
def test_what_is_no_reason_to_go_elsewhere(connect, well, saying, status):
    """Any other error is the answer: it may have been the call that failed, and not the edge."""
    first, second = saying(status), well()
    with pytest.raises(PolarGridError) as caught:
        connect(regions=[first.url, second.url]).health()
    assert (str(caught.value.status_code), asked(second)) == (status[:3], 0)
    assert (caught.value.meta.base_url, caught.value.meta.attempts) == (first.url, 1)


def test_broken_connection_is_no_reason(connect, well, serve):
    """Nor is a connection that broke after the request was sent: it may have been served."""
    first, second = serve(lambda connection: connection.request()), well()
    with pytest.raises(NetworkError):
        connect(regions=[first.url, second.url]).health()
    assert asked(second) == 0


def test_all_are_busy(connect, saying):
    """Where all edges say 503 the call waits, and then asks them all again."""
    first, second = saying(BUSY, AT_ONCE), saying(BUSY, AT_ONCE)
    with pytest.raises(ServerError) as caught:
        connect(regions=[first.url, second.url], max_retries=1).health()
    assert (asked(first), asked(second), caught.value.meta.attempts) == (2, 2, 4)


def test_all_are_busy_for_long(connect, saying):
    """Where the wait is longer than the deadline the error is raised at once."""
    first, second = saying(BUSY, "retry-after: 30"), saying(BUSY, "retry-after: 30")
    with pytest.raises(ServerError) as caught:
        connect(regions=[first.url, second.url], max_retries=3, deadline=20).health()
    assert (asked(first), asked(second), caught.value.meta.attempts) == (1, 1, 2)


def test_none_is_there(connect, gone):
    """Where no edge can be reached the error is the last one's."""
    first, second = gone(), gone()
    with pytest.raises(NetworkError) as caught:
        connect(regions=[first, second]).health()
    assert (caught.value.meta.base_url, caught.value.meta.attempts) == (second, 2)


def test_slow_edge(connect, well, serve):
    """After a timeout the next try goes elsewhere; without a retry there is none."""
    first, second = serve(lambda connection: (connection.request(), connection.left())), well()
    client = connect(regions=[first.url, second.url], timeout=0.1, retry=NO_WAIT)
    answer = client.health(max_retries=1)
    assert (answer.meta.base_url, answer.meta.attempts) == (second.url, 2)
    with pytest.raises(TimeoutError):
        client.health(max_retries=0)


def test_upload_goes_elsewhere(connect, serve, saying):
    """An upload goes elsewhere whole; one that can be read only once does not."""

    def transcribe(connection):
        while connection.request().line:
            connection.answer(b'{"text": "Hi"}')

    first, second = saying(BUSY), serve(transcribe)
    client = connect(regions=[first.url, second.url])
    assert client.transcribe(b"RIFF" + bytes(100_000), {"model": "whisper-1"}).text == "Hi"
    assert second.requests[0].body.count(bytes(100_000)) == 1
    assert {name: second.requests[0].headers[name] for name in ("idempotency-key", "authorization")} == {
        name: first.requests[0].headers[name] for name in ("idempotency-key", "authorization")
    }


# Streams


@pytest.mark.parametrize("fault", ["refuses", "busy"])
def test_stream_goes_elsewhere(connect, serve, saying, gone, fault):
    """A stream that has not begun goes elsewhere."""

    def stream(connection):
        connection.request()
        connection.start_stream()
        connection.piece(chunk("a") + b"data: [DONE]\n\n")
        connection.piece(b"")

    first, second = gone() if fault == "refuses" else saying(BUSY).url, serve(stream)
    (only,) = connect(regions=[first, second.url]).chat_completion_stream(CHAT)
    assert (only.meta.base_url, only.meta.attempts) == (second.url, 2)


def test_stream_that_has_begun(connect, well, serve):
    """One that has begun is never tried again, here or elsewhere: its error says what came and from where."""

    def broken(connection):
        connection.request()
        connection.start_stream()
        connection.piece(chunk("Once"))

    first, second = serve(broken), well()
    chunks = connect(regions=[first.url, second.url], max_retries=3).chat_completion_stream(CHAT)
    assert next(chunks).choices[0].delta.content == "Once"
    with pytest.raises(StreamInterruptedError) as caught:
        next(chunks)
    assert (caught.value.partial, caught.value.meta.base_url, caught.value.meta.attempts) == ("Once", first.url, 1)
    assert (asked(first), second.connections) == (1, 0)


def test_busy_in_the_middle_of_a_stream(connect, well, serve):
    """Not even where an event says that the edge is too busy."""

    def busy(connection):
        connection.request()
        connection.start_stream()
        connection.piece(chunk("Once") + b'data: {"error": {"message": "full", "status": 503}}\n\n')
        connection.left()

    first, second = serve(busy), well()
    chunks = connect(regions=[first.url, second.url], max_retries=3).chat_completion_stream(CHAT)
    next(chunks)
    with pytest.raises(ServerError, match="full"):
        next(chunks)
    assert second.connections == 0


# Rest


class Clock:
    """A clock that a test turns on."""

    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def with_clock(connect, clock):
    """A client of these URLs whose edges rest by the test's clock."""

    def make(*urls, **options):
        client = connect(regions=list(urls), **options)
        client.native._edges = Edges([Edge(url) for url in urls], clock=clock)
        return client

    return make


def test_failing_edge_rests(with_clock, clock, saying, well):
    """An edge that fails three times in a row is left alone for half a minute, then asked again by one call."""
    first, second = saying(BUSY), well()
    client = with_clock(first.url, second.url)
    for _ in range(5):
        assert client.health().meta.base_url == second.url
    assert asked(first) == 3
    clock.now += 29.9
    assert (client.health().meta.attempts, asked(first)) == (1, 3)
    clock.now += 0.2
    assert [client.health().meta.attempts for _ in range(3)] == [2, 1, 1]
    assert asked(first) == 4


def test_edge_that_is_well_again(with_clock, clock, serve, ok, well):
    """An edge that answers again is the preferred one again, and has three faults before its next rest."""
    answers = iter([BUSY] * 3 + ["200 OK"] + [BUSY] * 2 + ["200 OK"])

    def script(connection):
        while connection.request().line:
            connection.answer(ok, status=next(answers))

    first, second = serve(script), well()
    client = with_clock(first.url, second.url)
    served = [client.health().meta.base_url for _ in range(4)]
    clock.now += 31
    served += [client.health().meta.base_url for _ in range(4)]
    assert served == [second.url] * 4 + [first.url] + [second.url] * 2 + [first.url]


def test_only_one_call_tries_it(clock):
    """While one call tries an edge that rested, the others still go elsewhere."""
    edges = Edges([Edge("http://a"), Edge("http://b")], clock=clock)
    for _ in range(3):
        edges.failed(edges.preferred)
    clock.now += 31
    assert [edges.choose().base_url for _ in range(3)] == ["http://a", "http://b", "http://b"]


def test_all_rest(with_clock, saying):
    """Where all edges rest the calls still go out: a wrong guess must not close a client."""
    first, second = saying(BUSY), saying(BUSY)
    client = with_clock(first.url, second.url)
    for _ in range(6):
        with pytest.raises(ServerError):
            client.health()
    assert asked(first) + asked(second) >= 6
    assert min(asked(first), asked(second)) >= 3


def test_with_options_knows_who_rests(with_clock, connect, saying, well):
    """A client of with_options knows which edges rest."""
    first, second = saying(BUSY), well()
    client = with_clock(first.url, second.url)
    for _ in range(3):
        client.health()
    assert connect.run(client.with_options(timeout=5).health()).meta.attempts == 1


# Who served


def test_region_that_served(connect, well, saying, named):
    """An answer says which region served, and a client which it prefers."""
    first, second, third = saying(BUSY), well(), well()
    named(first.url, second.url, third.url)
    client = connect(regions=["vancouver", "ymq"])
    answer = client.health()
    assert (answer.meta.region, answer.meta.base_url, answer.meta.request_id) == ("ymq-01", second.url, "req_well")
    assert client.get_region_id() == "yvr-01"
    assert third.connections == 0


def test_region_of_an_error(connect, saying, named, gone):
    """An error says which region it came from, also one that was never reached."""
    named(saying(BUSY).url, saying("404 Not Found").url, gone())
    with pytest.raises(PolarGridError) as caught:
        connect(regions=["yvr", "ymq"]).health()
    assert (caught.value.meta.region, caught.value.meta.status_code, caught.value.meta.attempts) == ("ymq-01", 404, 2)
    with pytest.raises(NetworkError) as caught:
        connect(regions=["was"]).health()
    assert (caught.value.meta.region, caught.value.meta.status_code, caught.value.meta.attempts) == ("was-01", None, 1)


# Where the key goes


def test_redirect_gets_no_key(connect, well, saying):
    """A redirect to another host is not followed: that host hears nothing."""
    other = well()
    first = saying("308 Permanent Redirect", f"location: {other.url}/health")
    with pytest.raises(ServerError, match=r"no|308"):
        connect(base_url=first.url, max_retries=2).health()
    assert (asked(first), other.connections) == (1, 0)


def test_redirect_is_not_followed_by_the_users_client(connect, well, saying):
    """Not even where the user's HTTP client is told to follow redirects."""
    other = well()
    first = saying("307 Temporary Redirect", f"location: {other.url}/health")
    http = connect._http_kind(follow_redirects=True)
    connect._open.append(http)
    with pytest.raises(ServerError):
        connect(base_url=first.url, http_client=http).health()
    assert other.connections == 0


def test_local_edge_does_not_see_the_environments_key(connect, monkeypatch, well):
    """The key of the environment does not go to the local edge."""
    edge = well()
    monkeypatch.setattr(regions, "LOCAL", {**regions.LOCAL, "url": edge.url})
    monkeypatch.setenv("POLARGRID_API_KEY", "pg_real_key")
    connect(api_key=None, region="local").health()
    connect(api_key=None, regions=["local"]).health()
    assert {request.headers["authorization"] for request in edge.requests if request.line} == {"Bearer pg_local"}


def test_cookies_of_one_edge(connect, serve, well, ok):
    """What one edge sets as a cookie another host does not get."""

    def busy(connection):
        while connection.request().line:
            connection.answer(b"", "set-cookie: mine=1; path=/", status=BUSY)

    first, second = serve(busy), well()
    client = connect(regions=[first.url, second.url.replace("127.0.0.1", "localhost")])
    client.health()
    assert "cookie" not in second.requests[0].headers


# create()


def test_create_names_every_region(connect, named, gone, saying, serve):
    """Where no region is well `create` names each, and its own fault."""
    named(gone(), saying("500 Internal Server Error").url, serve(lambda connection: connection.request()).url)
    with pytest.raises(NetworkError) as caught:
        connect.create()
    assert set(caught.value.details) == set(POLARGRID_REGIONS)
    assert "cannot be reached" in caught.value.details["yvr-01"]
    assert "500" in caught.value.details["ymq-01"]
    assert "broke" in caught.value.details["was-01"]
    assert all(f"{name}: {fault}" in caught.value.message for name, fault in caught.value.details.items())


def test_create_does_not_wait_for_the_slow(connect, named, well, serve, monkeypatch):
    """The regions that have not answered are let go of as soon as one serves, and their connections with them."""
    monkeypatch.setitem(nearest.PATIENCE, "timeout", 3600.0)

    def silent(connection):
        connection.request()
        connection.left()

    first, second, third = serve(silent), well(), serve(silent)
    named(first.url, second.url, third.url)
    assert connect.create().get_region_id() == "ymq-01"
    first.join()
    third.join()
    assert not [thread for thread in threading.enumerate() if "polargrid-nearest" in thread.name and slow(thread)]


def slow(thread):
    """Whether a thread does not end."""
    thread.join(10)
    return thread.is_alive()


@pytest.mark.parametrize("answer", [httpx.Response(200, json={"status": "healthy"}), httpx.Response(200, text="ok")])
def test_create_and_a_strange_answer(connect, answer):
    """A region that answers strangely is not well."""
    with pytest.raises(NetworkError, match="No region is healthy"):
        connect.create(answer)
