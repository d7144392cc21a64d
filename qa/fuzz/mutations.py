"""Turns a valid message into one that no server should send; every choice is made by the `Random` argument."""

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


def mutate(random: Random, data: bytes) -> bytes:
    """Change a message a few times; one in eight stays as it is."""
    for _ in range(random.choice((0, 1, 1, 1, 2, 2, 3, 6))):
        data = random.choice(_MUTATIONS)(random, data)
    return data


def _position(random: Random, data: bytes) -> int:
    return random.randint(0, len(data))


def _insert(random: Random, data: bytes, addition: bytes) -> bytes:
    position = _position(random, data)
    return data[:position] + addition + data[position:]


def _truncate(random: Random, data: bytes) -> bytes:
    return data[: _position(random, data)]


def _delete(random: Random, data: bytes) -> bytes:
    start, end = sorted((_position(random, data), _position(random, data)))
    return data[:start] + data[end:]


def _swap(random: Random, data: bytes) -> bytes:
    start, middle, end = sorted(_position(random, data) for _ in range(3))
    return data[:start] + data[middle:end] + data[start:middle] + data[end:]


def _repeat(random: Random, data: bytes) -> bytes:
    start = _position(random, data)
    return _insert(random, data, data[start : start + random.randint(0, 200)])


def _flip_bit(random: Random, data: bytes) -> bytes:
    if not data:
        return data
    position = random.randrange(len(data))
    flipped = data[position] ^ 1 << random.randrange(8)
    return data[:position] + bytes([flipped]) + data[position + 1 :]


def _nest(random: Random, data: bytes) -> bytes:
    """Nest deeply: a little, near Python's recursion limit, or far beyond it."""
    depth = random.choice((2, 50, 200, random.randint(850, 1010), 5000))
    opening, closing = random.choice(((b"[", b"]"), (b'{"a":', b"}"), (b'{"error":', b"}")))
    return _replace_value(random, data, opening * depth + b"0" + closing * random.choice((depth, depth, 0)))


def _replace_value(random: Random, data: bytes, value: bytes) -> bytes:
    """Replace what follows one of the colons by a value."""
    colons = [position for position, byte in enumerate(data) if byte == ord(":")]
    if not colons:
        return _insert(random, data, value)
    start = random.choice(colons) + 1
    ends = (data.find(mark, start) for mark in (b",", b"}", b"\n"))
    end = min(position if position >= 0 else len(data) for position in ends)
    return data[:start] + value + data[end:]


def _inserter(additions: list[bytes]) -> Callable[[Random, bytes], bytes]:
    return lambda random, data: _insert(random, data, random.choice(additions))


def _value_replacer(values: list[bytes]) -> Callable[[Random, bytes], bytes]:
    return lambda random, data: _replace_value(random, data, random.choice(values))


_MUTATIONS: list[Callable[[Random, bytes], bytes]] = [
    *(_truncate, _delete, _swap, _repeat, _flip_bit, _nest),
    *(_inserter(additions) for additions in (_CONTROL, _NOT_UTF8, _WORDS)),
    *(_value_replacer(values) for values in (_NUMBERS, _VALUES)),
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


def build_headers(random: Random) -> dict[str, str]:
    """Some response headers, 30% of them mutated."""
    headers = {name: random.choice(values) for name, values in _HEADERS.items() if random.random() < 0.5}
    return {
        name: mutate(random, value.encode()).decode("latin-1") if random.random() < 0.3 else value
        for name, value in headers.items()
    }


def split(random: Random, data: bytes) -> list[bytes]:
    """Split the bytes at a few random positions; in 2% of the calls, the first 400 into single bytes."""
    if random.random() < 0.02:
        return [data[index : index + 1] for index in range(min(len(data), 400))] + [data[400:]]
    positions = sorted(_position(random, data) for _ in range(random.randint(1, 5)))
    return [data[start:end] for start, end in zip([0, *positions], [*positions, len(data)], strict=True)]
