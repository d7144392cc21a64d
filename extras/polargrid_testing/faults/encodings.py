"""Compressed responses: valid, broken, or malicious."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Literal, TypeAlias

from polargrid_testing.faults.answers import (
    head_of,
    is_event_stream,
    is_streamed,
    iter_pieces,
    replace_headers,
    replace_pieces,
    slice_bytes,
)
from polargrid_testing.faults.registry import fault
from polargrid_testing.steps import Answer, Close, Send, Step

Encoding: TypeAlias = Literal["gzip", "x-gzip", "deflate", "raw-deflate"]
Problem: TypeAlias = Literal["truncated", "cut", "checksum", "junk", "padding", "members", "not-compressed", "bomb"]
_WBITS = {"gzip": 31, "x-gzip": 31, "deflate": 15, "raw-deflate": -15}
_MEBIBYTE = 1 << 20


@fault("compressed", phase="response")
def compress(
    answer: Answer,
    *,
    encoding: Encoding = "gzip",
    problem: Problem | None = None,
    size: int = 300_000_000,
    chunk_size: int | None = None,
) -> Answer | Iterable[Step] | None:
    """The response is compressed: correctly, or truncated, with a wrong checksum, or with junk behind it, or as a bomb.

    `size` is to what a bomb decompresses, or how many bytes "padding" and "members" have. `chunk_size` is that of the
    pieces in which the body is sent. A stream is compressed event by event.
    """
    labelled = replace_headers(answer, content_encoding="deflate" if encoding == "raw-deflate" else encoding)
    if is_streamed(answer):
        return replace_pieces(labelled, _compress_stream(answer, encoding, problem, size))
    data = _compress(answer.content, encoding)
    if problem == "cut":
        return [Send(head_of(labelled, ("content-length", str(len(data)))) + data[: len(data) // 2]), Close()]
    body = _break(data, answer.content, problem, size)
    return replace_pieces(labelled, slice_bytes(body, chunk_size)) if chunk_size else replace(labelled, body=body)


def _break(data: bytes, plain: bytes, problem: Problem | None, size: int) -> bytes:
    """Return compressed data with a problem."""
    return _PROBLEMS[problem](data, plain, size) if problem in _PROBLEMS else data


_PROBLEMS: dict[Problem | None, Callable[[bytes, bytes, int], bytes]] = {
    "truncated": lambda data, _plain, _size: data[:-5],
    "checksum": lambda data, _plain, _size: data[:-8] + bytes(byte ^ 255 for byte in data[-8:-4]) + data[-4:],
    "junk": lambda data, _plain, _size: data + b"junk junk junk",
    "padding": lambda data, _plain, size: data + bytes(size),
    "members": lambda _data, _plain, size: gzip.compress(b"", mtime=0) * (size // 20),
    "not-compressed": lambda _data, plain, _size: b"\xff" + plain,
    "bomb": lambda _data, _plain, size: gzip.compress(bytes(_MEBIBYTE), mtime=0) * -(-size // _MEBIBYTE),
}


def _compress(data: bytes, encoding: Encoding) -> bytes:
    compressor = zlib.compressobj(wbits=_WBITS[encoding])
    return compressor.compress(data) + compressor.flush()


def _compress_stream(answer: Answer, encoding: Encoding, problem: Problem | None, size: int) -> Iterator[bytes]:
    compressor = zlib.compressobj(wbits=_WBITS[encoding])
    if problem == "bomb":
        first = next(iter_pieces(answer)).data + (b"data: " if is_event_stream(answer) else b"")
        yield compressor.compress(first) + compressor.flush()
        yield _break(b"", b"", problem, size)
        return
    parts = [compressor.compress(item.data) + compressor.flush(zlib.Z_SYNC_FLUSH) for item in iter_pieces(answer)]
    if problem in ("truncated", "cut"):
        yield from parts[: max(len(parts) // 2, 1)]
        return
    yield from parts
    yield _break(compressor.flush(), b"", problem, size)


@fault("content-encoding", phase="response")
def set_encoding(answer: Answer, *, value: str = "br", data: bytes = b"\x1b\x50") -> Answer:
    """Content-Encoding is one that the client did not ask for."""
    return replace_headers(replace(answer, body=data), content_encoding=value)
