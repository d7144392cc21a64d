"""The decoder beyond the standard's cases (test_sse_standard.py): when events come, and how much is kept."""

from __future__ import annotations

import pytest

from polargrid.sse import Decoder, Event, EventTooLargeError


def message(data: str, event_id: str = "", name: str = "message") -> Event:
    return Event(data.encode(), name, event_id)


CASES = {
    "line feeds": ("data: a\n\ndata: b\n\n", [message("a"), message("b")]),
    "carriage returns": ("data: a\r\rdata: b\r\r", [message("a"), message("b")]),
    "both": ("data: a\r\n\r\ndata: b\r\n\r\n", [message("a"), message("b")]),
    "line separators are text": (
        "data: a\u2028b\u2029c\u0085d\x0be\x0cf\n\n",
        [message("a\u2028b\u2029c\u0085d\x0be\x0cf")],
    ),
    "a colon in the data": ("data: a: b: c\n\n", [message("a: b: c")]),
    "comments only": (":\n\n: keep-alive\n\n", []),
    "a name without data": ("event: ping\n\ndata: a\n\n", [message("a")]),
    "an id without data": ("id: 1\n\ndata: a\n\n", [message("a", "1")]),
    "the last name of an event": ("event: a\nevent: b\ndata: x\n\n", [message("x", name="b")]),
    "no byte order mark": ("\ufeff", []),
    "half of one": ("data: a\n\n\ufeff", [message("a")]),
    "unterminated line end": ("data: a\n", []),
    "nothing": ("", []),
}


@pytest.mark.parametrize(("text", "events"), CASES.values(), ids=CASES)
def test_cut_in_two(text, events):
    """A stream that comes in two packets gives these events, wherever the cut is."""
    data = text.encode()
    for cut in range(len(data) + 1):
        decoder = Decoder()
        assert [*decoder.feed(data[:cut]), *decoder.feed(data[cut:])] == events, cut


def test_byte_that_is_no_mark():
    """What begins like a byte order mark and is none is a field of another name; the stream goes on."""
    decoder = Decoder()
    assert list(decoder.feed(b"\xef\xbb")) == []
    assert list(decoder.feed(b"data: a\n\ndata: b\n\n")) == [message("b")]


def test_event_comes_with_its_last_byte():
    """An event is there as soon as its empty line is, not with the next packet."""
    decoder = Decoder()
    assert list(decoder.feed(b"data: a\r\n")) == []
    assert list(decoder.feed(b"\r")) == [message("a")]
    assert list(decoder.feed(b"\n")) == []


def test_empty_packets():
    """A packet of nothing changes nothing."""
    decoder = Decoder()
    assert [list(decoder.feed(data)) for data in (b"", b"data: a\r", b"", b"\n", b"", b"\n")][-1] == [message("a")]


@pytest.mark.parametrize("data", [b"data: " + b"x" * 100, b"data: xxxxxxxxx\n" * 10, b":" + b"x" * 100, b"x" * 100])
def test_bound(data):
    """An event, or a line without end, that is longer than the limit is refused."""
    with pytest.raises(EventTooLargeError, match=r"^an event is longer than 64 bytes$"):
        list(Decoder(limit=64).feed(data))


@pytest.mark.parametrize(
    "data", [b"x" * 64, b"data:" + b"x" * 59, b"data:" + b"x" * 30 + b"\ndata:" + b"x" * 28 + b"\n"]
)
def test_just_within_the_bound(data):
    """What is as long as the limit is taken."""
    assert list(Decoder(limit=64).feed(data)) == []


@pytest.mark.parametrize("data", [b"x", b"data: xxxxxxxxx\n"])
def test_bound_over_packets(data):
    """The limit holds for what is kept between packets, too."""
    decoder = Decoder(limit=64)
    with pytest.raises(EventTooLargeError):
        [list(decoder.feed(data)) for _ in range(100)]


def test_bound_is_for_one_event():
    """A long stream of short events is no long event."""
    decoder = Decoder(limit=64)
    assert sum(len(list(decoder.feed(b"data: a\n\n: ping\n\n"))) for _ in range(1000)) == 1000


def test_bound_is_for_one_line():
    """Nor are many short lines that are kept nowhere."""
    decoder = Decoder(limit=64)
    assert [list(decoder.feed(b": ping\n: p")) for _ in range(1000)] == [[]] * 1000


def test_bound_of_a_decoder():
    """Eight MiB, where nothing else is said."""
    decoder = Decoder()
    assert list(decoder.feed(b"x" * (8 * 1024 * 1024))) == []
    with pytest.raises(EventTooLargeError):
        list(decoder.feed(b"x"))


def test_bound_wherever_it_is_cut():
    """Events that come before the one that is too long are given, and it is refused, wherever the stream is cut."""
    data = b"data: a\n\n: " + b"x" * 70 + b"\n\n"
    for cut in range(len(data) + 1):
        decoder = Decoder(limit=64)
        events = (event for piece in (data[:cut], data[cut:]) for event in decoder.feed(piece))
        assert next(events) == message("a"), cut
        with pytest.raises(EventTooLargeError):
            next(events)


def test_bound_of_lines_of_nothing():
    """Lines of data without data are kept, and so they count."""
    with pytest.raises(EventTooLargeError):
        list(Decoder(limit=64).feed(b"data\n" * 100))
