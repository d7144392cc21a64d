"""`polargrid contract`"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import click
import httpx
from rich.console import Console
from rich.status import Status

from polargrid_cli.exits import FAILED, INTERRUPTED, KEY, USAGE
from polargrid_contract import runner
from polargrid_contract.client import Kind, TargetServer
from polargrid_contract.redaction import redact
from polargrid_contract.report import as_json, html, junit, terminal
from polargrid_contract.report.text import escape_controls
from polargrid_contract.results import SUITES, Outcome, Profile, Report, Suite
from polargrid_contract.runner import KeyRejectedError, Plan, UnknownNameError, UnreachableError

# What `polargrid serve` takes on loopback; servers that want no key do not mind it.
LOCAL_KEY = "pg_local"
LOCAL_MODEL, LOCAL_TOKENS = "smollm2-135m", 48


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
    """The exit status: 0 passed, 6 failed, 2 wrong usage, 3 the key was rejected, 1 unreachable, 130 interrupted."""
    key = (api_key or LOCAL_KEY) if url else LOCAL_KEY
    try:
        _refuse_lost_files(junit_file, html_file)
        with _server(url) as address:
            named: dict[Kind, str] = {kind: name for kind, name in (models or {}).items() if name}
            target = TargetServer(address, _sendable(key), profile, named, read_only, timeout)
            suites = (suite,) if suite else SUITES
            report = _followed(Plan(target, suites, tuple(only), tuple(skip), max_examples, seed, time_budget))
    except (UnknownNameError, click.UsageError) as error:
        return _failed(USAGE, error, key)
    except KeyRejectedError as error:
        return _failed(KEY, f"{error}." if api_key or not url else f"{error}: name one by --api-key.", key)
    except UnreachableError as error:
        return _failed(FAILED, error, key)
    except KeyboardInterrupt:
        return _failed(INTERRUPTED, "interrupted", key)
    return _written(report, key, junit_file=junit_file, html_file=html_file, json_output=json_output)


@contextmanager
def _server(url: str | None) -> Iterator[str]:
    """The server at the URL; where none is given, a local edge."""
    if url is not None:
        yield _address(url)
        return
    from polargrid_edge.server import running
    from polargrid_edge.settings import EdgeSettings

    for name in ("python_multipart", "uvicorn.error"):  # they warn of each broken request that a check sends
        logging.getLogger(name).setLevel(logging.ERROR)
    with ExitStack() as stack:
        try:
            settings = EdgeSettings(port=0, chat_model=LOCAL_MODEL, max_output_tokens=LOCAL_TOKENS)
            edge = stack.enter_context(running(settings))
        except (OSError, RuntimeError, ValueError) as error:
            raise UnreachableError(f"The local edge did not start: {error}") from error
        yield edge.url


def _address(url: str) -> str:
    """The URL without a last slash and without `/v1`, with which all paths begin."""
    try:
        urlsplit(url)  # minds brackets, which httpx escapes
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise click.UsageError(f"{url!r} is no URL: {error}") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise click.UsageError(f"{url!r} is no URL of a server; one looks like http://127.0.0.1:55111")
    if parsed.userinfo or parsed.query or parsed.fragment:
        raise click.UsageError("The URL is scheme, host, port and path; a key is given by --api-key.")
    return str(parsed).rstrip("/").removesuffix("/v1").rstrip("/")


def _sendable(key: str) -> str:
    if not key.isascii() or not key.isprintable() or " " in key:
        raise click.UsageError("The key holds characters that no header can hold.")
    return key


def _refuse_lost_files(*files: Path | None) -> None:
    """A long run should not end with a report that has no place."""
    for file in files:
        if file is not None and not file.resolve().parent.is_dir():
            raise click.UsageError(f"There is no folder {file.parent} for {file.name}.")


def _followed(plan: Plan) -> Report:
    """The report, with the run told on stderr as it goes."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    status = Status("", console=console)

    def on_suite(suite: str) -> None:
        if console.is_terminal:
            status.update(suite)
        else:
            console.print(suite, markup=False)

    def on_outcome(outcome: Outcome) -> None:
        console.print(terminal.render_progress(outcome))

    if not console.is_terminal:
        return runner.run(plan, on_outcome=on_outcome, on_suite=on_suite)
    with status:
        return runner.run(plan, on_outcome=on_outcome, on_suite=on_suite)


def _written(report: Report, key: str, *, junit_file: Path | None, html_file: Path | None, json_output: bool) -> int:
    try:
        for file, kind in ((junit_file, junit), (html_file, html)):
            if file is not None:
                file.write_text(_last_pass(kind.render(report), key), encoding="utf-8")
    except OSError as error:
        click.echo(f"polargrid contract: {error.filename}: {error.strerror}", err=True)
        _print(report, key, json_output=json_output)
        return report.exit_status or FAILED
    _print(report, key, json_output=json_output)
    return report.exit_status


def _print(report: Report, key: str, *, json_output: bool) -> None:
    screen = Console()
    text = (
        as_json.render(report) if json_output else terminal.render(report, width=screen.width, color=screen.is_terminal)
    )
    click.echo(terminal.replace_unencodable(_last_pass(text, key), sys.stdout.encoding or "utf-8"), nl=False)


def _last_pass(text: str, key: str) -> str:
    """Nothing of the key is left in a report; this is for what nobody thought of. A word of prose is no secret."""
    return redact(text, key) if len(key) >= len(LOCAL_KEY) else text


def _failed(status: int, error: object, key: str) -> int:
    message = error.format_message() if isinstance(error, click.ClickException) else str(error)
    click.echo(f"polargrid contract: {escape_controls(redact(message, key))}", err=True)
    return status
