"""Responses are read from bytes as they are, and what the standards forbid is found in them."""

from __future__ import annotations

import gzip

import pytest

from polargrid_contract.wire import rules
from polargrid_contract.wire.response import Head, Reading, Response, read_chunks, read_responses

OK = b"HTTP/1.1 200 OK\r\n"


def read(data: bytes, method: str = "GET", *, is_closed: bool = True) -> tuple[Response, bytes]:
    reading = read_responses(data, [method], is_closed=is_closed)
    (response,) = reading.responses
    return response, reading.surplus


def read_head(*lines: bytes) -> Head:
    return Head(b"\r\n".join((OK[:-2], *lines, b"", b"")))


# Reading


@pytest.mark.parametrize(
    ("data", "method", "framing", "body", "surplus"),
    [
        (OK + b"Content-Length: 2\r\n\r\nab", "GET", "length", b"ab", b""),
        (OK + b"Content-Length: 2\r\n\r\nabc", "GET", "length", b"ab", b"c"),
        (OK + b"CONTENT-length:\t2 \r\n\r\nab", "GET", "length", b"ab", b""),
        (OK + b"Content-Length: 2\r\n\r\nab", "HEAD", "none", b"", b"ab"),
        (b"HTTP/1.1 204 No Content\r\n\r\nab", "GET", "none", b"", b"ab"),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", "GET", "none", b"", b""),
        (OK + b"\r\nab", "GET", "close", b"ab", b""),
        (OK + b"Transfer-Encoding: Chunked\r\n\r\n2\r\nab\r\n0\r\n\r\nc", "GET", "chunked", b"ab", b"c"),
        (OK + b"Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n", "GET", "chunked", b"", b""),
        (OK + b"Transfer-Encoding: gzip\r\n\r\nab", "GET", "close", b"ab", b""),
        (OK + b"Content-Length: many\r\n\r\nab", "GET", "close", b"ab", b""),
    ],
)
def test_the_end_of_a_body(data: bytes, method: str, framing: str, body: bytes, surplus: bytes):
    """RFC 9112, 6.3: by the method, the status, the chunks, the length, or the end of the connection."""
    response, rest = read(data, method)
    assert (response.framing, response.body, rest) == (framing, body, surplus)
    assert response.is_complete


@pytest.mark.parametrize(
    "data",
    [
        OK + b"Content-Length: 3\r\n\r\nab",
        OK + b"\r\nab",
        OK + b"Transfer-Encoding: chunked\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nab",
        OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n",
    ],
)
def test_a_response_that_goes_on_is_incomplete(data: bytes):
    """Until more bytes arrive, or the connection ends where that is the end."""
    response, surplus = read(data, is_closed=False)
    assert not response.is_complete
    assert surplus == b""


@pytest.mark.parametrize("data", [b"", b"HTTP/1.1 200", OK, OK + b"Content-Length: 1\r\n"])
def test_half_a_head_is_no_response(data: bytes):
    """Its bytes are what is behind the responses."""
    assert read_responses(data, ["GET"], is_closed=True) == Reading((), data)


def test_interim_responses_are_kept():
    """They come before the final one; 101 is final."""
    early, late = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", b"HTTP/1.1 102 Processing\r\n\r\n"
    response, _ = read(early + late + OK + b"Content-Length: 0\r\n\r\n")
    assert [head.status for head in response.interim] == [103, 102]
    assert response.interim[0].values("link") == ["</a>"]
    assert read(b"HTTP/1.1 101 Switching Protocols\r\n\r\nab")[0].status == 101


def test_responses_of_one_connection():
    """One for each method, in order; the last one may be incomplete, and nothing is read behind it."""
    data = OK + b"Content-Length: 1\r\n\r\na" + OK + b"Content-Length: 5\r\n\r\n" + OK + b"Content-Length: 9\r\n\r\nb"
    reading = read_responses(data, ["GET", "HEAD", "GET"], is_closed=True)
    assert [(it.body, it.is_complete) for it in reading.responses] == [(b"a", True), (b"", True), (b"b", False)]
    assert not reading.has_all(3)
    assert read_responses(data, ["GET", "HEAD"], is_closed=False).has_all(2)


@pytest.mark.parametrize(
    ("line", "closes"), [(b"Connection: close", True), (b"connection: a, Close", True), (b"X: close", False)]
)
def test_a_response_that_closes_is_the_last(line: bytes, closes: bool):
    """Fewer responses than requests are all of them, if the last one says so."""
    reading = read_responses(OK + line + b"\r\nContent-Length: 0\r\n\r\n", ["GET", "GET"], is_closed=False)
    assert reading.has_all(2) is closes


def test_a_response_of_http_10_closes_unless_it_is_kept():
    """RFC 9112, 9.3."""
    assert Head(b"HTTP/1.0 200 OK\r\n\r\n").closes
    assert not Head(b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n\r\n").closes


@pytest.mark.parametrize(
    ("data", "faults"),
    [
        (b"5\r\nabcde\r\n0\r\n\r\n", 0),
        (b"0005\r\nabcde\r\n00\r\n\r\n", 0),
        (b'5;a="b";c\r\nabcde\r\n0;d\r\nA: b\r\n\r\n', 0),
        (b"5 ;a\r\nabcde\r\n0\r\n\r\n", 0),
        (b"5 \r\nabcde\r\n0\r\n\r\n", 1),
        (b"5\nabcde\r\n0\r\n\r\n", 1),
        (b"4\r\nabcde\r\n0\r\n\r\n", 1),
        (b"5\r\nabcde\n0\r\n\r\n", 1),
        (b"0x5\r\nabcde\r\n0\r\n\r\n", 1),
        (b"abcde", 0),
        (b"hello\r\nabcde", 1),
        (b"5\r\nabcde\r\n0\r\n\n", 1),
        (b"5\r\nabcde\r\n0\r\nmore\r\n", 1),
    ],
)
def test_the_form_of_chunks(data: bytes, faults: int):
    """Extensions, trailers and leading zeros are legal."""
    assert len(read_chunks(data).faults) >= faults
    assert bool(read_chunks(data).faults) is bool(faults)


# Rules


@pytest.mark.parametrize(
    ("line", "is_valid"),
    [
        (b"HTTP/1.1 200 OK", True),
        (b"HTTP/1.0 404 Nothing here", True),
        (b"HTTP/1.1 200 ", True),
        (b"HTTP/1.1 200", False),
        (b"HTTP/1.1  200 OK", False),
        (b"HTTP/1.1 20 OK", False),
        (b"HTTP/1.1 600 OK", False),
        (b"HTTP/2 200 OK", False),
        (b"http/1.1 200 OK", False),
        (b"HTTP/1.1 200 O\x00K", False),
        (b"ICY 200 OK", False),
    ],
)
def test_status_lines(line: bytes, is_valid: bool):
    """RFC 9112, 4."""
    assert (list(rules.find_status_line_faults(Head(line + b"\r\n\r\n"))) == []) is is_valid


@pytest.mark.parametrize(
    ("line", "is_valid"),
    [
        (b"X-A: b", True),
        (b"x_a.b!~:b", True),
        (b"X-A:", True),
        (b"X-A: \xe9 \t\xff", True),
        (b"X-A : b", False),
        (b"X-A\t: b", False),
        (b"X A: b", False),
        (b"X(A): b", False),
        (b": b", False),
        (b"X-A", False),
        (b"X-A: a\r\n b", False),
        (b"X-A: a\x00b", False),
        (b"X-A: a\rb", False),
        (b"X-A: a\x1bb", False),
        (b"X-A: a\nX-B: c", False),
    ],
)
def test_header_lines(line: bytes, is_valid: bool):
    """RFC 9112, 5 and RFC 9110, 5.5."""
    assert (list(rules.find_header_line_faults(read_head(line))) == []) is is_valid


@pytest.mark.parametrize(
    ("lines", "is_valid"),
    [
        ((b"Set-Cookie: a=b", b"Set-Cookie: c=d"), True),
        ((b"Vary: a", b"Vary: b"), True),
        ((b"WWW-Authenticate: Bearer", b"WWW-Authenticate: Basic"), True),
        ((b"Content-Type: a/b", b"content-type: a/b"), False),
        ((b"Retry-After: 1", b"Retry-After: 2"), False),
    ],
)
def test_repeated_headers(lines: tuple[bytes, ...], is_valid: bool):
    """Lists may be in several lines."""
    assert (list(rules.find_repeated_headers(read_head(*lines))) == []) is is_valid


@pytest.mark.parametrize(
    ("data", "is_valid"),
    [
        (OK + b"Content-Length: 2\r\n\r\nab", True),
        (OK + b"\r\nab", True),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", True),
        (OK + b"Content-Length: 3\r\n\r\nab", False),
        (OK + b"Content-Length: +2\r\n\r\nab", False),
        (OK + b"Content-Length: 2, 2\r\n\r\nab", False),
        (OK + b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", False),
        (b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", False),
        (b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", False),
    ],
)
def test_lengths(data: bytes, is_valid: bool):
    """RFC 9110, 8.6."""
    assert (list(rules.find_length_faults(read(data)[0])) == []) is is_valid


@pytest.mark.parametrize(
    ("coding", "body", "version", "is_valid"),
    [
        (b"chunked", b"2\r\nab\r\n0\r\n\r\n", (1, 1), True),
        (b"chunked", b"2\r\nab\r\n0\r\n\r\n", (1, 0), False),
        (b"gzip, chunked", b"2\r\nab\r\n0\r\n\r\n", (1, 1), False),
        (b"chunked", b"2\r\nab\r\n", (1, 1), False),
        (b"chunked", b"2\r\nabc\r\n0\r\n\r\n", (1, 1), False),
    ],
)
def test_transfer_codings(coding: bytes, body: bytes, version: tuple[int, int], is_valid: bool):
    """RFC 9112, 6.1 and 7.1."""
    response, _ = read(OK + b"Transfer-Encoding: " + coding + b"\r\n\r\n" + body)
    assert (list(rules.find_chunk_faults(response, version)) == []) is is_valid


@pytest.mark.parametrize(
    ("interim", "version", "expects", "is_strict", "is_valid"),
    [
        (b"", (1, 1), False, True, True),
        (b"HTTP/1.1 100 Continue\r\n\r\n", (1, 1), True, True, True),
        (b"HTTP/1.1 100 Continue\r\n\r\n", (1, 1), False, False, True),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", (1, 1), False, True, True),
        (b"HTTP/1.1 100 Continue\r\n\r\n", (1, 1), False, True, False),
        (b"HTTP/1.1 102 Processing\r\n\r\n", (1, 0), False, False, False),
        (b"HTTP/1.1 103 Early Hints\r\nContent-Length: 0\r\n\r\n", (1, 1), False, False, False),
    ],
)
def test_interim_responses(interim: bytes, version: tuple[int, int], expects: bool, is_strict: bool, is_valid: bool):
    """RFC 9110, 15.2."""
    response, _ = read(interim + OK + b"Content-Length: 0\r\n\r\n")
    faults = rules.find_interim_faults(response, version, expects=expects, is_strict=is_strict)
    assert (list(faults) == []) is is_valid


def test_101_without_upgrade():
    """No request of the checks has Upgrade and reads its response by this rule."""
    response, _ = read(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
    assert list(rules.find_interim_faults(response, (1, 1), expects=False, is_strict=False))


@pytest.mark.parametrize(
    ("lines", "body", "accepted", "needs_vary", "is_valid"),
    [
        ((), b"a", "identity", True, True),
        ((b"Content-Encoding: identity",), b"a", "identity", True, True),
        (
            (b"Content-Encoding: gzip", b"Vary: Origin, accept-encoding"),
            gzip.compress(b"a", mtime=0),
            "gzip",
            True,
            True,
        ),
        ((b"Content-Encoding: gzip",), gzip.compress(b"a", mtime=0), "gzip", False, True),
        ((b"Content-Encoding: gzip",), gzip.compress(b"a", mtime=0), "gzip", True, False),
        ((b"Content-Encoding: gzip",), b"a", "gzip", False, False),
        ((b"Content-Encoding: gzip",), gzip.compress(b"a", mtime=0)[:-4], "gzip", False, False),
        ((b"Content-Encoding: gzip",), gzip.compress(b"a", mtime=0), "identity", False, False),
        ((b"Content-Encoding: br",), b"a", "gzip", False, False),
    ],
)
def test_content_codings(lines: tuple[bytes, ...], body: bytes, accepted: str, needs_vary: bool, is_valid: bool):
    """RFC 9110, 8.4 and 12.5.3."""
    response, _ = read(read_head(*lines).raw + body)
    assert (list(rules.find_encoding_faults(response, [accepted], needs_vary=needs_vary)) == []) is is_valid


@pytest.mark.parametrize(
    ("line", "is_required", "is_valid"),
    [
        (b"Date: Sun, 06 Nov 1994 08:49:37 GMT", True, True),
        (b"X: y", False, True),
        (b"X: y", True, False),
        (b"Date: Sunday, 06-Nov-94 08:49:37 GMT", True, False),
        (b"Date: Sun Nov  6 08:49:37 1994", True, False),
        (b"Date: 2026-01-01T00:00:00Z", False, False),
    ],
)
def test_dates(line: bytes, is_required: bool, is_valid: bool):
    """RFC 9110, 5.6.7: senders use one format."""
    assert (list(rules.find_date_faults(read_head(line), is_required=is_required)) == []) is is_valid


@pytest.mark.parametrize("status", rules.DEMANDED_HEADERS)
def test_a_status_demands_its_header(status: int):
    """An empty Allow is one, and a 206 may have its ranges in its parts."""
    name, _ = rules.DEMANDED_HEADERS[status]
    line = f"HTTP/1.1 {status} Status\r\n"
    assert list(rules.find_missing_header(Head(f"{line}\r\n".encode())))
    assert not list(rules.find_missing_header(Head(f"{line}{name}:\r\n\r\n".encode())))
    parts = Head(f"{line}Content-Type: multipart/byteranges; boundary=b\r\n\r\n".encode())
    assert bool(list(rules.find_missing_header(parts))) is (status != 206)


@pytest.mark.parametrize(
    ("line", "is_valid"),
    [
        (b"WWW-Authenticate: Bearer", True),
        (b'WWW-Authenticate: bearer realm="a"', True),
        (b'WWW-Authenticate: Digest realm="a, b", nonce="c", BEARER', True),
        (b"WWW-Authenticate: Negotiate abc==, Bearer error=invalid_token", True),
        (b'WWW-Authenticate: Digest realm="a, Bearer, b"', False),
        (b"WWW-Authenticate: Digest a=b, bearer=c", False),
        (b"WWW-Authenticate: Digest a=b, bearer = c", False),
        (b"WWW-Authenticate: Bearers", False),
        (b'WWW-Authenticate: realm="a"', False),
    ],
)
def test_challenges(line: bytes, is_valid: bool):
    """RFC 9110, 11.6.1: one of them has the scheme of the resource."""
    head = Head(b"HTTP/1.1 401 Unauthorized\r\n" + line + b"\r\n\r\n")
    assert (list(rules.find_challenge_fault(head, {"bearer"})) == []) is is_valid
    assert not list(rules.find_challenge_fault(head, ()))


@pytest.mark.parametrize(
    ("media_type", "body", "is_valid"),
    [
        (b"application/json", '"é"'.encode(), True),
        (b"application/json; charset=utf-8", '"é"'.encode(), True),
        (b'application/json;a=b ; CHARSET="UTF8"', '"é"'.encode(), True),
        (b"application/json; charset=iso-8859-1", b'"e"', True),
        (b"application/json; charset=iso-8859-1", '"é"'.encode(), False),
        (b"application/json; charset=iso-8859-1", '"é"'.encode("latin-1"), False),
        (b"application/json; charset=us-ascii", '"é"'.encode(), False),
        (b"application/json; charset=utf-16", b'"e"', False),
        (b"application/json; charset=utf-16", '"é"'.encode("utf-16"), False),
        (b"application/json; charset=hex", b"00", False),
        (b"application/json; charset=nonsense", b"{}", False),
        (b"text/event-stream; charset=iso-8859-1", "data: é\n\n".encode(), False),
        (b"text/plain; charset=iso-8859-1", "é".encode("latin-1"), True),
        (b"text/plain; charset=utf-8", "é".encode("latin-1"), False),
        (b"text/plain; charset=utf-8", "é".encode() * 40_000, True),
        (b"application/json; charset=utf-16", b"", True),
    ],
)
def test_charsets(media_type: bytes, body: bytes, is_valid: bool):
    """RFC 9110, 8.3.2 and RFC 8259, 8.1."""
    length = b"Content-Length: %d" % len(body)
    response = read(b"HTTP/1.1 200 OK\r\nContent-Type: " + media_type + b"\r\n" + length + b"\r\n\r\n" + body)[0]
    assert (list(rules.find_charset_fault(response)) == []) is is_valid
