"""The event decoder on the examples of the HTML standard (9.2) and of web-platform-tests.

Each case is decoded from one input, byte by byte, and split in two at each position.
"""

from __future__ import annotations

import pytest

from polargrid_runtime.sse import Event, EventDecoder


def message(data: str, event_id: str = "", name: str = "message") -> Event:
    return Event(data.encode(), name, event_id)


LONG = "x" * 2048
NULLS = "".join(f"id:{event_id}\ndata:{event_id!r}\n\n" for event_id in ("\0\0", "x\0", "\0x", "x\0x", " \0"))
STANDARD = {
    "messages": (
        "data: one\n\ndata: two, which\ndata: has two lines\n\ndata: three\n\n",
        [message("one"), message("two, which\nhas two lines"), message("three")],
    ),
    "names": (
        "event: add\ndata: 1\n\nevent: remove\ndata: 2\n\nevent: add\ndata: 3\n\n",
        [message("1", name="add"), message("2", name="remove"), message("3", name="add")],
    ),
    "lines of one event": ("data: YHOO\ndata: +2\ndata: 10\n\n", [message("YHOO\n+2\n10")]),
    "comment, id, id reset, second space kept": (
        ": a comment\n\ndata: first\nid: 1\n\ndata:second\nid\n\ndata:  third\n\n",
        [message("first", "1"), message("second"), message(" third")],
    ),
    "empty data is an event, unterminated data is none": (
        "data\n\ndata\ndata\n\ndata:",
        [message(""), message("\n")],
    ),
    "one space after the colon": ("data:test\n\ndata: test\n\n", [message("test"), message("test")]),
}
WEB_PLATFORM_TESTS = {
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
    "field-id": ("id: 1\ndata: a\n\ndata: b\n\n", [message("a", "1"), message("b", "1")]),
    "field-id, two": ("id: 1\nid: …\ndata: a\n\nid: 2\ndata: c\n\n", [message("a", "…"), message("c", "2")]),
    "field-id-2": (
        "id: 1\ndata: a\n\nid\ndata: b\n\nid:2\n\ndata: c\n\n",
        [message("a", "1"), message("b"), message("c", "2")],
    ),
    "field-id-null": (
        f"id: 1\ndata: a\n\n{NULLS}",
        [message(data, "1") for data in ("a", r"'\x00\x00'", r"'x\x00'", r"'\x00x'", r"'x\x00x'", r"' \x00'")],
    ),
    "field-parsing": (
        "data:\0\ndata:  2\rData:1\ndata\0:2\ndata:1\r\0data:4\nda-ta:3\rdata_5\ndata:3\rdata:\r\n data:32\ndata:4\n\n",
        [message("\0\n 2\n1\n3\n\n4")],
    ),
    "field-retry": ("retry:3000\ndata:x\n\n", [message("x")]),
    "field-retry-bogus": ("retry:3000\nretry:1000x\nretry:3e1\ndata:x\n\n", [message("x")]),
    "field-retry-empty": ("retry\nretry:\ndata:x\n\n", [message("x")]),
    "field-unknown": (
        "data:test\n data\ndata\nfoobar:xxx\njustsometext\n:thisisacommentyay\ndata:test\n\n",
        [message("test\n\ntest")],
    ),
    "leading-space": ("data:\ttest\rdata: \ndata:test\n\n", [message("\ttest\n\ntest")]),
    "newlines": ("data:test\r\ndata\ndata:test\r\n\r", [message("test\n\ntest")]),
    "null-character": ("data:\0\n\n\n\n", [message("\0")]),
    "utf-8": ("data:ok… \U0001f9ca\n\n", [message("ok… \U0001f9ca")]),
}
CASES = {
    **{f"standard {name}": case for name, case in STANDARD.items()},
    **{f"format-{name}": case for name, case in WEB_PLATFORM_TESTS.items()},
}
each_case = pytest.mark.parametrize(("text", "events"), CASES.values(), ids=CASES)


@each_case
def test_single_input(text, events):
    """The stream is received at once."""
    assert list(EventDecoder().feed(text.encode())) == events


@each_case
def test_byte_by_byte(text, events):
    """The stream is received in single bytes."""
    decoder = EventDecoder()
    assert [event for byte in text.encode() for event in decoder.feed(bytes([byte]))] == events


@each_case
def test_split_in_two(text, events):
    """The stream is split at each position, CR LF and characters of several bytes included."""
    data = text.encode()
    for cut in range(len(data) + 1):
        decoder = EventDecoder()
        assert [*decoder.feed(data[:cut]), *decoder.feed(data[cut:])] == events, cut


def test_invalid_utf8():
    """It is kept in the data, for the parser to reject; elsewhere it is replaced."""
    data = b"event: \xff\nid: \xc3\ndata: \xff\n\n"
    assert list(EventDecoder().feed(data)) == [Event(b"\xff", "\ufffd", "\ufffd")]
