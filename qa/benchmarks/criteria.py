"""Bounds of what the SDK may cost, and whether the figures are within them; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

from qa.benchmarks.figures import FIGURES, Key, Rounds, format_value, median_of, ratio

DEFAULT: Final = "polargrid"
FAST: Final = "polargrid on fast"
#: The SDKs that the default must be ahead of in each of these figures.
PEERS: Final = ("openai", "groq", "ollama", "polargrid-sdk")
PEER_FIGURES: Final = ("chat_sync", "chat_async", "chat_64", "chunk_sync", "chunk_async", "import_client")
TRANSPORT: Final = "httpx.HTTPTransport"
_MIB: Final = 1 << 20


@dataclass(frozen=True)
class Criterion:
    """The bound of a figure, or of its ratio to the baselines combined."""

    title: str
    figure: str
    bound: float
    baselines: tuple[Key, ...] = ()
    combine: Callable[[Iterable[float]], float] = sum
    contender: str = DEFAULT

    def measure(self, rounds: Rounds) -> float | None:
        """The value to compare with the bound; None if it was not measured."""
        key = (self.contender, self.figure)
        return ratio(rounds, key, *self.baselines, combine=self.combine) if self.baselines else median_of(rounds, key)


@dataclass(frozen=True)
class Verdict:
    """A criterion, and its result."""

    criterion: str
    bound: str
    measured: str
    passed: bool | None  # None if it was not measured


def verdict_word(passed: bool | None) -> str:
    return "not measured" if passed is None else "passed" if passed else "failed"


def _ahead_of_peers() -> Iterator[Criterion]:
    """The default costs less than each peer: than the cheapest one in each round."""
    for figure in PEER_FIGURES:
        baselines = tuple((peer, figure) for peer in PEERS)
        yield Criterion(f"{FIGURES[figure].title}: to the cheapest peer", figure, 1.0, baselines, min)


def _compare(
    title: str, figures: tuple[str, ...], bound: float, baseline: str, *, contender: str = DEFAULT
) -> Iterator[Criterion]:
    """The same figures of another contender are the baseline."""
    for figure in figures:
        full_title = f"{FIGURES[figure].title}: {title}"
        yield Criterion(full_title, figure, bound, ((baseline, figure),), contender=contender)


def _typed_chunk() -> Iterator[Criterion]:
    """What the SDK adds to a chunk, beside the bytes of the transport and the typing."""
    for kind in ("sync", "async"):
        baselines = ((TRANSPORT, f"receive_{kind}"), (DEFAULT, "typing"))
        yield Criterion(f"a chunk, {kind}: to the bare transport and the typing", f"chunk_{kind}", 1.5, baselines)


def _sequential(figures: tuple[str, ...], bound: float) -> Iterator[Criterion]:
    for figure in figures:
        title = f"{FIGURES[figure].title}: to one after another"
        yield Criterion(title, figure, bound, ((DEFAULT, "chat_async"),))


_CHATS: Final = ("chat_sync", "chat_async")
_CHUNKS: Final = ("chunk_sync", "chunk_async")
_CONCURRENT: Final = ("chat_64", "chat_256")

CRITERIA: Final = (
    *_ahead_of_peers(),
    *_compare("to httpx's client", ("chat_64",), 0.5, "httpx"),
    *_typed_chunk(),
    *_sequential(_CONCURRENT, 1.3),
    *_compare("to import httpx", ("import",), 0.3, "httpx"),
    Criterion("import and a client: to import httpx", "import_client", 2.4, (("httpx", "import"),)),
    Criterion("another client", "construct", 1e-3),
    Criterion("upload of 300 MiB, memory, sync", "upload_300_sync", 8 * _MIB),
    Criterion("upload of 300 MiB, memory, async", "upload_300_async", 8 * _MIB),
    Criterion("speech of 64 MiB, memory, sync", "speech_64_sync", 1.3 * 64 * _MIB),
    Criterion("speech of 64 MiB, memory, async", "speech_64_async", 1.3 * 64 * _MIB),
    Criterion("time to the first chunk, share of the stream, sync", "share_sync", 0.02),
    *_compare("fast, to the floor", ("chat_async",), 3.5, "floor", contender=FAST),
    *_compare("fast, to the floor", ("chat_sync",), 4.5, "floor", contender=FAST),
    *_compare("fast, to openai", _CHATS, 0.1, "openai", contender=FAST),
    *_compare("fast, to openai with aiohttp", _CONCURRENT, 0.1, "openai with aiohttp", contender=FAST),
    *_compare("fast, to the floor", _CHUNKS, 2.2, "floor", contender=FAST),
    *_compare("fast, to openai", _CHUNKS, 0.08, "openai", contender=FAST),
    *_compare("fast, to the floor", ("paced_64",), 2.5, "floor", contender=FAST),
)


def check_criteria(rounds: Rounds) -> list[Verdict]:
    """Compare the figures with all bounds."""
    return [_check(criterion, criterion.measure(rounds)) for criterion in CRITERIA]


def verdicts_as_json(verdicts: list[Verdict]) -> list[dict[str, Any]]:
    return [asdict(verdict) for verdict in verdicts]


def _check(criterion: Criterion, value: float | None) -> Verdict:
    passed = None if value is None else value <= criterion.bound
    measured = "-" if value is None else _format(criterion, value)
    return Verdict(criterion.title, f"≤ {_format(criterion, criterion.bound)}", measured, passed)


def _format(criterion: Criterion, value: float) -> str:
    if criterion.baselines:
        return f"{value:.2f}x" if value >= 0.1 else f"{value:.3f}x"
    return format_value(value, FIGURES[criterion.figure], "s")
