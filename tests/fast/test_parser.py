"""The parser alone: the same verdict wherever the bytes are cut, and bounds on all that a server can repeat."""

import pytest
from hypothesis import given, settings, strategies as st

from polargrid_fast import FastError, RemoteProtocolError
from polargrid_fast.http1_parser import MAX_FRAMING_SIZE, MAX_HEAD_SIZE, ResponseParser
from tests.fast.messages import MESSAGES, mutated_messages

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def verdict(parts: list[bytes], method: str = "GET", *, is_clean: bool = True) -> object:
    """The response that these bytes are, or the class of the error."""
    parser = ResponseParser()
    parser.reset(method)
    body = b""
    try:
        for part in parts:
            parser.feed(part)
            body += parser.take_body()
        parser.end(is_clean=is_clean)
    except FastError as error:
        return type(error).__name__
    return parser.status, sorted(parser.headers.items()), body, parser.keep_alive, parser.has_extra_data


@pytest.mark.parametrize("name", MESSAGES)
def test_every_cut_gives_the_same_verdict(name):
    message = MESSAGES[name]
    expected = verdict([message])
    cuts = range(1, len(message))
    assert [verdict([message[:cut], message[cut:]]) for cut in cuts] == [expected for _ in cuts]
    assert verdict([bytes([byte]) for byte in message]) == expected


@settings(deadline=None, derandomize=True, max_examples=300)
@given(mutated_messages(), st.data())
def test_mutated_bytes_cut_anywhere_give_the_same_verdict(message, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(message)), max_size=8)))
    parts = [message[start:end] for start, end in zip([0, *cuts], [*cuts, len(message)], strict=True)]
    assert verdict(parts) == verdict([message])


@pytest.mark.parametrize("size", [1, 100, 65536])
def test_long_framing_gives_the_same_verdict(size):
    """Extensions around the bound are judged alike in pieces of any size."""
    for extension in (MAX_FRAMING_SIZE // 2, MAX_FRAMING_SIZE * 2):
        message = CHUNKED + b"1;a=" + b"b" * extension + b"\r\nx\r\n0\r\n\r\n"
        parts = [message[start : start + size] for start in range(0, len(message), size)]
        assert verdict(parts) == verdict([message])


@pytest.mark.parametrize(
    "endless",
    [
        b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 50_000,
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200_000,
        b"HTTP/1.1 200 " + b"a" * 200_000,
        b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000,
        CHUNKED + b"1;" + b"a" * 200_000,
        CHUNKED + b"0\r\n" + b"X: 1\r\n" * 50_000,
        CHUNKED + b"0\r\nX: " + b"a" * 200_000,
    ],
)
def test_what_a_server_can_lengthen_is_bounded(endless):
    for size in (1000, len(endless)):
        parser = ResponseParser()
        parts = [endless[start : start + size] for start in range(0, len(endless), size)]
        with pytest.raises(RemoteProtocolError, match="longer than"):
            [parser.feed(part) for part in parts]


def test_a_head_of_the_largest_size_is_parsed():
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: "
    head += b"a" * (MAX_HEAD_SIZE - len(head) - 4) + b"\r\n\r\n"
    assert verdict([head])[0] == 200
    assert verdict([head.replace(b"X: ", b"X: a")]) == "RemoteProtocolError"


def test_many_equal_headers_are_joined():
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + b"a:b\r\n" * 20_000 + b"\r\n"
    assert dict(verdict([head])[1])["a"] == ", ".join("b" * 20_000)


def test_many_small_chunks_are_not_framing():
    body = b"1;e\r\nx\r\n" * 100_000
    assert verdict([CHUNKED + body + b"0\r\n\r\n"])[2] == b"x" * 100_000


def test_equal_content_lengths_are_one():
    """RFC 9112, 6.3 allows to take equal ones as one."""
    for lengths in (b"content-length: 2\r\nContent-Length: 2\r\n", b"Content-Length: 2, 2\r\n"):
        assert verdict([b"HTTP/1.1 200 OK\r\n" + lengths + b"\r\nok"])[2] == b"ok"
    assert verdict([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok"]) == "RemoteProtocolError"


def test_a_body_without_framing_needs_a_clean_end():
    message = b"HTTP/1.1 200 OK\r\n\r\nbody"
    assert verdict([message])[2] == b"body"
    assert verdict([message], is_clean=False) == "ReadError"


@pytest.mark.parametrize("callback", ["on_message_begin", "on_header", "on_body", "on_message_complete"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_an_exception_inside_a_callback_passes_through(callback, error):
    """Ctrl-C may be raised anywhere in Python code; llhttp's wrapper must not turn it into a parse error."""

    def interrupt(self, *values):
        raise error

    parser = type("InterruptedParser", (ResponseParser,), {callback: interrupt})()
    with pytest.raises(error):
        parser.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
