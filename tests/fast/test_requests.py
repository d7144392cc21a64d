"""Requests as they are sent, and what is refused before anything is."""

import threading

import pytest

from polargrid_fast import LocalProtocolError, Request, Timeouts
from polargrid_fast.http1_encoder import CHUNK_SIZE, encode_head, iter_body
from polargrid_fast.models import parse_url
from tests.fast.raw_server import TEST_TIMEOUT, respond, serves


def head_of(request: Request) -> bytes:
    return encode_head(request, parse_url(request.url))


def test_head():
    request = Request("GET", "http://host.test/a?b=c", [("Accept", "*/*"), ("X-A", "")])
    assert head_of(request) == b"GET /a?b=c HTTP/1.1\r\nHost: host.test\r\nAccept: */*\r\nX-A: \r\n\r\n"


def test_the_callers_host_header_is_kept():
    assert b"Host: other.test\r\n" in head_of(Request("GET", "http://host.test/", [("Host", "other.test")]))


@pytest.mark.parametrize(
    ("url", "authority", "path"),
    [
        ("http://host.test", "host.test", "/"),
        ("http://host.test:80/a", "host.test", "/a"),
        ("https://host.test:443/a", "host.test", "/a"),
        ("http://host.test:443/a", "host.test:443", "/a"),
        ("http://[::1]:8080/a", "[::1]:8080", "/a"),
        ("http://host.test/%2E%2E/%41?q=%20", "host.test", "/%2E%2E/%41?q=%20"),
        ("http://host.test/a#fragment", "host.test", "/a"),
        ("http://host.test/é ?q=é", "host.test", "/%C3%A9%20?q=%C3%A9"),
        ("http://straße.test/", "xn--strae-oqa.test", "/"),
    ],
)
def test_url(url, authority, path):
    """A path is sent as it was given; international names follow IDNA 2008."""
    target = parse_url(url)
    assert (target.authority, target.path) == (authority, path)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/path",
        "ftp://host.test/",
        "http://",
        "http://user:key@host.test/",
        "http://host.test:port/",
        "http://a b/",
        "http://host.test/\ud800",
    ],
)
def test_invalid_url(url):
    with pytest.raises(LocalProtocolError) as caught:
        parse_url(url)
    assert not caught.value.request_sent


@pytest.mark.parametrize(
    "header",
    [
        ("X-A", "1\r\nX-B: 2"),
        ("X-A", "1\nX-B: 2"),
        ("X-A", "\0"),
        ("X A", "1"),
        ("X-A: 1\r\nX-B", "2"),
        ("", "1"),
        ("X-A", "€"),
        ("Content-Length", "1"),
        ("Transfer-Encoding", "chunked"),
    ],
)
def test_invalid_header(header):
    """Nothing that a caller passes on can add a header or another request; the value stays out of the message."""
    with pytest.raises(LocalProtocolError, match="header") as caught:
        head_of(Request("GET", "http://host.test/", [("X-Secret", "key"), header]))
    assert "key" not in str(caught.value)


@pytest.mark.parametrize("method", ["", "GET /", "GET\r\n", "CONNECT"])
def test_invalid_method(method):
    with pytest.raises(LocalProtocolError, match="method"):
        head_of(Request(method, "http://host.test/"))


@pytest.mark.parametrize(
    ("method", "body", "framing"),
    [
        ("GET", None, b""),
        ("POST", None, b"Content-Length: 0\r\n"),
        ("POST", b"", b"Content-Length: 0\r\n"),
        ("DELETE", b"abc", b"Content-Length: 3\r\n"),
        ("POST", lambda: iter([b"abc"]), b"Transfer-Encoding: chunked\r\n"),
    ],
)
def test_framing(method, body, framing):
    head = head_of(Request(method, "http://host.test/", body=body))
    assert head == method.encode() + b" / HTTP/1.1\r\nHost: host.test\r\n" + framing + b"\r\n"


def test_empty_chunks_do_not_end_a_body():
    request = Request("POST", "http://host.test/", body=lambda: iter([b"a", b"", b"b"]))
    assert b"".join(iter_body(request)) == b"1\r\na\r\n1\r\nb\r\n0\r\n\r\n"


def test_large_bodies_are_sliced():
    slices = list(iter_body(Request("POST", "http://host.test/", body=bytes(CHUNK_SIZE + 1))))
    assert [len(data) for data in slices] == [CHUNK_SIZE, 1]


@pytest.mark.parametrize("chunks", [[b"abc"], [b"abc", b"def", b"g"]])
def test_body_of_another_length(pool, serve, chunks):
    """A body that is not as long as its content_length breaks the connection, not the next request."""
    server = serve(lambda connection: connection.wait_for_close() or connection.wait_for_close())
    with pytest.raises(LocalProtocolError, match="content_length") as caught:
        pool.send(Request("POST", server.url, body=lambda: iter(chunks), content_length=6))
    assert caught.value.request_sent


def test_chunked_upload(pool, serve):
    server = serve(serves(respond()))
    pool.post(server.url, lambda: iter([b"hello", b" world"])).close()
    assert server.requests[0].body == b"hello world"


def test_upload_with_a_length(pool, serve):
    server = serve(serves(respond()))
    body = lambda: iter([b"hello", b" world"])  # noqa: E731
    pool.send(Request("POST", server.url, body=body, content_length=11)).close()
    assert (server.requests[0].headers["content-length"], server.requests[0].body) == ("11", b"hello world")


def test_large_upload(pool, serve):
    server = serve(serves(respond()))
    body = bytes(range(256)) * 16384
    pool.post(server.url, body).close()
    assert server.requests[0].body == body


def test_an_early_response_ends_the_upload(pool, serve):
    """A server that refuses an upload is heard, and the rest is not sent."""

    def run(connection):
        connection.read_head()
        connection.send(respond(b"too large", status="413 Content Too Large"))
        connection.wait_for_close()

    def endless():
        while True:
            yield bytes(65536)

    response = pool.post(serve(run).url, endless)
    assert (response.status, response.read_all()) == (413, b"too large")


def test_an_early_response_of_a_server_that_stays(pool, serve):
    """The same where the server neither reads nor closes: the client does not wait for its write timeout."""

    def run(connection):
        connection.read_head()
        connection.send(respond(b"too large", status="413 Content Too Large"))
        is_over.wait(TEST_TIMEOUT)

    is_over = threading.Event()
    response = pool.post(serve(run).url, bytes(64 * 1024 * 1024), timeouts=Timeouts())
    assert response.status == 413
    response.close()
    is_over.set()


def test_an_early_response_before_a_close_is_read(pool, serve):
    """The same where the server closes with unread bytes, so that a reset follows its response."""

    def run(connection):
        connection.read_head()
        connection.send(respond(b"too large", status="413 Content Too Large"))

    def endless():
        while True:
            yield bytes(65536)

    assert pool.post(serve(run).url, endless).status == 413


def test_an_error_of_the_body_is_the_callers(client, serve):
    """What the body's iterator raises passes through, even where it looks like a network error."""
    pool = client.pool(max_connections=1)

    def broken():
        yield bytes(10)
        raise TimeoutError("the caller's")

    server = serve(lambda connection: connection.wait_for_close() or connection.wait_for_close(), serves(respond()))
    with pytest.raises(TimeoutError, match="the caller's"):
        pool.post(server.url, broken)
    assert pool.fetch(server.url) == b"ok"
