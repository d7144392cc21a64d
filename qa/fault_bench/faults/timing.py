"""Faults of time: late, in bursts, with a gap, and work that goes on without its client."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from qa.fault_bench.faults.seeded import CHAT, SPEECH, TEXT_OPERATIONS, fault
from qa.fault_bench.messages import Change, Chunk, Forward, Request, Response
from qa.fault_bench.network import Network

_GAP_SECONDS = 2.5  # longer than most of a text at the pace of the bench
_FAR = Network(1.0, 0.1)
ModifyTimes = Callable[[list[Chunk]], list[Chunk]]


def _change_times(modify: ModifyTimes, on: tuple[str, ...] = TEXT_OPERATIONS) -> Change:
    """Change when the chunks of a stream arrive, once all have arrived from the edge."""

    def apply(request: Request, forward: Forward) -> Response:
        response = forward(request)
        is_stream = response.is_success and bool(request.json.get("stream")) and request.operation in on
        return replace(response, chunks=tuple(modify(list(response.chunks)))) if is_stream else response

    return apply


def _buffer_first_half(chunks: list[Chunk]) -> list[Chunk]:
    middle = chunks[len(chunks) // 2][0] if chunks else 0.0
    return [(max(seconds, middle), data) for seconds, data in chunks]


def _send_in_bursts(chunks: list[Chunk]) -> list[Chunk]:
    if not chunks:
        return chunks
    middle, end = chunks[len(chunks) // 2][0], chunks[-1][0]
    return [(middle if seconds <= middle else end, data) for seconds, data in chunks]


def _buffer(chunks: list[Chunk]) -> list[Chunk]:
    return [(chunks[-1][0], data) for _, data in chunks]


def _pause_before(response: Response, position: int) -> Response:
    """Pause before a chunk of a stream."""

    def wait(chunks: Iterable[Chunk]) -> Iterator[Chunk]:
        for number, chunk in enumerate(chunks):
            if number == position:
                time.sleep(_GAP_SECONDS)
            yield chunk

    return response.with_live_chunks(wait) if response.is_stream else response


fault("G01", "timing", "The first half of a stream is buffered.", on=TEXT_OPERATIONS, timed=True)(
    _change_times(_buffer_first_half)
)
fault("G03", "timing", "A distant server buffers its streams.", on=TEXT_OPERATIONS, timed=True, network=_FAR)(
    _change_times(_buffer)
)
fault("G04", "timing", "A stream arrives in two bursts.", on=TEXT_OPERATIONS, timed=True)(
    _change_times(_send_in_bursts)
)
fault("G05", "timing", "The first half of streamed speech is buffered.", on=SPEECH, timed=True)(
    _change_times(_buffer_first_half, SPEECH)
)


@fault("G06", "timing", "A plain generation goes on after its client has left.", on=CHAT, timed=True)
def ignore_disconnect(request: Request, forward: Forward) -> Response:
    is_plain = request.operation in TEXT_OPERATIONS and not request.is_stream
    return forward(replace(request, detached=True) if is_plain else request)


@fault("G07", "timing", "The stream of a transcript is buffered.", on=("stream_transcription",), timed=True)
def buffer_transcript(request: Request, forward: Forward) -> Response:
    response = forward(request)
    return response.with_body(response.body) if request.operation == "stream_transcription" else response


@fault("G08", "timing", "The health waits until no response is generated.", on=("health",), timed=True)
def delay_health(request: Request, forward: Forward) -> Response:
    until = time.monotonic() + 4
    while request.operation == "health" and request.traffic.active(*TEXT_OPERATIONS) and time.monotonic() < until:
        time.sleep(0.01)
    return forward(request)


@fault("G02", "timing", "A stream has a gap of 2.5 s in its middle.", on=TEXT_OPERATIONS, timed=True)
def pause_in_middle(request: Request, forward: Forward) -> Response:
    return _pause_before(forward(request), 8)


@fault("G09", "timing", "The first text of a stream comes 2.5 s late.", on=TEXT_OPERATIONS, timed=True)
def delay_first_text(request: Request, forward: Forward) -> Response:
    return _pause_before(forward(request), 1)
