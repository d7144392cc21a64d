"""What came of a run, in numbers that add up: rows = done before + succeeded + failed + left."""

from __future__ import annotations

from collections import Counter
from typing import Any

import attrs

from polargrid_batch.model_use import (
    ModelUse,
    compute_cost,
    describe_models,
    format_cost,
    format_count,
    format_models,
    round_cost,
)
from polargrid_batch.prices import Prices
from polargrid_batch.results import Result


@attrs.define
class Summary:
    """Counts of a run. Requests are attempts that were made, whatever came of them."""

    done_before: int = 0
    """Rows that the output had when the run started."""
    failed_before: int = 0
    """Those of them that failed; `retry_failed` asks them again."""
    succeeded: int = 0
    failures: Counter[str] = attrs.field(factory=Counter)
    """Rows that failed in this run, by class."""
    left: int = 0
    """Rows that were read and have no result, because the run ended before: it continues with them."""
    is_complete: bool = False
    """Whether the whole input was read, and no row is left."""
    requests: int = 0
    retries: int = 0
    """Requests after the first of a row."""
    refusals: int = 0
    """Requests that a server refused (429, 503)."""
    input_tokens: int = 0
    output_tokens: int = 0
    models: dict[str, ModelUse] = attrs.field(factory=dict)
    """What the rows that succeeded in this run used, by model."""
    models_before: dict[str, ModelUse] = attrs.field(factory=dict)
    """The same of the rows that the output had, if there is a budget."""
    prices: Prices = attrs.field(factory=Prices)
    seconds: float = 0.0

    @property
    def failed(self) -> int:
        """Rows that failed in this run."""
        return self.failures.total()

    @property
    def rows(self) -> int:
        """Rows of the input that were read."""
        return self.done_before + self.succeeded + self.failed + self.left

    def add(self, result: Result) -> None:
        """Count a result."""
        if result.failure is None:
            self.succeeded += 1
        else:
            self.failures[result.failure.kind] += 1
        self.input_tokens += result.input_tokens
        self.output_tokens += result.output_tokens
        if result.failure is None and result.model is not None:
            self.models.setdefault(result.model, ModelUse()).add(result.input_tokens, result.output_tokens)

    def take_back(self, result: Result) -> None:
        """Count a result as left that was counted, and could not be written."""
        if result.failure is None:
            self.succeeded -= 1
        else:
            self.failures[result.failure.kind] -= 1
            self.failures += Counter()  # without zeros
        self.input_tokens -= result.input_tokens
        self.output_tokens -= result.output_tokens
        if result.failure is None and result.model is not None:
            self.models[result.model].add(-result.input_tokens, -result.output_tokens, -1)
            if not self.models[result.model].rows:
                del self.models[result.model]
        self.left += 1
        self.is_complete = False

    @property
    def cost(self) -> float | None:
        """What the run cost in US dollars, by the models whose prices are known; None if none is."""
        return compute_cost(self.models, self.prices)

    @property
    def cost_before(self) -> float | None:
        """What the rows cost that the output had, if there is a budget."""
        return compute_cost(self.models_before, self.prices)

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as JSON."""
        values = attrs.asdict(self, recurse=False)
        del values["prices"], values["models_before"]
        values |= {"failures": dict(sorted(self.failures.items())), "seconds": round(self.seconds, 3)}
        values |= {"models": describe_models(self.models, self.prices), "cost": round_cost(self.cost)}
        values |= {"cost_before": round_cost(self.cost_before)}
        return {"rows": self.rows, **values, "failed": self.failed}


def format_summary(summary: Summary) -> str:
    """Return the summary as lines of text."""
    counts = [("row" if summary.rows == 1 else "rows", summary.rows)]
    counts += [(name, count) for name, count in _parts(summary) if count]
    width = max(len(f"{count:,}") for _, count in counts)
    lines = [f"{count:>{width},} {name}" for name, count in counts]
    rate = f", {_format_rate(summary.succeeded / summary.seconds)}" if summary.seconds and summary.succeeded else ""
    lines.append(
        f"{format_count(summary.requests, 'request')} ({summary.retries:,} retries, {summary.refusals:,} refused), "
        f"{summary.input_tokens:,} + {summary.output_tokens:,} tokens, {summary.seconds:,.1f} s{rate}"
    )
    if summary.prices.models or summary.prices.default:
        lines += format_models(summary.models, summary.prices)
        lines += [f"{format_cost(summary.cost or 0)} in this run"] if summary.models else []
        lines += [f"{format_cost(summary.cost_before)} in earlier runs"] if summary.cost_before else []
    if not summary.is_complete:
        lines.append("not complete: the same command continues")
    elif summary.failed or summary.failed_before:
        lines.append("--retry-failed sends the rows again that failed")
    return "\n".join(lines)


def _format_rate(rate: float) -> str:
    return f"{rate:,.0f} rows/s" if rate >= 10 else f"{rate:.2g} rows/s"


def _parts(summary: Summary) -> list[tuple[str, int]]:
    failures = [(f"failed: {kind}", count) for kind, count in sorted(summary.failures.items())]
    before = f"done before ({summary.failed_before:,} failed)" if summary.failed_before else "done before"
    unfinished = ("read, and without a result", summary.left)
    return [(before, summary.done_before), ("succeeded", summary.succeeded), *failures, unfinished]
