"""`polargrid batch`"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from polargrid_cli import exit_codes, options, output
from polargrid_cli.batch_prices import build_prices, price_options
from polargrid_cli.completions import complete_model, complete_operation, complete_region

if TYPE_CHECKING:
    from polargrid_batch.sources import RowFormat

_EXAMPLES = """\b
Examples:
  polargrid batch run in.jsonl -o out.jsonl
  polargrid batch run texts.csv -o out.jsonl --operation chat_completion -m llama-3.1-8b --prompt 'Translate: {text}'
  zcat rows.gz | polargrid batch run - -o out.jsonl --region yvr --region ymq
"""
_RATE = click.FloatRange(0, min_open=True)


@click.group()
def batch() -> None:
    """Send the rows of a file as requests, each once."""


def input_options(command: options.Command) -> options.Command:
    """Add the input and how its records become requests."""
    return options.add_options(
        command,
        click.argument("source", metavar="INPUT", type=click.Path(allow_dash=True, dir_okay=False)),
        click.option(
            "--input-format",
            type=click.Choice(["jsonl", "csv", "tsv", "parquet"]),
            help="What INPUT is.  [default: by the ending of its name; stdin: jsonl]",
        ),
        click.option(
            "--operation",
            metavar="NAME",
            shell_complete=complete_operation,
            help="Each record is a body of this operation: chat_completion.",
        ),
        click.option("--prompt", metavar="TEMPLATE", help="Text with columns in braces: 'Translate: {text}'."),
        click.option("-s", "--system", metavar="TEXT", help="System message of each prompt."),
        click.option(
            *("-m", "--model"), metavar="NAME", shell_complete=complete_model(), help="Model of records without one."
        ),
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
    "-o",
    "--output",
    "target",
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="JSON lines, or a folder of Parquet files if it ends with .parquet.",
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
@click.option(
    "--on",
    "engine",
    type=click.Choice(["local", "ray"]),
    default="local",
    show_default=True,
    help="Where requests are sent from: this process, or the workers of a Ray cluster.",
)
@click.option("--address", metavar="ADDRESS", help="Ray cluster.  [default: RAY_ADDRESS, or one on this machine]")
@click.option("--workers", type=click.IntRange(1), metavar="NUMBER", help="Ray actors.  [default: one a machine]")
@click.option("--budget", type=_RATE, metavar="DOLLARS", help="What all runs of the output may cost, in US dollars.")
@price_options
@click.option("--ordered", is_flag=True, help="Write results in the order of the input.")
@click.option("--retry-failed", is_flag=True, help="Send the rows again that failed in earlier runs.")
@click.option(
    "--parquet-rows",
    "part_rows",
    type=click.IntRange(1),
    default=100_000,
    show_default=True,
    metavar="NUMBER",
    help="Most rows of a part, if the output ends with .parquet.",
)
@json_option
@options.api_key_option
@click.option(
    "--region",
    "regions",
    multiple=True,
    metavar="NAME",
    allow_from_autoenv=False,
    shell_complete=complete_region,
    help="yvr, ymq, was or local; several share the rows.  [env: POLARGRID_REGION; default: the nearest]",
)
@click.option(
    "--base-url", metavar="URL", allow_from_autoenv=False, help="URL of your own server.  [env: POLARGRID_BASE_URL]"
)
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
    input_format: str | None,
    price_input: float | None,
    price_output: float | None,
    price_file: Path | None,
    api_key: str | None,
    base_url: str | None,
    timeout: float | None,
    engine: str,
    address: str | None,
    workers: int | None,
    **run_options: Any,
) -> int:
    """Send each row of INPUT, and append its result to the output.

    INPUT is a file of OpenAI's Batch lines, of plain bodies (--operation), or a table (.csv, .tsv, .parquet) with
    --prompt; it may end with .gz or .zst, and `-` is stdin. The same command continues a run that was interrupted or
    killed. Ctrl-C waits for the requests in flight, a second one does not. The exit status is 5 if rows failed, or the
    budget is reached.
    """
    import asyncio

    from polargrid_cli.batch_run import execute

    row_format = build_format(operation, prompt, system, model, max_tokens, input_format=input_format)
    run_options["prices"] = build_prices(price_input, price_output, price_file)
    client_options = options.drop_none({"api_key": api_key, "base_url": base_url, "timeout": timeout})
    regions = () if base_url else regions  # as with every other command, a URL counts before a region
    if engine == "ray":
        from polargrid_cli.batch_ray import execute_on_ray

        run_options |= {"address": address, "workers": workers, "json_output": json_output}
        return execute_on_ray(source, target, row_format, client_options, regions, **run_options)
    if address is not None or workers is not None:
        raise click.UsageError("--address and --workers are for runs with --on ray")
    return asyncio.run(
        execute(source, target, row_format, client_options, regions, json_output=json_output, **run_options)
    )


@batch.command()
@input_options
@rate_options[0]
@rate_options[1]
@price_options
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
    input_format: str | None,
    max_rows_per_minute: float | None,
    max_tokens_per_minute: float | None,
    price_input: float | None,
    price_output: float | None,
    price_file: Path | None,
) -> int:
    """Check each row of INPUT without sending it.

    Estimate tokens, time and cost, too. The exit status is 1 if a row is invalid.
    """
    from polargrid_batch.check import check_file
    from polargrid_cli.batch_reports import print_report

    prices = build_prices(price_input, price_output, price_file)
    report = check_file(source, build_format(operation, prompt, system, model, max_tokens, input_format=input_format))
    seconds = report.least_seconds(max_rows_per_minute, max_tokens_per_minute)
    if json_output:
        cost = None if prices is None else report.estimate_cost(prices)
        output.print_json({**report.to_dict(), "least_seconds": seconds, "cost": cost})
    else:
        print_report(source, report, seconds, prices)
    return exit_codes.FAILED if report.invalid else exit_codes.OK


@batch.command()
@click.argument("target", metavar="OUTPUT", type=click.Path(exists=True, path_type=Path))
@price_options
@json_option
def status(
    *,
    target: Path,
    json_output: bool,
    price_input: float | None,
    price_output: float | None,
    price_file: Path | None,
) -> None:
    """Count the results of an output, also of a live run."""
    from polargrid_batch.status import read_status
    from polargrid_cli.batch_reports import print_status

    prices = build_prices(price_input, price_output, price_file)
    result = read_status(target)
    if json_output:
        output.print_json(result.to_dict(prices))
    else:
        print_status(result, prices)


@batch.command()
@click.argument("target", metavar="OUTPUT", type=click.Path(exists=True, path_type=Path))
@click.argument("folder", metavar="FOLDER", type=click.Path(file_okay=False, path_type=Path))
@json_option
def extract(*, target: Path, folder: Path, json_output: bool) -> None:
    """Write the sounds of an output into FOLDER.

    Each file, of any type that is not text, has the name of its row. A file that is there already is left as it is, so
    that the same command continues.
    """
    from polargrid_batch.extraction import extract_files
    from polargrid_batch.model_use import format_count

    counts = extract_files(target, folder)
    if json_output:
        output.print_json({"written": counts.written, "kept": counts.kept, "rows_without_file": counts.others})
    else:
        existing = f", {counts.kept:,} were there" if counts.kept else ""
        written, others = format_count(counts.written, "file"), format_count(counts.others, "row")
        output.print_line(f"{written} written{existing}; {others} without a file")


def build_format(
    operation: str | None,
    prompt: str | None,
    system: str | None,
    model: str | None,
    max_tokens: int | None,
    *,
    input_format: str | None = None,
) -> RowFormat:
    """Return how records become requests."""
    from polargrid_batch.sources import RowFormat

    fields = options.drop_none({"model": model, "max_tokens": max_tokens})
    return RowFormat(operation, prompt, system, fields, None if input_format is None else f".{input_format}")
