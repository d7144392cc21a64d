"""`polargrid batch run --on ray`: the run is that of the command, and the requests are sent by workers of a cluster."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from polargrid.errors import PolarGridError
from polargrid_cli import exit_codes, failures

if TYPE_CHECKING:
    from polargrid_batch.sources import RowFormat


def execute_on_ray(
    source: str,
    target: Path,
    row_format: RowFormat,
    client_options: Mapping[str, Any],
    regions: Sequence[str],
    *,
    json_output: bool,
    **run_options: Any,
) -> int:
    """Run, print the summary, and return the exit status; Ctrl-C keeps what was written."""
    from polargrid_batch.ray_run import RayRun
    from polargrid_cli.batch_progress import ProgressPrinter
    from polargrid_cli.batch_run import exit_code_of, print_summary

    client = dict(client_options)
    if regions:
        client["regions"] = list(dict.fromkeys(regions))
    try:
        run = RayRun(source, target, row_format=row_format, client=client, regions=regions or None, **run_options)
    except ValueError as failure:  # a key as an option
        raise click.UsageError(str(failure)) from failure
    progress = ProgressPrinter()
    error: PolarGridError | OSError | KeyboardInterrupt | None = None
    try:
        with redirect_stdout(sys.stderr):  # what Ray has to say
            run.execute_on_ray(progress)
    except (PolarGridError, OSError, KeyboardInterrupt) as failure:
        if not run.summary.rows:  # nothing was sent
            raise
        error = failure
    finally:
        progress.finish()
    print_summary(run.summary, json_output=json_output)
    if isinstance(error, KeyboardInterrupt):
        return exit_codes.INTERRUPTED
    if error is not None:
        cause = error.__cause__
        status = exit_codes.exit_code_for(cause if isinstance(cause, Exception) else error)
        failures.report_end(error, as_json=json_output, exit_status=status)
        return status
    return exit_code_of(run.summary)
