"""Streams: everything that the standard allows arrives, and no end goes unnoticed."""

from threading import Event

import pytest

from tests.overlay.faults.edges import (
    CHAT,
    DONE,
    chunk,
    streams,
    texts,
)
from tests.overlay.faults.registry import fault


def said(against, *pieces, then=None):
    """The texts of a stream of these pieces."""
    return texts(against(streams(*pieces, then=then)).chat_completion_stream(CHAT))


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("size", [1, 7, 10_000])
@fault("stream", "Lines end with CR, LF or CRLF, wherever packets are cut", then="the whole stream")
def test_line_ends(against, end, size):
    data = b"".join([chunk("a"), chunk("b"), DONE]).replace(b"\n", end)
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    assert said(against, *pieces) == ["a", "b"]


@pytest.mark.parametrize("text", ["\u2028\u2029\x85", "🧊é", "\x0b\x0c\x1c\x1d", "\ufeff", 'say "error"'], ids=ascii)
@fault("stream", "A text holds U+2028, or a character is cut between packets", then="the text as it is")
def test_characters(against, text):
    data = chunk(text) + DONE
    assert said(against, *[bytes([byte]) for byte in data]) == [text]


@fault("stream", "It begins with a byte order mark", then="the whole stream")
def test_byte_order_mark(against):
    assert said(against, b"\xef\xbb", b"\xbf" + chunk("a"), DONE) == ["a"]


@fault("stream", "There are comments, ids, names, unknown fields and empty events", then="the whole stream")
def test_fields(against):
    noise = b": ping\n\nid: 1\nevent: message\nretry: 5\nof_tomorrow: 1\nnothing\n"
    assert said(against, noise + chunk("a"), b":\n\nid: 2\n\n", DONE) == ["a"]


@fault("stream", "There is no space after the colon", then="the whole stream")
def test_no_space(against):
    assert said(against, chunk("a").replace(b"data: ", b"data:"), b"data:[DONE]\n\n") == ["a"]


@fault("stream", "The data of an event is cut into lines", then="the whole stream")
def test_lines(against):
    assert said(against, chunk("a").replace(b', "model"', b'\ndata: , "model"'), DONE) == ["a"]


@fault("stream", "Many events come in one packet", then="each of them")
def test_one_packet(against):
    assert said(against, chunk("a") * 500 + DONE) == ["a"] * 500


@fault("stream", "An event comes, the next is not made yet", then="the first chunk at once")
def test_at_once(against):
    received, waited = Event(), []

    def script(connection):
        connection.request()
        connection.start_stream()
        connection.piece(chunk("a"))
        waited.append(received.wait(5))
        connection.piece(chunk("b") + DONE)
        connection.piece(b"")

    chunks = against(script).chat_completion_stream(CHAT)
    assert texts([next(chunks)]) == ["a"]
    received.set()
    assert (texts(chunks), waited) == (["b"], [True])


@fault("stream", "A value is unknown, a field is unknown, a field is missing", then="the chunk with what there is")
def test_unknown(against):
    (only,) = against(streams(chunk("a", "of_tomorrow", of_tomorrow=1), DONE)).chat_completion_stream(CHAT)
    assert (only.choices[0].finish_reason, only.model_extra) == ("of_tomorrow", {"of_tomorrow": 1})


@fault("stream", "The usage comes after the finish_reason, in a chunk without choices", then="it arrives")
def test_usage(against):
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    pieces = (chunk("a", "stop"), chunk(choices=[], usage=usage), DONE)
    assert list(against(streams(*pieces)).chat_completion_stream(CHAT))[-1].usage.total_tokens == 3
