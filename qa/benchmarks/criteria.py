"""What was promised of the SDK's cost, and whether it holds. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

from qa.benchmarks.figures import FIGURES, Rounds, middle, ratio, written

US: Final = "polargrid"
_MIB: Final = 1 << 20


@dataclass(frozen=True)
class Criterion:
    """At most `bound`: of a figure itself, or of its ratio over another contender's, or over another figure."""

    says: str
    figure: str
    bound: float
    than: str | None = None
    over: str | None = None
    who: str = US

    def measured(self, rounds: Rounds) -> float | None:
        if self.than is None and self.over is None:
            return middle(rounds, self.who, self.figure)
        return ratio(rounds, (self.who, self.figure), (self.than or self.who, self.over or self.figure))


@dataclass(frozen=True)
class Verdict:
    """A criterion, and what came of it."""

    criterion: str
    bound: str
    measured: str
    kept: bool | None  # None: it was not measured


def verdict_word(kept: bool | None) -> str:
    return "not measured" if kept is None else "kept" if kept else "not kept"


def _both(says: str, stem: str, bound: float, **more: Any) -> Iterator[Criterion]:
    """The same for both clients."""
    for kind in ("sync", "async"):
        yield Criterion(f"{says}, {kind}", f"{stem}_{kind}", bound, **more)


CRITERIA: Final = (
    Criterion("chat, async, over the floor", "chat_async", 3.5, than="floor"),
    Criterion("chat, sync, over the floor", "chat_sync", 4.5, than="floor"),
    *_both("chat, over openai", "chat", 0.1, than="openai"),
    *_both("chat on httpx's transports, over openai", "chat", 0.4, than="openai", who="polargrid on httpx"),
    Criterion("chat, 64 at once, over one after another", "chat_64", 1.3, over="chat_async"),
    Criterion("chat, 256 at once, over one after another", "chat_256", 1.3, over="chat_async"),
    Criterion("chat, 64 at once, over openai with aiohttp", "chat_64", 0.1, than="openai with aiohttp"),
    Criterion("chat, 256 at once, over openai with aiohttp", "chat_256", 0.1, than="openai with aiohttp"),
    *_both("a typed chunk, over the floor", "chunk", 2.2, than="floor"),
    *_both("a typed chunk, over openai", "chunk", 0.08, than="openai"),
    Criterion("a chunk of 64 paced streams, over the floor", "paced_64", 2.5, than="floor"),
    Criterion("import, over import httpx", "import", 0.3, than="httpx"),
    Criterion("import and a client, over import httpx", "import_client", 2.4, than="httpx", over="import"),
    Criterion("one client more", "construct", 1e-3),
    *_both("upload of 300 MiB, memory", "upload_300", 8 * _MIB),
    *_both("speech of 64 MiB, memory", "speech_64", 1.3 * 64 * _MIB),
    Criterion("first chunk of a stream, of its time, sync", "share_sync", 0.02),
)


def verdicts(rounds: Rounds) -> list[Verdict]:
    """What holds, of what was promised."""
    return [_verdict(criterion, criterion.measured(rounds)) for criterion in CRITERIA]


def as_json(found: list[Verdict]) -> list[dict[str, Any]]:
    return [asdict(verdict) for verdict in found]


def _verdict(criterion: Criterion, value: float | None) -> Verdict:
    kept = None if value is None else value <= criterion.bound
    measured = "-" if value is None else _told(criterion, value)
    return Verdict(criterion.says, f"≤ {_told(criterion, criterion.bound)}", measured, kept)


def _told(criterion: Criterion, value: float) -> str:
    if criterion.than or criterion.over:
        return f"{value:.2f}x" if value >= 0.1 else f"{value:.3f}x"
    return written(value, FIGURES[criterion.figure], "s")
