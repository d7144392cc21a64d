"""What each figure is, and how it is written. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final


@dataclass(frozen=True)
class Figure:
    """One thing measured: its title, and its kind: cost, cpu, time, memory or share."""

    title: str
    kind: str = "cost"


# A cost is of the client's process: instructions where the kernel counts them, else CPU seconds. A cpu is CPU seconds
# in any case, a time is by the clock, memory is in bytes.
FIGURES: Final = {
    "chat_sync": Figure("chat, sync"),
    "chat_async": Figure("chat, async"),
    "chat_64": Figure("chat, 64 at once"),
    "chat_256": Figure("chat, 256 at once"),
    "stream_50_sync": Figure("stream of 50 chunks, sync"),
    "stream_50_async": Figure("stream of 50 chunks, async"),
    "stream_2000_sync": Figure("stream of 2,000 chunks, sync"),
    "stream_2000_async": Figure("stream of 2,000 chunks, async"),
    "chunk_sync": Figure("one chunk more, sync"),
    "chunk_async": Figure("one chunk more, async"),
    "paced_64": Figure("one chunk of 64 paced streams"),
    "first_sync": Figure("until the first chunk, sync", "time"),
    "first_async": Figure("until the first chunk, async", "time"),
    "share_sync": Figure("first chunk, of the stream's time, sync", "share"),
    "share_async": Figure("first chunk, of the stream's time, async", "share"),
    "speech_1_sync": Figure("speech of 1 MiB, sync"),
    "speech_1_async": Figure("speech of 1 MiB, async"),
    "upload_10_sync": Figure("upload of 10 MiB, sync"),
    "upload_10_async": Figure("upload of 10 MiB, async"),
    "import": Figure("import", "cpu"),
    "import_client": Figure("import, and a client", "cpu"),
    "construct": Figure("one client more", "cpu"),
    "upload_300_sync": Figure("upload of 300 MiB, memory, sync", "memory"),
    "upload_300_async": Figure("upload of 300 MiB, memory, async", "memory"),
    "speech_64_sync": Figure("speech of 64 MiB, memory, sync", "memory"),
    "speech_64_async": Figure("speech of 64 MiB, memory, async", "memory"),
    "calls_sync": Figure("20,000 chats, memory kept, sync", "memory"),
    "calls_async": Figure("20,000 chats, memory kept, async", "memory"),
}

Rounds = dict[str, dict[str, list[float]]]
"""By contender and figure: a value for each round."""


def middle(rounds: Rounds, contender: str, figure: str) -> float | None:
    """The median of the rounds; None where it was not measured."""
    values = rounds.get(contender, {}).get(figure)
    return median(values) if values else None


def ratio(rounds: Rounds, above: tuple[str, str], below: tuple[str, str]) -> float | None:
    """One figure over another: the median of the ratios of each round, since what disturbs a round disturbs both."""
    uppers, lowers = (rounds.get(who, {}).get(figure, []) for who, figure in (above, below))
    if not uppers or not lowers or min(lowers) <= 0:
        return None
    if len(uppers) != len(lowers):
        return median(uppers) / median(lowers)
    return median(upper / lower for upper, lower in zip(uppers, lowers, strict=True))


def spread(values: Sequence[float]) -> float:
    """How far the rounds lie from their median, at most, as a share of it."""
    center = median(values)
    return max(abs(value - center) for value in values) / center if center > 0 else 0.0


def written(value: float, figure: Figure, unit: str) -> str:
    """A value as people read it."""
    if figure.kind == "memory":
        return f"{value / (1 << 20):.1f} MiB"
    if figure.kind == "share":
        return f"{value:.2%}"
    if figure.kind == "cost" and unit == "instructions":
        return f"{value / 1e3:,.0f} k"
    if value >= 0.1:
        return f"{value:.2f} s"
    return f"{value * 1e3:.1f} ms" if value >= 1e-3 else f"{value * 1e6:.1f} µs"
