"""A valid message -> one that no edge should send. All choices are those of the `random.Random` that is given."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import formatdate
from random import Random

_CONTROL = [b"\0", b"\r", b"\n", b"\r\n", b"\n\n", b"\x1b", b"\x7f", b"\x85", b":", b" ", b"\t", b"\xef\xbb\xbf"]
_NOT_UTF8 = [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe2\x82", b"\x80", b"\xfe\xff", b"\xff\xfe"]
_NUMBERS = [
    b"NaN",
    b"-Infinity",
    b"1e999",
    b"-0",
    b"9" * 400,
    b"9" * 5000,
    b"1e-999",
    b"0.1e1",
    b"18446744073709551616",
]
_VALUES = [b"null", b"true", b"[]", b"{}", b'""', b'"\\ud800"', b'"\\u0000"', b"[[]]", b'{"": 0}', b'"error"', b"429"]
_WORDS = [b'"error"', b"[DONE]", b"data:", b"event: error\n", b"id:", b"data: [DONE]\n\n", b'"choices"', b"retry: 9\n"]


def mutated(random: Random, data: bytes) -> bytes:
    """The message after a few changes; one time in eight as it was."""
    for _ in range(random.choice((0, 1, 1, 1, 2, 2, 3, 6))):
        data = random.choice(_MUTATIONS)(random, data)
    return data


def _place(random: Random, data: bytes) -> int:
    return random.randint(0, len(data))


def _inserted(random: Random, data: bytes, piece: bytes) -> bytes:
    place = _place(random, data)
    return data[:place] + piece + data[place:]


def _cut(random: Random, data: bytes) -> bytes:
    return data[: _place(random, data)]


def _left_out(random: Random, data: bytes) -> bytes:
    start, end = sorted((_place(random, data), _place(random, data)))
    return data[:start] + data[end:]


def _swapped(random: Random, data: bytes) -> bytes:
    one, two, three = sorted(_place(random, data) for _ in range(3))
    return data[:one] + data[two:three] + data[one:two] + data[three:]


def _doubled(random: Random, data: bytes) -> bytes:
    start = _place(random, data)
    return _inserted(random, data, data[start : start + random.randint(0, 200)])


def _flipped(random: Random, data: bytes) -> bytes:
    if not data:
        return data
    place = random.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << random.randrange(8)]) + data[place + 1 :]


def _nested(random: Random, data: bytes) -> bytes:
    """Deep nesting: a little, near Python's own bound, or far beyond."""
    depth = random.choice((2, 50, 200, random.randint(850, 1010), 5000))
    opening, closing = random.choice(((b"[", b"]"), (b'{"a":', b"}"), (b'{"error":', b"}")))
    return _replaced_value(random, data, opening * depth + b"0" + closing * random.choice((depth, depth, 0)))


def _replaced_value(random: Random, data: bytes, value: bytes) -> bytes:
    """Put a value in place of what follows one of the colons."""
    colons = [place for place, byte in enumerate(data) if byte == 58]
    if not colons:
        return _inserted(random, data, value)
    start = random.choice(colons) + 1
    end = min(place if place >= 0 else len(data) for place in (data.find(mark, start) for mark in (b",", b"}", b"\n")))
    return data[:start] + value + data[end:]


def _one_of(pieces: list[bytes]) -> Callable[[Random, bytes], bytes]:
    return lambda random, data: _inserted(random, data, random.choice(pieces))


def _value_of(values: list[bytes]) -> Callable[[Random, bytes], bytes]:
    return lambda random, data: _replaced_value(random, data, random.choice(values))


_MUTATIONS: list[Callable[[Random, bytes], bytes]] = [
    *(_cut, _left_out, _swapped, _doubled, _flipped, _nested),
    *(_one_of(pieces) for pieces in (_CONTROL, _NOT_UTF8, _WORDS)),
    *(_value_of(values) for values in (_NUMBERS, _VALUES)),
]

_DATES = [formatdate(0, usegmt=True), "Fri, 31 Dec 9999 23:59:59 -2359", "Mon, 01 Jan 0001 00:00:00 +2359", "0", ",,"]
_HEADERS = {
    "content-type": [
        "application/json",
        "text/event-stream",
        "audio/mpeg",
        "text/plain; charset=utf-8",
        "text/html",
        "",
    ],
    "content-encoding": ["gzip", "deflate", "br", "identity", "GZIP", "gzip, gzip", ""],
    "retry-after": ["0", "7", "1e3", "-1", "nan", "inf", "9" * 400, "1_0", "٣", *_DATES],
    "retry-after-ms": ["250", "soon", "1e308", "-0"],
    "x-request-id": ["req_1", "", "\x00", "é" * 100],
}


def headers(random: Random) -> dict[str, str]:
    """Some headers, each perhaps mutated."""
    found = {name: random.choice(values) for name, values in _HEADERS.items() if random.random() < 0.5}
    return {
        name: mutated(random, value.encode()).decode("latin-1") if random.random() < 0.3 else value
        for name, value in found.items()
    }


def pieces(random: Random, data: bytes) -> list[bytes]:
    """The same bytes, cut into a few pieces anywhere; now and then one by one."""
    if random.random() < 0.02:
        return [data[place : place + 1] for place in range(min(len(data), 400))] + [data[400:]]
    places = sorted(_place(random, data) for _ in range(random.randint(1, 5)))
    return [data[start:end] for start, end in zip([0, *places], [*places, len(data)], strict=True)]
