"""`polargrid contract`"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from polargrid_cli import options
from polargrid_cli.contract_target import LOCAL_KEY, open_server, parse_model, validate_key
from polargrid_cli.exit_codes import AUTH, FAILED, INTERRUPTED, USAGE

if TYPE_CHECKING:
    from polargrid_contract.baseline import Baseline
    from polargrid_contract.kinds import Kind
    from polargrid_contract.report.output import Destinations
    from polargrid_contract.results import Outcome, Profile, Report, Suite
    from polargrid_contract.runner import Plan

_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command(short_help="Check a server against the API contract.")
@click.argument("url", required=False)
@click.option(
    "--api-key", metavar="KEY", envvar="POLARGRID_API_KEY", help="[env: POLARGRID_API_KEY; default: pg_local]"
)
@click.option(
    "--profile",
    type=click.Choice(["polargrid", "openai"]),
    default="polargrid",
    show_default=True,
    help="The whole contract, or the part that OpenAI-compatible servers share.",
)
@click.option("--read-only", is_flag=True, help="Send nothing that could change the server.")
@click.option("--only", multiple=True, metavar="NAME", help="Run only this check or operation; repeatable.")
@click.option("--skip", multiple=True, metavar="NAME", help="Skip this check or operation; repeatable.")
@click.option("--suite", type=click.Choice(["schema", "behaviour"]), help="Run one suite only.  [default: both]")
@click.option(
    "--max-examples",
    type=click.IntRange(1),
    metavar="NUMBER",
    default=20,
    show_default=True,
    help="Generated requests for each operation in the schema suite.",
)
@click.option("--seed", type=click.IntRange(0), metavar="NUMBER", help="Seed of the schema suite, to repeat a run.")
@click.option(
    "--time-budget",
    type=options.SECONDS,
    metavar="SECONDS",
    default=900.0,
    show_default=True,
    help="Seconds after which no check starts.",
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    metavar="NUMBER",
    default=4,
    show_default=True,
    help="Behaviour checks that run side by side.",
)
@click.option(
    "--timeout", type=options.SECONDS, metavar="SECONDS", default=60.0, show_default=True, help="Timeout of a response."
)
@click.option("--chat-model", metavar="MODEL", help="[default: the smallest that the server lists]")
@click.option("--speech-model", metavar="MODEL", help="Same for text to speech.")
@click.option("--transcription-model", metavar="MODEL", help="Same for speech to text.")
@click.option("--model", "other_models", multiple=True, metavar="KIND=NAME", help="Same for any kind, as embedding.")
@click.option(
    "--baseline", "baseline_file", type=_FILE, metavar="FILE", help="Accept the deviations in this JSON file."
)
@click.option("--write-baseline", type=_FILE, metavar="FILE", help="Write the deviations, for you to add the reasons.")
@click.option("--save", "folder", type=_FOLDER, metavar="DIR", help="Save the request and response of each violation.")
@click.option("--junit", "junit_file", type=_FILE, metavar="FILE", help="Write a JUnit XML report.")
@click.option("--html", "html_file", type=_FILE, metavar="FILE", help="Write an HTML report.")
@click.option("--json", "json_output", is_flag=True, help="Print the report as JSON.")
def contract(
    chat_model: str | None,
    speech_model: str | None,
    transcription_model: str | None,
    other_models: Sequence[str],
    **plan_options: Any,
) -> int:
    """Check the server at URL against the API contract; without URL, check the local edge.

    The exit status is 0 if all checks pass, 6 if a check fails, 3 if the server rejects the key, 1 if it cannot be
    reached or judged. What the baseline accepts fails no check.
    """
    models: dict[Any, str | None] = {
        "chat": chat_model,
        "text-to-speech": speech_model,
        "speech-to-text": transcription_model,
        **dict(map(parse_model, other_models)),
    }
    return run(models=models, **plan_options)


def run(
    url: str | None,
    *,
    api_key: str | None = None,
    profile: Profile = "polargrid",
    read_only: bool = False,
    only: Sequence[str] = (),
    skip: Sequence[str] = (),
    suite: Suite | None = None,
    max_examples: int = 20,
    seed: int | None = None,
    time_budget: float | None = None,
    timeout: float = 60.0,
    workers: int = 4,
    models: Mapping[Kind, str | None] | None = None,
    baseline_file: Path | None = None,
    write_baseline: Path | None = None,
    folder: Path | None = None,
    junit_file: Path | None = None,
    html_file: Path | None = None,
    json_output: bool = False,
) -> int:
    """Run the checks, write the reports and return the exit status."""
    from polargrid_contract.client import TargetServer
    from polargrid_contract.report.output import Destinations, OutputError, read_baseline
    from polargrid_contract.results import SUITES
    from polargrid_contract.runner import KeyRejectedError, Plan, UnknownNameError, UnreachableError

    key = (api_key or LOCAL_KEY) if url else LOCAL_KEY
    destinations = Destinations(junit_file, html_file, write_baseline, folder, json_output)
    try:
        destinations.check()
        baseline = read_baseline(baseline_file)
        with open_server(url) as base_url:
            model_names: dict[Kind, str] = {kind: name for kind, name in (models or {}).items() if name}
            target = TargetServer(base_url, validate_key(key), profile, model_names, read_only, timeout)
            suites = (suite,) if suite else SUITES
            plan = Plan(target, suites, tuple(only), tuple(skip), max_examples, seed, time_budget, workers)
            report = _run_plan(plan, baseline)
    except (UnknownNameError, OutputError, click.UsageError) as error:
        return _print_error(USAGE, error, key)
    except KeyRejectedError as error:
        return _print_error(AUTH, error if api_key or not url else f"{error}; pass a key with --api-key", key)
    except UnreachableError as error:
        return _print_error(FAILED, error, key)
    except KeyboardInterrupt:
        return _print_error(INTERRUPTED, "interrupted", key)
    return _write_reports(report, baseline, destinations, key, names=(*only, *skip))


def _run_plan(plan: Plan, baseline: Baseline | None) -> Report:
    """Run the checks and show the progress on stderr."""
    from rich.console import Console
    from rich.status import Status

    from polargrid_contract import runner
    from polargrid_contract.baseline import accept_violations
    from polargrid_contract.report import terminal

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    status = Status("", console=console)

    def on_suite(suite: str) -> None:
        if console.is_terminal:
            status.update(suite)
        else:
            console.print(suite, markup=False)

    def on_outcome(outcome: Outcome) -> None:
        if baseline is not None:
            outcome = accept_violations(outcome, baseline.accepted, datetime.now(UTC).date())
        console.print(terminal.render_progress(outcome))

    with status if console.is_terminal else ExitStack():
        return runner.run(plan, on_outcome=on_outcome, on_suite=on_suite)


def _write_reports(
    report: Report, baseline: Baseline | None, destinations: Destinations, key: str, *, names: Collection[str]
) -> int:
    """Write what the options say, and return the exit status. `names` are those of --only and --skip."""
    from polargrid_contract import saving
    from polargrid_contract.baseline_review import build_baseline
    from polargrid_contract.report import output

    has_all = not set(names) & set(report.operations)
    report = output.judge_by_baseline(report, baseline, has_all_operations=has_all)
    exit_code = report.exit_status
    try:
        if destinations.baseline is not None:
            text = build_baseline(report, baseline, has_all_operations=has_all)
            destinations.baseline.write_text(_redact(text, key), encoding="utf-8")
        if destinations.folder is not None:
            report, files = saving.plan_files(report, str(destinations.folder))
            saving.write_files(destinations.folder, files)
        output.write_files(report, destinations, lambda text: _redact(text, key))
    except OSError as error:
        click.echo(f"polargrid contract: {error.filename}: {error.strerror}", err=True)
        exit_code = exit_code or FAILED
    output.print_report(report, destinations, lambda text: _redact(text, key))
    return exit_code


def _redact(text: str, key: str) -> str:
    """Remove the key from a report once more; a key as short as an ordinary word is left."""
    from polargrid_contract.redaction import redact

    return redact(text, key) if len(key) >= len(LOCAL_KEY) else text


def _print_error(exit_code: int, error: object, key: str) -> int:
    from polargrid_contract.redaction import redact
    from polargrid_contract.report.text import escape_controls

    message = error.format_message() if isinstance(error, click.ClickException) else str(error)
    click.echo(f"polargrid contract: {escape_controls(redact(message, key))}", err=True)
    return exit_code
