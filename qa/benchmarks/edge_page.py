"""What the edge adds to its model: figures, criteria, and how they are told. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any, Final

from qa.benchmarks.criteria import verdict_word
from qa.benchmarks.figures import spread

Json = dict[str, Any]
Round = Mapping[str, Mapping[str, float]]
"""By who was asked and figure; a round has all of them."""

LEAST_RATE: Final = 0.9
MOST_LATER: Final = 0.030

_ROWS: Final = {
    "model": "in process, one",
    "edge": "through the edge, one",
    "model_4": "in process, four at once",
    "edge_4": "through the edge, four at once",
}
_COLUMNS: Final[Mapping[str, tuple[str, Callable[[float], str]]]] = {
    "first": ("first token", lambda value: f"{value * 1e3:.0f} ms"),
    "rate": ("tokens/s after it", lambda value: f"{value:.1f}"),
    "total": ("tokens/s, all told", lambda value: f"{value:.1f}"),
    "cpu": ("CPU a token", lambda value: f"{value * 1e3:.2f} ms"),
    "client_cpu": ("of the client", lambda value: f"{value * 1e3:.2f} ms"),
}


def figures(said: Json) -> dict[str, float]:
    """Of what a worker measured. `total` counts all tokens of all streams, from the asking to the last end."""
    streams = said["streams"]
    tokens = sum(one["tokens"] for one in streams)
    return {
        "first": median(one["first"] for one in streams),
        "rate": median((one["tokens"] - 1) / (one["last"] - one["first"]) for one in streams),
        "total": tokens / said["seconds"],
        "cpu": said["cpu"] / tokens,
    }


def through_the_edge(said: Json, cpu: float) -> dict[str, float]:
    """Of what a client measured, and the CPU seconds that the edge spent meanwhile."""
    found = figures(said)
    return found | {"client_cpu": found["cpu"], "cpu": cpu / sum(one["tokens"] for one in said["streams"])}


def share(rounds: Sequence[Round], above: tuple[str, str], below: tuple[str, str]) -> float:
    """The median of the ratios of each round, since what disturbs a round disturbs both."""
    return median(one[above[0]][above[1]] / one[below[0]][below[1]] for one in rounds)


def later(rounds: Sequence[Round]) -> float:
    """By how many seconds the edge's first token comes after the model's: the median of the rounds."""
    return median(one["edge"]["first"] - one["model"]["first"] for one in rounds)


def criteria(rounds: Sequence[Round]) -> list[Json]:
    """What was promised, and whether it holds."""
    if not rounds:
        return [_verdict("a round", "1", "0", kept=False)]
    rate, late = share(rounds, ("edge", "rate"), ("model", "rate")), later(rounds)
    return [
        _verdict(
            "tokens a second through the edge, of in process", f"≥ {LEAST_RATE}", f"{rate:.3f}", rate >= LEAST_RATE
        ),
        _verdict("first token, later than in process", f"≤ {MOST_LATER * 1e3:.0f} ms", _ms(late), late <= MOST_LATER),
    ]


def _verdict(says: str, bound: str, measured: str, kept: bool) -> Json:
    return {"criterion": says, "bound": bound, "measured": measured, "kept": kept}


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.1f} ms"


# Tables: rows of cells, the first row their titles.


def _figures_table(rounds: Sequence[Round]) -> list[list[str]]:
    rows = [["", *(title for title, _ in _COLUMNS.values())]]
    for who, title in _ROWS.items():
        rows.append([title, *(_cell([one[who] for one in rounds], name) for name in _COLUMNS)])
    return rows


def _cell(found: Sequence[Mapping[str, float]], name: str) -> str:
    values = [one[name] for one in found if name in one]
    return f"{_COLUMNS[name][1](median(values))} ±{spread(values):.0%}" if values else "-"


def _criteria_table(told: Json) -> list[list[str]]:
    rows = [[one["criterion"], one["bound"], one["measured"], verdict_word(one["kept"])] for one in told["criteria"]]
    return [["criterion", "bound", "measured", ""], *rows]


def _measured_by(told: Json) -> str:
    machine = told["machine"]
    return (
        f"{told['date']}, {machine['system']}, {machine['cores']} cores, Python {machine['python']}, "
        f"xllamacpp {machine['xllamacpp']}, {told['model']}, threads of the model: {told['threads']};\n"
        f"{told['max_tokens']} tokens an answer; rounds: {len(told['rounds'])}, "
        f"with the same answer of both: {told['alike']}"
    )


def _in_words(rounds: Sequence[Round]) -> str:
    """What the figures say beside the criteria."""
    four = share(rounds, ("edge_4", "total"), ("edge", "total"))
    alone = share(rounds, ("model_4", "total"), ("model", "total"))
    more = median(one["edge"]["cpu"] - one["model"]["cpu"] for one in rounds)
    return (
        f"Four streams at once make {four:.2f} times the tokens a second of one through the edge, and {alone:.2f} "
        f"times in process.\nA token takes {_ms(more)} more CPU of the edge's process than of one with the model alone."
    )


def text(told: Json) -> str:
    """For a terminal."""
    parts = [_measured_by(told)]
    if told["rounds"]:
        parts += ["\n".join(_aligned(_figures_table(told["rounds"]))), _in_words(told["rounds"])]
    return "\n\n".join([*parts, "\n".join(" · ".join(row) for row in _criteria_table(told)[1:])])


def _aligned(table: list[list[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]


def _markdown(table: list[list[str]]) -> str:
    head, *rows = table
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *rows))


_SECTION: Final = """\
{heading} The edge

Written by `make bench-edge ARGS=--write-docs`, from what `{command}` measured:

```text
{measured_by}
```

The local edge beside the model that it serves. The same prompts go to the same backend with the same settings, once
called in process and once streamed by `PolarGridSync` from an edge in a process of its own, over loopback. They take
turns, one works at a time, and who begins changes from round to round. No side is asked a prompt twice, and neither
keeps anything of the prompt before. Figures are medians of the rounds, with how far the farthest lies from them; the
criteria are medians of each round's ratio or difference. The CPU of a token includes the model's.

{figures}

{in_words}

{criteria}

Of four streams at once two are computed at a time, and the others wait: that is in their time to the first token.
"""


def section(told: Json, heading: str = "##") -> str:
    """A part of docs/benchmarks.md, or with another heading a page. Raises ValueError without a round."""
    if not told["rounds"]:
        raise ValueError("there is no round to tell of")
    return _SECTION.format(
        heading=heading,
        command=told["command"],
        measured_by=_measured_by(told),
        figures=_markdown(_figures_table(told["rounds"])),
        in_words=_in_words(told["rounds"]),
        criteria=_markdown(_criteria_table(told)),
    )
