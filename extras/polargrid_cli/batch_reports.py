"""What `polargrid batch check` and `polargrid batch status` print."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from polargrid_cli import output

if TYPE_CHECKING:
    from polargrid_batch.check import CheckReport
    from polargrid_batch.model_use import ModelUse
    from polargrid_batch.prices import Prices
    from polargrid_batch.status import OutputStatus

_SHOWN = 20
_MAX_EXAMPLE = 160


def print_report(source: str, report: CheckReport, seconds: float | None, prices: Prices | None) -> None:
    """Print what is wrong with the rows of an input, and estimates of a run."""
    from polargrid_batch.model_use import format_cost, format_count
    from polargrid_batch.progress import format_time

    for finding in report.findings[:_SHOWN]:
        output.print_line(f"{source}:{finding.line}: {' '.join(finding.message.split())}")
    if report.invalid > _SHOWN:
        output.print_line(f"... and {report.invalid - _SHOWN:,} more; --json lists {len(report.findings):,} of them")
    operations = ", ".join(f"{count:,} {name}" for name, count in report.operations.items())
    rows = format_count(report.rows, "row")
    output.print_line(f"{rows}, {report.invalid:,} invalid{f' ({operations})' if operations else ''}")
    if report.input_tokens:
        output.print_line(f"about {report.input_tokens:,} input tokens, {_describe_limit(report)}")
    if prices is not None and report.models:
        cost = report.estimate_cost(prices)
        unknown = [name for name in report.models if prices.find(name) is None]
        text = "" if cost is None else f"about {format_cost(cost)} if each response has all the tokens it may have"
        rest = f"no price of {', '.join(map(repr, unknown))}" if unknown else ""
        output.print_line("; ".join(filter(None, (text, rest))))
    if seconds is not None:
        output.print_line(f"at least {format_time(seconds)} with these limits")


def _describe_limit(report: CheckReport) -> str:
    from polargrid_batch.model_use import format_count

    limit = f"at most {report.max_output_tokens:,} output tokens"
    if not report.unlimited:
        return limit
    text = f"no max_tokens in {format_count(report.unlimited, 'row')}"
    return f"{limit}, and more: {text}" if report.max_output_tokens else f"any number of output tokens: {text}"


def print_status(result: OutputStatus, prices: Prices | None) -> None:
    """Print the counts of an output."""
    from polargrid_batch.model_use import compute_cost, format_cost

    rows = [("rows", f"{result.rows:,}"), ("succeeded", f"{result.succeeded:,}")]
    for kind, count in sorted(result.failures.items()):
        rows.append((f"failed: {kind}", f"{count:,}, the first is {_shorten(result.examples[kind])}"))
    rows += [("input tokens", f"{result.input_tokens:,}"), ("output tokens", f"{result.output_tokens:,}")]
    rows += _list_models(result.models) if len(result.models) > 1 else ()
    cost = compute_cost(result.models, prices) if prices is not None else None
    rows += [("cost", format_cost(cost))] if cost is not None else []
    rows += [("last line of the input", f"{result.last_line:,}")]
    rows += [("torn bytes at the end", f"{result.torn_bytes:,}")] if result.torn_bytes else []
    output.print_table(("", ""), rows)


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MAX_EXAMPLE else f"{line[: _MAX_EXAMPLE - 3]}..."


def _list_models(models: Mapping[str, ModelUse]) -> Iterable[tuple[str, str]]:
    from polargrid_batch.model_use import format_count

    for name, use in sorted(models.items()):
        yield name, f"{format_count(use.rows, 'row')}, {use.input_tokens:,} + {use.output_tokens:,} tokens"
