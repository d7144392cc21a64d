"""`polargrid contract`"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from polargrid_cli import options
from polargrid_cli.exit_codes import AUTH, FAILED, INTERRUPTED, USAGE

if TYPE_CHECKING:
    from polargrid_contract.kinds import Kind
    from polargrid_contract.results import Outcome, Profile, Report, Suite
    from polargrid_contract.runner import Plan

LOCAL_KEY = "pg_local"  # `polargrid serve` accepts it on loopback; servers without authentication ignore it
LOCAL_MODEL, LOCAL_TOKENS = "smollm2-135m", 48
_FILE = click.Path(dir_okay=False, path_type=Path)


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
    default=20,
    show_default=True,
    help="Generated requests for each operation in the schema suite.",
)
@click.option("--seed", type=click.IntRange(0), help="Seed of the schema suite, to repeat a run.")
@click.option(
    "--time-budget",
    type=options.SECONDS,
    default=900.0,
    show_default=True,
    help="Seconds after which no check starts.",
)
@click.option("--timeout", type=options.SECONDS, default=60.0, show_default=True, help="Seconds for each response.")
@click.option("--chat-model", metavar="MODEL", help="[default: the smallest that the server lists]")
@click.option("--speech-model", metavar="MODEL", help="Same for text to speech.")
@click.option("--transcription-model", metavar="MODEL", help="Same for speech to text.")
@click.option("--model", "other_models", multiple=True, metavar="KIND=NAME", help="Same for any kind, as embedding.")
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
    reached.
    """
    models: dict[Any, str | None] = {
        "chat": chat_model,
        "text-to-speech": speech_model,
        "speech-to-text": transcription_model,
        **dict(map(_parse_model, other_models)),
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
    models: Mapping[Kind, str | None] | None = None,
    junit_file: Path | None = None,
    html_file: Path | None = None,
    json_output: bool = False,
) -> int:
    """Run the checks, write the reports and return the exit status."""
    from polargrid_contract.client import TargetServer
    from polargrid_contract.results import SUITES
    from polargrid_contract.runner import KeyRejectedError, Plan, UnknownNameError, UnreachableError

    key = (api_key or LOCAL_KEY) if url else LOCAL_KEY
    try:
        _check_folders(junit_file, html_file)
        with _open_server(url) as base_url:
            model_names: dict[Kind, str] = {kind: name for kind, name in (models or {}).items() if name}
            target = TargetServer(base_url, _validate_key(key), profile, model_names, read_only, timeout)
            suites = (suite,) if suite else SUITES
            report = _run_plan(Plan(target, suites, tuple(only), tuple(skip), max_examples, seed, time_budget))
    except (UnknownNameError, click.UsageError) as error:
        return _print_error(USAGE, error, key)
    except KeyRejectedError as error:
        return _print_error(AUTH, error if api_key or not url else f"{error}; pass a key with --api-key", key)
    except UnreachableError as error:
        return _print_error(FAILED, error, key)
    except KeyboardInterrupt:
        return _print_error(INTERRUPTED, "interrupted", key)
    return _write_reports(report, key, junit_file=junit_file, html_file=html_file, json_output=json_output)


@contextmanager
def _open_server(url: str | None) -> Iterator[str]:
    """Yield the base URL of the server; without URL, start a local edge."""
    if url is not None:
        yield _parse_url(url)
        return
    import logging

    from polargrid_contract.runner import UnreachableError
    from polargrid_edge.server import run_in_thread
    from polargrid_edge.settings import EdgeSettings

    for name in ("python_multipart", "uvicorn.error"):  # they warn of every malformed request that a check sends
        logging.getLogger(name).setLevel(logging.ERROR)
    with ExitStack() as stack:
        try:
            settings = EdgeSettings(port=0, chat_model=LOCAL_MODEL, max_output_tokens=LOCAL_TOKENS)
            edge = stack.enter_context(run_in_thread(settings))
        except (OSError, RuntimeError, ValueError) as error:
            raise UnreachableError(f"cannot start the local edge: {error}") from error
        yield edge.url


def _parse_model(text: str) -> tuple[str, str]:
    """Return the kind and the name in `KIND=NAME`; a kind is one that `x-model` of an operation names."""
    from polargrid_contract.document import load_document
    from polargrid_contract.operations import read_operations

    kind, _, name = text.partition("=")
    uses = (operation.model for operation in read_operations(load_document()).values())
    kinds = sorted({use.kind for use in uses if use and use.kind})
    if kind not in kinds or not name:
        raise click.UsageError(f"invalid model {text!r}; expected KIND=NAME with a kind of: {', '.join(kinds)}")
    return kind, name


def _parse_url(url: str) -> str:
    """Return the URL without trailing slash and without `/v1`, the prefix of every path."""
    import httpx

    try:
        urlsplit(url)  # rejects unbalanced brackets, which httpx escapes
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise click.UsageError(f"invalid URL {url!r}: {error}") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise click.UsageError(f"invalid server URL {url!r}; expected one like http://127.0.0.1:55111")
    if parsed.userinfo or parsed.query or parsed.fragment:
        raise click.UsageError("the URL may have scheme, host, port and path only; pass a key with --api-key")
    return str(parsed).rstrip("/").removesuffix("/v1").rstrip("/")


def _validate_key(key: str) -> str:
    if not key.isascii() or not key.isprintable() or " " in key:
        raise click.UsageError("the API key contains characters that are not allowed in a header")
    return key


def _check_folders(*files: Path | None) -> None:
    """Reject a report file that cannot be written, before a long run."""
    for file in files:
        if file is not None and not file.resolve().parent.is_dir():
            raise click.UsageError(f"no folder {file.parent} for {file.name}")


def _run_plan(plan: Plan) -> Report:
    """Run the checks and show the progress on stderr."""
    from rich.console import Console
    from rich.status import Status

    from polargrid_contract import runner
    from polargrid_contract.report import terminal

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    status = Status("", console=console)

    def on_suite(suite: str) -> None:
        if console.is_terminal:
            status.update(suite)
        else:
            console.print(suite, markup=False)

    def on_outcome(outcome: Outcome) -> None:
        console.print(terminal.render_progress(outcome))

    with status if console.is_terminal else ExitStack():
        return runner.run(plan, on_outcome=on_outcome, on_suite=on_suite)


def _write_reports(
    report: Report, key: str, *, junit_file: Path | None, html_file: Path | None, json_output: bool
) -> int:
    from polargrid_contract.report import html, junit

    exit_code = report.exit_status
    try:
        for file, kind in ((junit_file, junit), (html_file, html)):
            if file is not None:
                file.write_text(_redact(kind.render(report), key), encoding="utf-8")
    except OSError as error:
        click.echo(f"polargrid contract: {error.filename}: {error.strerror}", err=True)
        exit_code = exit_code or FAILED
    _print_report(report, key, json_output=json_output)
    return exit_code


def _print_report(report: Report, key: str, *, json_output: bool) -> None:
    from rich.console import Console

    from polargrid_contract.report import as_json, terminal

    console = Console()
    if json_output:
        text = as_json.render(report)
    else:
        text = terminal.render(report, width=console.width, color=console.is_terminal)
    click.echo(terminal.replace_unencodable(_redact(text, key), sys.stdout.encoding or "utf-8"), nl=False)


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
