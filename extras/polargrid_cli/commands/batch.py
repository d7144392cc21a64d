"""`polargrid batch`"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from polargrid_cli import exit_codes, options, output

if TYPE_CHECKING:
    from polargrid_batch.check import CheckReport
    from polargrid_batch.sources import RowFormat
    from polargrid_batch.status import OutputStatus

_EXAMPLES = """\b
Examples:
  polargrid batch run in.jsonl -o out.jsonl
  polargrid batch run texts.csv -o out.jsonl --operation chat_completion -m llama-3.1-8b --prompt 'Translate: {text}'
  zcat rows.gz | polargrid batch run - -o out.jsonl --region yvr --region ymq
"""
_SHOWN = 20
_RATE = click.FloatRange(0, min_open=True)
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def batch() -> None:
    """Send the rows of a file, and lose none."""


def input_options(command: options.Command) -> options.Command:
    """Add the input and how its records become requests."""
    return options.add_options(
        command,
        click.argument("source", metavar="INPUT", type=click.Path(allow_dash=True, dir_okay=False)),
        click.option("--operation", metavar="NAME", help="Each record is a body of this operation: chat_completion."),
        click.option("--prompt", metavar="TEMPLATE", help="Text with columns in braces: 'Translate: {text}'."),
        click.option("-s", "--system", metavar="TEXT", help="System message of each prompt."),
        click.option("-m", "--model", metavar="NAME", help="Model of records without one."),
        click.option("--max-tokens", type=click.IntRange(1), metavar="NUMBER", help="Limit of records without one."),
    )


rate_options = (
    click.option("--max-rows-per-minute", type=_RATE, metavar="NUMBER", help="Limit of the whole run."),
    click.option("--max-tokens-per-minute", type=_RATE, metavar="NUMBER", help="Limit of the whole run."),
)
json_option = click.option("--json", "json_output", is_flag=True, help="Print the counts as JSON.")


@batch.command(epilog=_EXAMPLES)
@input_options
@click.option(
    "-o", "--output", "target", required=True, metavar="FILE", type=click.Path(dir_okay=False, path_type=Path)
)
@click.option(
    "--max-in-flight",
    type=click.IntRange(1),
    default=256,
    show_default=True,
    metavar="NUMBER",
    help="Most requests at the same time; the run finds how many the servers take.",
)
@rate_options[0]
@rate_options[1]
@click.option("--ordered", is_flag=True, help="Write results in the order of the input.")
@click.option("--retry-failed", is_flag=True, help="Ask the rows again that failed in earlier runs.")
@json_option
@options.api_key_option
@click.option(
    "--region",
    "regions",
    multiple=True,
    metavar="NAME",
    allow_from_autoenv=False,
    help="yvr, ymq, was or local; several share the rows.  [env: POLARGRID_REGION; default: the nearest]",
)
@click.option("--base-url", metavar="URL", allow_from_autoenv=False, help="URL of your own server.")
@click.option("--timeout", type=options.SECONDS, metavar="SECONDS", help="Timeout of each network operation.")
def run(
    *,
    source: str,
    target: Path,
    regions: tuple[str, ...],
    json_output: bool,
    operation: str | None,
    prompt: str | None,
    system: str | None,
    model: str | None,
    max_tokens: int | None,
    api_key: str | None,
    base_url: str | None,
    timeout: float | None,
    **run_options: Any,
) -> int:
    """Send each row of INPUT, and append its result to the output file.

    INPUT is a file of OpenAI's Batch lines, of plain bodies (--operation), or a table (.csv, .tsv, .parquet) with
    --prompt; it may end with .gz or .zst, and `-` is stdin. The same command continues a run that was interrupted or
    killed. Ctrl-C waits for the requests in flight, a second one does not. The exit status is 5 if rows failed.
    """
    import asyncio

    from polargrid_cli.batch_run import execute

    row_format = build_format(operation, prompt, system, model, max_tokens)
    client_options = options.drop_none({"api_key": api_key, "base_url": base_url, "timeout": timeout})
    return asyncio.run(
        execute(source, target, row_format, client_options, regions, json_output=json_output, **run_options)
    )


@batch.command()
@input_options
@rate_options[0]
@rate_options[1]
@json_option
def check(
    *,
    source: str,
    json_output: bool,
    operation: str | None,
    prompt: str | None,
    system: str | None,
    model: str | None,
    max_tokens: int | None,
    max_rows_per_minute: float | None,
    max_tokens_per_minute: float | None,
) -> int:
    """Check each row of INPUT without sending it, and estimate its tokens.

    The exit status is 1 if a row is invalid.
    """
    from polargrid_batch.check import check_file

    report = check_file(source, build_format(operation, prompt, system, model, max_tokens))
    seconds = report.least_seconds(max_rows_per_minute, max_tokens_per_minute)
    if json_output:
        output.print_json({**report.to_dict(), "least_seconds": seconds})
    else:
        _print_report(source, report, seconds)
    return exit_codes.FAILED if report.invalid else exit_codes.OK


@batch.command()
@click.argument("target", metavar="OUTPUT", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def status(*, target: Path, json_output: bool) -> None:
    """Count the results of an output file."""
    from polargrid_batch.status import read_status

    result = read_status(target)
    if json_output:
        output.print_json(result.to_dict())
    else:
        _print_status(result)


def build_format(
    operation: str | None, prompt: str | None, system: str | None, model: str | None, max_tokens: int | None
) -> RowFormat:
    """Return how records become requests."""
    from polargrid_batch.sources import RowFormat

    return RowFormat(operation, prompt, system, options.drop_none({"model": model, "max_tokens": max_tokens}))


def _print_report(source: str, report: CheckReport, seconds: float | None) -> None:
    from polargrid_batch.progress import format_time

    for finding in report.findings[:_SHOWN]:
        output.print_line(f"{source}:{finding.line}: {' '.join(finding.message.split())}")
    if report.invalid > _SHOWN:
        output.print_line(f"... and {report.invalid - _SHOWN:,} more; --json lists {len(report.findings):,} of them")
    operations = ", ".join(f"{count:,} {name}" for name, count in report.operations.items())
    output.print_line(f"{report.rows:,} rows, {report.invalid:,} invalid ({operations})")
    output.print_line(f"about {report.input_tokens:,} input tokens, at most {report.max_output_tokens:,} output tokens")
    if seconds is not None:
        output.print_line(f"at least {format_time(seconds)} with these limits")


def _print_status(result: OutputStatus) -> None:
    rows = [("rows", f"{result.rows:,}"), ("succeeded", f"{result.succeeded:,}")]
    rows += [(f"failed: {kind}", f"{count:,}") for kind, count in sorted(result.failures.items())]
    rows += [("input tokens", f"{result.input_tokens:,}"), ("output tokens", f"{result.output_tokens:,}")]
    rows += [("last line of the input", f"{result.last_line:,}")]
    rows += [("torn bytes at the end", f"{result.torn_bytes:,}")] if result.torn_bytes else []
    output.print_table(("", ""), rows)
