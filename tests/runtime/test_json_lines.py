"""Streams of JSON texts, one for each line or record."""

from __future__ import annotations

from itertools import chain

import pytest

from polargrid_runtime.json_lines import LineDecoder
from polargrid_runtime.sse import EventTooLargeError

BODY = b'{"a": 1}\n\r\n \n{"b":\xc3\xbc}\r\n\x1e{"c": 3}\n[4]'
LINES = [b'{"a": 1}', '{"b":ü}'.encode(), b'{"c": 3}', b"[4]"]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_lines_are_the_same_however_they_are_cut(size):
    """Empty lines are none, the separator of RFC 7464 is no part of a line, and the last line needs no end."""
    decoder = LineDecoder()
    lines = [line.data for start in range(0, len(BODY), size) for line in decoder.feed(BODY[start : start + size])]
    assert [*lines, decoder.flush()] == LINES
    assert decoder.flush() == b""


@pytest.mark.parametrize(
    ("data", "line"), [(b"[1]\n", b"[1]"), (b"[1]\r\n", b"[1]"), (b"[1]", None), (b"[1]\n[2]\n", None), (b"\n", None)]
)
def test_single_line(data, line):
    """Bytes that are one line are returned at once; anything else is for `feed`."""
    assert LineDecoder().decode_single(data) == line


def test_line_after_an_incomplete_one_is_not_single():
    """It ends the incomplete one."""
    decoder = LineDecoder()
    assert list(decoder.feed(b"[1,")) == []
    assert decoder.decode_single(b"2]\n") is None
    assert [line.data for line in decoder.feed(b"2]\n")] == [b"[1,2]"]


@pytest.mark.parametrize("parts", [[b"x" * 11], [b"x" * 9, b"xx\n"], [b"x" * 9, b"xx"], [b"x" * 11 + b"\n"]])
def test_limit(parts):
    """A line is bounded, whether it has ended or not."""
    decoder = LineDecoder(10)
    assert decoder.decode_single(b"x" * 11 + b"\n") is None
    with pytest.raises(EventTooLargeError, match="10 bytes"):
        list(chain.from_iterable(map(decoder.feed, parts)))
