"""The event decoder beyond the standard's cases (test_sse_standard.py): when events are returned, and its limit."""

from __future__ import annotations

import pytest

from polargrid_runtime.sse import Event, EventDecoder, EventTooLargeError


def message(data: str, event_id: str = "", name: str = "message") -> Event:
    return Event(data.encode(), name, event_id)


CASES = {
    "LF": ("data: a\n\ndata: b\n\n", [message("a"), message("b")]),
    "CR": ("data: a\r\rdata: b\r\r", [message("a"), message("b")]),
    "CRLF": ("data: a\r\n\r\ndata: b\r\n\r\n", [message("a"), message("b")]),
    "Unicode line separators are data": (
        "data: a\u2028b\u2029c\u0085d\x0be\x0cf\n\n",
        [message("a\u2028b\u2029c\u0085d\x0be\x0cf")],
    ),
    "colon in the data": ("data: a: b: c\n\n", [message("a: b: c")]),
    "comments only": (":\n\n: keep-alive\n\n", []),
    "name without data": ("event: ping\n\ndata: a\n\n", [message("a")]),
    "id without data": ("id: 1\n\ndata: a\n\n", [message("a", "1")]),
    "two names": ("event: a\nevent: b\ndata: x\n\n", [message("x", name="b")]),
    "BOM only": ("\ufeff", []),
    "BOM at the end": ("data: a\n\n\ufeff", [message("a")]),
    "incomplete event": ("data: a\n", []),
    "empty": ("", []),
}


@pytest.mark.parametrize(("text", "events"), CASES.values(), ids=CASES)
def test_split_in_two(text, events):
    """The position of the split makes no difference."""
    data = text.encode()
    for cut in range(len(data) + 1):
        decoder = EventDecoder()
        assert [*decoder.feed(data[:cut]), *decoder.feed(data[cut:])] == events, cut


def test_incomplete_bom_is_data():
    """Bytes that start like a BOM are part of an unknown field."""
    decoder = EventDecoder()
    assert list(decoder.feed(b"\xef\xbb")) == []
    assert list(decoder.feed(b"data: a\n\ndata: b\n\n")) == [message("b")]


def test_event_is_returned_with_its_last_byte():
    """A CR completes the event, before it is known whether an LF follows."""
    decoder = EventDecoder()
    assert list(decoder.feed(b"data: a\r\n")) == []
    assert list(decoder.feed(b"\r")) == [message("a")]
    assert list(decoder.feed(b"\n")) == []


def test_empty_input_has_no_effect():
    """Not even between CR and LF."""
    decoder = EventDecoder()
    assert [list(decoder.feed(data)) for data in (b"", b"data: a\r", b"", b"\n", b"", b"\n")][-1] == [message("a")]


# The limit


@pytest.mark.parametrize("data", [b"data: " + b"x" * 100, b"data: xxxxxxxxx\n" * 10, b":" + b"x" * 100, b"x" * 100])
def test_event_beyond_the_limit(data):
    """A long event or a line without an end is rejected."""
    with pytest.raises(EventTooLargeError, match=r"^event exceeds max_event_bytes, 64 bytes$"):
        list(EventDecoder(limit=64).feed(data))


@pytest.mark.parametrize(
    "data", [b"x" * 64, b"data:" + b"x" * 59, b"data:" + b"x" * 30 + b"\ndata:" + b"x" * 28 + b"\n"]
)
def test_event_at_the_limit(data):
    """An event of exactly that size is accepted."""
    assert list(EventDecoder(limit=64).feed(data)) == []


@pytest.mark.parametrize("data", [b"x", b"data: xxxxxxxxx\n"])
def test_limit_applies_across_inputs(data):
    """Data that is buffered between two inputs counts."""
    decoder = EventDecoder(limit=64)
    with pytest.raises(EventTooLargeError):
        [list(decoder.feed(data)) for _ in range(100)]


def test_limit_applies_to_each_event():
    """A stream of short events can be of any length."""
    decoder = EventDecoder(limit=64)
    assert sum(len(list(decoder.feed(b"data: a\n\n: ping\n\n"))) for _ in range(1000)) == 1000


def test_limit_applies_to_each_ignored_line():
    """Comments are not buffered and do not count."""
    decoder = EventDecoder(limit=64)
    assert [list(decoder.feed(b": ping\n: p")) for _ in range(1000)] == [[]] * 1000


def test_empty_data_lines_count():
    """They are buffered as well."""
    with pytest.raises(EventTooLargeError):
        list(EventDecoder(limit=64).feed(b"data\n" * 100))


def test_default_limit():
    """It is 8 MiB."""
    decoder = EventDecoder()
    assert list(decoder.feed(b"x" * (8 * 1024 * 1024))) == []
    with pytest.raises(EventTooLargeError):
        list(decoder.feed(b"x"))


def test_events_before_the_limit_are_returned():
    """Wherever the stream is split, complete events are returned before the exception."""
    data = b"data: a\n\n: " + b"x" * 70 + b"\n\n"
    for cut in range(len(data) + 1):
        decoder = EventDecoder(limit=64)
        events = (event for part in (data[:cut], data[cut:]) for event in decoder.feed(part))
        assert next(events) == message("a"), cut
        with pytest.raises(EventTooLargeError):
            next(events)


# One event in the bytes of one read


@pytest.fixture
def decoder():
    """A decoder that has read an event; its limit is 16 bytes."""
    decoder = EventDecoder(16)
    assert list(decoder.feed(b"data: 1\n\n")) == [message("1")]
    return decoder


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"data: a\n\n", b"a"),
        (b"data: [DONE]\n\n", b"[DONE]"),
        (b"data: 12345678\n\n", b"12345678"),  # as long as the limit
        (b"data: 123456789\n\n", None),
        (b"data:a\n\n", None),
        (b"data: a\n", None),
        (b"data: a\n ", None),
        (b"data: a\nb", None),
        (b"data: a\n\n\n", None),
        (b"data: a\r\n\n", None),
        (b"data: a\rb\n\n", None),
        (b"data: 1\n\ndata:\n", None),
        (b"id: a\n\n", None),
        (b"", None),
    ],
)
def test_single_event(decoder, data, expected):
    """The data of an event of one line; anything else is left to `feed`."""
    assert decoder.decode_single(data) == expected


@pytest.mark.parametrize("before", [b"data: a\n", b"data: a", b"event: ping\n", b"data: 2\n\r"])
def test_single_event_after_the_beginning_of_another(decoder, before):
    """It belongs to what was received before."""
    list(decoder.feed(before))
    assert decoder.decode_single(b"data: b\n\n") is None


def test_single_event_at_the_start():
    """A byte order mark may precede it."""
    assert EventDecoder().decode_single(b"data: a\n\n") is None
