"""What must hold of each parser, whatever comes in. A property takes a `random.Random`, and raises where it does not.

Each catches the SDK's own exceptions and no other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from random import Random
from typing import Any

from polargrid import errors, retry, sse, wire
from polargrid.chunks import EventChunks, kind_of
from polargrid.transport.content import Body
from polargrid_runtime.response import ResponseMeta as Meta
from qa.fuzz import messages, mutations

META = Meta(request_id="req_1", status_code=200)


def an_event_stream(random: Random) -> None:
    """The decoder gives the same events however the stream is cut, and keeps no more than its limit."""
    data = mutations.mutated(random, random.choice(messages.STREAMS))
    limit = random.choice((16, 300, 100_000))
    assert _events([data], limit) == _events(mutations.pieces(random, data), limit)


def _events(pieces: Iterable[bytes], limit: int) -> list[Any]:
    decoder = sse.Decoder(limit)
    found: list[Any] = []
    try:
        for piece in pieces:
            found.extend(decoder.feed(piece))
            assert len(decoder._rest) + decoder._data_size <= limit
    except sse.EventTooLargeError as error:
        found.append(str(error))
    return found


def a_stream_of_chunks(random: Random) -> None:
    """A stream is the same chunks and the same end however it is cut."""
    data = mutations.mutated(random, random.choice(messages.STREAMS))
    operation, limit = random.choice(messages.EVENTS), random.choice((300, 100_000))

    def outcome(pieces: Iterable[bytes]) -> str:
        chunks, found = EventChunks(operation, META, limit), []
        try:
            for piece in pieces:
                for chunk in chunks.feed(piece):
                    assert chunk.meta is META
                    found.append(repr(chunk))  # a NaN is not equal to itself
            chunks.end()
        except errors.PolarGridError as error:
            _check(error)
            found.append(repr((chunks.broken(error), error.partial)))
        return repr((found, chunks.begun, chunks.done))

    assert outcome([data]) == outcome(mutations.pieces(random, data))


def packed_content(random: Random) -> None:
    """Content is unpacked to the same bytes or not at all, however it is cut, and never to more than the limit."""
    encoding, data = random.choice(messages.PACKED)
    data = mutations.mutated(random, data)
    encoding = mutations.headers(random).get("content-encoding", encoding)
    limit = random.choice((10, 100_000, 1_000_000))

    def outcome(pieces: Iterable[bytes]) -> Any:
        try:
            body = Body(encoding, limit)
            for piece in [*filter(None, pieces), b""]:
                body.feed(piece)
                assert len(body.content) <= limit
        except errors.PolarGridError as error:
            _check(error)
            return type(error)
        assert body.complete
        return body.content

    assert outcome([data]) == outcome(mutations.pieces(random, data))


def an_answer(random: Random) -> None:
    """An answer is the operation's type or a ServerError, whatever its body and its media type."""
    operation, media_type, body = random.choice(messages.ANSWERS)
    body = mutations.mutated(random, body)
    headers = {"content-type": media_type, **mutations.headers(random)} if random.random() < 0.9 else {}
    kind_of(operation, headers)
    try:
        answer = wire.decode(operation, headers, body, META)
    except errors.ServerError as error:
        _check(error)
    else:
        assert isinstance(answer, bytes | str) or answer.meta is META
        repr(answer)


def an_error_answer(random: Random) -> None:
    """An error's answer is an exception with a message, whatever its body and its headers."""
    status = random.choice((302, 400, 401, 402, 404, 408, 409, 413, 422, 429, 500, 503, random.randint(0, 999)))
    body = mutations.mutated(random, random.choice(messages.ERRORS))
    error = errors.from_answer(status, mutations.headers(random), body)
    _check(error)
    assert error.status_code == status
    delay = retry.RetryPolicy().delay(1, error, random.random())
    assert delay is None or 0 <= delay <= 60


def an_error_event(random: Random) -> None:
    """So is an error inside a stream."""
    body = mutations.mutated(random, random.choice(messages.ERRORS))
    stream = b"event: error\ndata: " + b" ".join(body.splitlines()) + b"\n\n"
    try:
        list(EventChunks(messages.EVENTS[0], META, 1_000_000).feed(stream))
    except errors.PolarGridError as error:
        _check(error)


def _check(error: errors.PolarGridError) -> None:
    """An exception says something, keeps its types, and can be told."""
    assert error.message
    for name in ("message", "code", "type", "param", "request_id"):
        value = getattr(error, name)
        assert value is None or isinstance(value, str), (name, value)
    assert error.retry_after is None or (error.retry_after >= 0 and math.isfinite(error.retry_after))
    assert str(error)


PROPERTIES: dict[str, Callable[[Random], None]] = {
    each.__name__: each
    for each in (an_event_stream, a_stream_of_chunks, packed_content, an_answer, an_error_answer, an_error_event)
}
