"""The figures, and how they are computed and written; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final


@dataclass(frozen=True)
class Figure:
    """One measurement: its title, and its kind: cost, cpu, time, memory or share."""

    title: str
    kind: str = "cost"


# A cost is that of the client's process: instructions if the kernel counts them, else CPU seconds. A cpu is always CPU
# seconds, a time is wall-clock time, memory is in bytes.
FIGURES: Final = {
    "chat_sync": Figure("chat, sync"),
    "chat_async": Figure("chat, async"),
    "chat_64": Figure("chat, 64 at once"),
    "chat_256": Figure("chat, 256 at once"),
    "stream_50_sync": Figure("stream of 50 chunks, sync"),
    "stream_50_async": Figure("stream of 50 chunks, async"),
    "stream_2000_sync": Figure("stream of 2,000 chunks, sync"),
    "stream_2000_async": Figure("stream of 2,000 chunks, async"),
    "chunk_sync": Figure("a chunk, sync"),
    "chunk_async": Figure("a chunk, async"),
    "paced_64": Figure("a chunk of 64 paced streams"),
    "first_sync": Figure("time to the first chunk, sync", "time"),
    "first_async": Figure("time to the first chunk, async", "time"),
    "share_sync": Figure("time to the first chunk, share of the stream, sync", "share"),
    "share_async": Figure("time to the first chunk, share of the stream, async", "share"),
    "receive_sync": Figure("bytes of a chunk, sync"),
    "receive_async": Figure("bytes of a chunk, async"),
    "typing": Figure("typing of a chunk"),
    "speech_1_sync": Figure("speech of 1 MiB, sync"),
    "speech_1_async": Figure("speech of 1 MiB, async"),
    "upload_10_sync": Figure("upload of 10 MiB, sync"),
    "upload_10_async": Figure("upload of 10 MiB, async"),
    "import": Figure("import", "cpu"),
    "import_client": Figure("import and a client", "cpu"),
    "construct": Figure("another client", "cpu"),
    "upload_300_sync": Figure("upload of 300 MiB, memory, sync", "memory"),
    "upload_300_async": Figure("upload of 300 MiB, memory, async", "memory"),
    "speech_64_sync": Figure("speech of 64 MiB, memory, sync", "memory"),
    "speech_64_async": Figure("speech of 64 MiB, memory, async", "memory"),
    "calls_sync": Figure("20,000 chats, memory after them, sync", "memory"),
    "calls_async": Figure("20,000 chats, memory after them, async", "memory"),
}

Rounds = dict[str, dict[str, list[float]]]
"""By contender and figure: a value per round."""

Key = tuple[str, str]
"""A contender and a figure."""


def median_of(rounds: Rounds, key: Key) -> float | None:
    """The median of the rounds; None if it was not measured."""
    contender, figure = key
    values = rounds.get(contender, {}).get(figure)
    return median(values) if values else None


def ratio(rounds: Rounds, key: Key, *baselines: Key, combine: Callable[[Iterable[float]], float] = sum) -> float | None:
    """A figure divided by others combined: the median of the ratios of each round.

    A slow round slows both. None if a figure was not measured.
    """
    series = [rounds.get(contender, {}).get(figure, []) for contender, figure in (key, *baselines)]
    if not all(series):
        return None
    if len({len(values) for values in series}) > 1:
        series = [[median(values)] for values in series]
    numerators, *others = series
    denominators = [combine(values) for values in zip(*others, strict=True)]
    if min(denominators) <= 0:
        return None
    return median(upper / lower for upper, lower in zip(numerators, denominators, strict=True))


def spread(values: Sequence[float]) -> float:
    """The largest distance of a round from the median, as a share of it."""
    center = median(values)
    return max(abs(value - center) for value in values) / center if center > 0 else 0.0


def format_value(value: float, figure: Figure, unit: str) -> str:
    """A value with its unit."""
    if figure.kind == "memory":
        return f"{value / (1 << 20):.1f} MiB"
    if figure.kind == "share":
        return f"{value:.2%}"
    if figure.kind == "cost" and unit == "instructions":
        return f"{value / 1e3:,.0f} k"
    if value >= 0.1:
        return f"{value:.2f} s"
    return f"{value * 1e3:.1f} ms" if value >= 1e-3 else f"{value * 1e6:.1f} µs"
