"""Properties of each parser, for any input. A property takes a `random.Random`, and raises if it does not hold.

It catches the SDK's own exceptions and no others.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from random import Random
from typing import Any

from polargrid import errors, retry
from polargrid_codec import decoding, error_responses, stream_decoders
from polargrid_runtime import sse
from polargrid_runtime.response import ResponseMeta
from polargrid_transport.decompression import Decompressor
from qa.fuzz import messages, mutations

META = ResponseMeta(request_id="req_1", status_code=200)
_MAX_SLICE = 64 * 1024  # bytes of decompressed output at a time


def event_stream(random: Random) -> None:
    """The decoder returns the same events however the stream is split, and buffers no more than its limit."""
    data = mutations.mutate(random, random.choice(messages.STREAMS))
    limit = random.choice((16, 300, 100_000))
    assert _decode_events([data], limit) == _decode_events(mutations.split(random, data), limit)


def _decode_events(parts: Iterable[bytes], limit: int) -> list[Any]:
    decoder = sse.EventDecoder(limit)
    events: list[Any] = []
    try:
        for part in parts:
            events.extend(decoder.feed(part))
            assert len(decoder._line) + decoder._data_size <= limit
    except sse.EventTooLargeError as error:
        events.append(str(error))
    return events


def chunk_stream(random: Random) -> None:
    """A stream has the same chunks and the same end however it is split."""
    data = mutations.mutate(random, random.choice(messages.STREAMS))
    operation, limit = random.choice(messages.EVENT_OPERATIONS), random.choice((300, 100_000))

    def decode(parts: Iterable[bytes]) -> str:
        decoder, chunks = stream_decoders.ChoiceStreamDecoder(operation, META, limit), []
        try:
            for part in parts:
                for chunk in decoder.feed(part):
                    assert chunk.meta is META
                    chunks.append(repr(chunk))  # a NaN is not equal to itself
            decoder.finish()
        except errors.PolarGridError as error:
            _check_error(error)
            chunks.append(repr((decoder.to_error(error), error.partial)))
        return repr((chunks, decoder.started, decoder.done))

    assert decode([data]) == decode(mutations.split(random, data))


def compressed_body(random: Random) -> None:
    """A body is decompressed to the same bytes or not at all, however it is split, in slices of a bounded size."""
    encoding, data = random.choice(messages.COMPRESSED)
    data = mutations.mutate(random, data)
    encoding = mutations.build_headers(random).get("content-encoding", encoding)

    def decompress(parts: Iterable[bytes]) -> Any:
        content = bytearray()
        try:
            decompressor = Decompressor(encoding)
            for part in filter(None, parts):
                for output in decompressor.feed(part):
                    assert len(output) <= max(_MAX_SLICE, len(data))
                    content += output
            decompressor.finish()
        except errors.PolarGridError as error:
            _check_error(error)
            return type(error)
        return bytes(content)

    assert decompress([data]) == decompress(mutations.split(random, data))


def response(random: Random) -> None:
    """A response with any body and any media type is the operation's type or a ServerError."""
    operation, media_type, body = random.choice(messages.RESPONSES)
    body = mutations.mutate(random, body)
    headers = {"content-type": media_type, **mutations.build_headers(random)} if random.random() < 0.9 else {}
    stream_decoders.select_decoder(operation, headers)
    try:
        parsed = decoding.parse_response(operation, headers, body, META)
    except errors.ServerError as error:
        _check_error(error)
    else:
        assert isinstance(parsed, bytes | str) or parsed.meta is META
        repr(parsed)


def error_response(random: Random) -> None:
    """An error response with any body and any headers becomes an exception with a message."""
    status = random.choice((302, 400, 401, 402, 404, 408, 409, 413, 422, 429, 500, 503, random.randint(0, 999)))
    body = mutations.mutate(random, random.choice(messages.ERRORS))
    error = error_responses.from_response(status, mutations.build_headers(random), body)
    _check_error(error)
    assert error.status_code == status
    delay = retry.RetryPolicy().delay(1, error, random.random())
    assert delay is None or 0 <= delay <= 60


def error_event(random: Random) -> None:
    """An error event of a stream becomes an exception as well."""
    body = mutations.mutate(random, random.choice(messages.ERRORS))
    stream = b"event: error\ndata: " + b" ".join(body.splitlines()) + b"\n\n"
    decoder = stream_decoders.ChoiceStreamDecoder(messages.EVENT_OPERATIONS[0], META, 1_000_000)
    try:
        list(decoder.feed(stream))
    except errors.PolarGridError as error:
        _check_error(error)
    else:
        assert decoder.done  # the mutated data was "[DONE]"


def _check_error(error: errors.PolarGridError) -> None:
    """An exception has a message, attributes of their types, and a text."""
    assert error.message
    for name in ("message", "code", "type", "param", "request_id"):
        value = getattr(error, name)
        assert value is None or isinstance(value, str), (name, value)
    assert error.retry_after is None or (error.retry_after >= 0 and math.isfinite(error.retry_after))
    assert str(error)


PROPERTIES: dict[str, Callable[[Random], None]] = {
    check.__name__: check
    for check in (event_stream, chunk_stream, compressed_body, response, error_response, error_event)
}
