"""What the edge adds to its model: figures, bounds, and their tables; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any, Final

from qa.benchmarks.criteria import verdict_word
from qa.benchmarks.figures import spread

Json = dict[str, Any]
Round = Mapping[str, Mapping[str, float]]
"""The figures of a round by side; a round has all sides."""

MIN_RATE: Final = 0.9
MAX_DELAY: Final = 0.030

_ROWS: Final = {
    "model": "in process, one",
    "edge": "through the edge, one",
    "model_4": "in process, four at once",
    "edge_4": "through the edge, four at once",
}
_COLUMNS: Final[Mapping[str, tuple[str, Callable[[float], str]]]] = {
    "first": ("first token", lambda value: f"{value * 1e3:.0f} ms"),
    "rate": ("tokens/s after it", lambda value: f"{value:.1f}"),
    "total": ("tokens/s in all", lambda value: f"{value:.1f}"),
    "cpu": ("CPU per token", lambda value: f"{value * 1e3:.2f} ms"),
    "client_cpu": ("of the client", lambda value: f"{value * 1e3:.2f} ms"),
}


def compute_figures(result: Json) -> dict[str, float]:
    """The figures of a worker's result. `total` counts the tokens of all streams, from the request to the last end."""
    streams = result["streams"]
    tokens = sum(stream["tokens"] for stream in streams)
    return {
        "first": median(stream["first"] for stream in streams),
        "rate": median((stream["tokens"] - 1) / (stream["last"] - stream["first"]) for stream in streams),
        "total": tokens / result["seconds"],
        "cpu": result["cpu"] / tokens,
    }


def compute_edge_figures(result: Json, edge_cpu: float) -> dict[str, float]:
    """The figures of a client's result, and the CPU seconds of the edge during the job."""
    figures = compute_figures(result)
    tokens = sum(stream["tokens"] for stream in result["streams"])
    return figures | {"client_cpu": figures["cpu"], "cpu": edge_cpu / tokens}


def ratio(rounds: Sequence[Round], numerator: tuple[str, str], denominator: tuple[str, str]) -> float:
    """The median of the ratios of each round: a slow round slows both."""
    (upper_side, upper), (lower_side, lower) = numerator, denominator
    return median(figures[upper_side][upper] / figures[lower_side][lower] for figures in rounds)


def first_token_delay(rounds: Sequence[Round]) -> float:
    """The seconds between the model's first token and the edge's: the median of the rounds."""
    return median(figures["edge"]["first"] - figures["model"]["first"] for figures in rounds)


def check_criteria(rounds: Sequence[Round]) -> list[Json]:
    """Compare the figures with the bounds."""
    if not rounds:
        return [_build_verdict("rounds", "≥ 1", "0", passed=False)]
    rate, delay = ratio(rounds, ("edge", "rate"), ("model", "rate")), first_token_delay(rounds)
    return [
        _build_verdict("tokens/s through the edge, to in process", f"≥ {MIN_RATE}", f"{rate:.3f}", rate >= MIN_RATE),
        _build_verdict(
            "first token, after that in process", f"≤ {MAX_DELAY * 1e3:.0f} ms", _format_ms(delay), delay <= MAX_DELAY
        ),
    ]


def _build_verdict(criterion: str, bound: str, measured: str, passed: bool) -> Json:
    return {"criterion": criterion, "bound": bound, "measured": measured, "passed": passed}


def _format_ms(seconds: float) -> str:
    return f"{seconds * 1e3:.1f} ms"


# Tables: rows of cells; the first row has the titles.


def _build_figures_table(rounds: Sequence[Round]) -> list[list[str]]:
    rows = [["", *(title for title, _ in _COLUMNS.values())]]
    for side, title in _ROWS.items():
        rows.append([title, *(_format_cell([figures[side] for figures in rounds], name) for name in _COLUMNS)])
    return rows


def _format_cell(sides: Sequence[Mapping[str, float]], name: str) -> str:
    values = [figures[name] for figures in sides if name in figures]
    return f"{_COLUMNS[name][1](median(values))} ±{spread(values):.0%}" if values else "-"


def _build_criteria_table(results: Json) -> list[list[str]]:
    rows = [
        [verdict["criterion"], verdict["bound"], verdict["measured"], verdict_word(verdict["passed"])]
        for verdict in results["criteria"]
    ]
    return [["criterion", "bound", "measured", ""], *rows]


def _describe_run(results: Json) -> str:
    machine = results["machine"]
    return (
        f"{results['date']}, {machine['system']}, {machine['cores']} cores, Python {machine['python']}, "
        f"xllamacpp {machine['xllamacpp']}, {results['model']}, threads of the model: {results['threads']};\n"
        f"{results['max_tokens']} tokens per response; rounds: {len(results['rounds'])}, "
        f"with the same text from both: {results['same_texts']}"
    )


def _summarize(rounds: Sequence[Round]) -> str:
    """The figures beside the bounds, in two sentences."""
    through_edge = ratio(rounds, ("edge_4", "total"), ("edge", "total"))
    in_process = ratio(rounds, ("model_4", "total"), ("model", "total"))
    cpu = median(figures["edge"]["cpu"] - figures["model"]["cpu"] for figures in rounds)
    return (
        f"Four streams at once generate {through_edge:.2f} times the tokens per second of one through the edge, and\n"
        f"{in_process:.2f} times in process. A token takes {_format_ms(cpu)} more CPU time in the process of the edge\n"
        f"than in one with the model alone."
    )


def render_text(results: Json) -> str:
    """For a terminal."""
    parts = [_describe_run(results)]
    if results["rounds"]:
        parts += ["\n".join(_align(_build_figures_table(results["rounds"]))), _summarize(results["rounds"])]
    return "\n\n".join([*parts, "\n".join(" · ".join(row) for row in _build_criteria_table(results)[1:])])


def _align(table: list[list[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]


def _render_table(table: list[list[str]]) -> str:
    head, *rows = table
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *rows))


_PAGE: Final = """\
# The edge

Written by `make bench-edge ARGS=--write-docs`, from what `{command}` measured:

```text
{run}
```

The overhead of the local edge over the bare model. The same prompts go to the same backend with the same settings,
once in process and once streamed by `PolarGridSync` over loopback from an edge in another process. Both take turns,
one at a time, in an order that changes from round to round. No prompt is used twice, and neither side caches the
previous prompt. Figures are medians of the rounds, with the largest deviation; criteria are medians of the ratio or
difference of each round. The CPU time of a token includes the model.

{figures}

{summary}

{criteria}

Of four concurrent streams two are computed at a time; the time to the first token of the others includes their wait.
"""


def render_markdown(results: Json) -> str:
    """docs/bench-edge.md. Raises ValueError without a round."""
    if not results["rounds"]:
        raise ValueError("the results have no rounds; run the bench again")
    return _PAGE.format(
        command=results["command"],
        run=_describe_run(results),
        figures=_render_table(_build_figures_table(results["rounds"])),
        summary=_summarize(results["rounds"]),
        criteria=_render_table(_build_criteria_table(results)),
    )
