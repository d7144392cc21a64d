"""Bytes -> server-sent events: the standard's own examples and those of the web-platform-tests, as data."""

import pytest

from polargrid.sse import Decoder, Event, EventTooLargeError


def message(data: str, event_id: str = "", name: str = "message") -> Event:
    return Event(data.encode(), name, event_id)


LONG = "x" * 2048
CASES = {
    # HTML, 9.2.6: the examples in the order of the standard
    "standard: lines of one event": (
        "data: YHOO\ndata: +2\ndata: 10\n\n",
        [message("YHOO\n+2\n10")],
    ),
    "standard: comment, id, id reset, second space kept": (
        ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
        [message("first event", "1"), message("second event"), message(" third event")],
    ),
    "standard: empty data is an event, unterminated data is none": (
        "data\n\ndata\ndata\n\ndata:",
        [message(""), message("\n")],
    ),
    "standard: the space after the colon": (
        "data:test\n\ndata: test\n\n",
        [message("test"), message("test")],
    ),
    # web-platform-tests, eventsource/format-*
    "bom": ("\ufeffdata:1\n\n\ufeffdata:2\n\ndata:3\n\n", [message("1"), message("3")]),
    "bom-2": ("\ufeff\ufeffdata:1\n\ndata:2\n\ndata:3\n\n", [message("2"), message("3")]),
    "comments": (
        f"data:1\r:\0\n:\r\ndata:2\n:{LONG}\rdata:3\n:data:fail\r:{LONG}\ndata:4\n\n",
        [message("1\n2\n3\n4")],
    ),
    "data-before-final-empty-line": ("retry:1000\ndata:test1\n\nid:test\ndata:test2", [message("test1")]),
    "field-data": ("data:\n\ndata\ndata\n\ndata:test\n\n", [message(""), message("\n"), message("test")]),
    "field-event": ("event:test\ndata:x\n\ndata:x\n\n", [message("x", name="test"), message("x")]),
    "field-event-empty": ("event: \ndata:data\n\n", [message("data")]),
    "field-id": (
        "id: 1\ndata: a\n\ndata: b\n\nid: 2\ndata: c\n\n",
        [message("a", "1"), message("b", "1"), message("c", "2")],
    ),
    "field-id-null": ("id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n", [message("a", "1"), message("b", "1")]),
    "field-id without data": ("id: 1\n\ndata: a\n\n", [message("a", "1")]),
    "field-parsing": (
        "data:\0\ndata:  2\rData:1\ndata\0:2\ndata:1\r\0data:4\nda-ta:3\rdata_5\ndata:3\rdata:\r\n data:32\ndata:4\n\n",
        [message("\0\n 2\n1\n3\n\n4")],
    ),
    "field-retry": ("retry:3000\ndata:x\nretry:3e1\nretry:\n\n", [message("x")]),
    "field-unknown": (
        "data:test\n data\ndata\nfoobar:xxx\njustsometext\n:thisisacommentyay\ndata:test\n\n",
        [message("test\n\ntest")],
    ),
    "leading-space": ("data:\ttest\rdata: \ndata:test\n\n", [message("\ttest\n\ntest")]),
    "newlines": ("data:test\r\ndata\ndata:test\r\n\r", [message("test\n\ntest")]),
    "null-character": ("data:\0\n\n\n\n", [message("\0")]),
    "utf-8": ("data:ok… \U0001f9ca\n\n", [message("ok… \U0001f9ca")]),
    # What else comes over the wire
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
    "unterminated line end": ("data: a\n", []),
    "nothing": ("", []),
}


@pytest.mark.parametrize(("text", "events"), CASES.values(), ids=CASES)
def test_whole(text, events):
    """A stream that comes in one packet gives these events."""
    assert Decoder().feed(text.encode()) == events


@pytest.mark.parametrize(("text", "events"), CASES.values(), ids=CASES)
def test_byte_by_byte(text, events):
    """A stream that comes a byte at a time gives the same events."""
    decoder = Decoder()
    assert [event for byte in text.encode() for event in decoder.feed(bytes([byte]))] == events


@pytest.mark.parametrize(("text", "events"), CASES.values(), ids=CASES)
def test_cut_once_anywhere(text, events):
    """A stream that comes in two packets gives the same events, wherever the cut is."""
    data = text.encode()
    for cut in range(min(len(data), 200)):
        decoder = Decoder()
        assert decoder.feed(data[:cut]) + decoder.feed(data[cut:]) == events


def test_event_comes_with_its_last_byte():
    """An event is there as soon as its empty line is, not with the next packet."""
    decoder = Decoder()
    assert decoder.feed(b"data: a\r\n") == []
    assert decoder.feed(b"\r") == [message("a")]
    assert decoder.feed(b"\n") == []


def test_empty_packets():
    """A packet of nothing changes nothing."""
    decoder = Decoder()
    assert [decoder.feed(data) for data in (b"", b"data: a\r", b"", b"\n", b"", b"\n")][-1] == [message("a")]


def test_not_utf8():
    """Bytes that are not UTF-8 are left in the data for whoever reads it; elsewhere they are replaced."""
    assert Decoder().feed(b"event: \xff\ndata: \xff\n\n") == [Event(b"\xff", "\ufffd", "")]


@pytest.mark.parametrize("data", [b"data: " + b"x" * 100, b"data: xxxxxxxxx\n" * 10, b":" + b"x" * 100, b"x" * 100])
def test_bound(data):
    """An event, or a line without end, that is longer than the limit is refused."""
    with pytest.raises(EventTooLargeError, match="longer than 64 bytes"):
        Decoder(limit=64).feed(data)


def test_bound_over_packets():
    """The limit holds for what is kept between packets, too."""
    decoder = Decoder(limit=64)
    with pytest.raises(EventTooLargeError):
        [decoder.feed(b"x") for _ in range(100)]


def test_bound_is_for_one_event():
    """A long stream of short events is no long event."""
    decoder = Decoder(limit=64)
    assert sum(len(decoder.feed(b"data: a\n\n: ping\n\n")) for _ in range(1000)) == 1000
