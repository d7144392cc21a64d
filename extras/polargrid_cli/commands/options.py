"""Options that several commands take."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

import click
from click.shell_completion import CompletionItem

P = ParamSpec("P")
Command = TypeVar("Command", bound=Callable[..., Any])

SECONDS = click.FloatRange(0, min_open=True)
_NAMES = ("api_key", "region", "base_url", "timeout", "max_retries")


def _region_names(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from polargrid.regions import POLARGRID_REGIONS, REGION_ALIASES

    names = (*POLARGRID_REGIONS, *REGION_ALIASES, "local")
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def key(command: Command) -> Command:
    """The option `--api-key`."""
    return click.option(
        "--api-key",
        metavar="KEY",
        allow_from_autoenv=False,
        help="Other users of this machine see it in the list of processes; POLARGRID_API_KEY is better.",
    )(command)


def timeout(command: Command) -> Command:
    """The option `--timeout`."""
    return click.option(
        "--timeout", type=SECONDS, metavar="SECONDS", help="How long to wait to connect, and for the next bytes."
    )(command)


def place(command: Command) -> Command:
    """The options that name an edge."""
    for option in (
        click.option(
            "--base-url",
            metavar="URL",
            allow_from_autoenv=False,
            help="An edge of your own.  [env: POLARGRID_BASE_URL]",
        ),
        click.option(
            "--region",
            metavar="NAME",
            allow_from_autoenv=False,
            shell_complete=_region_names,
            help="yvr, ymq, was, or local for `polargrid serve`.  [env: POLARGRID_REGION; default: the nearest]",
        ),
    ):
        command = option(command)
    return command


def connects(command: Callable[Concatenate[dict[str, Any], P], Any]) -> Callable[P, Any]:
    """A command that makes a client: its first argument is what the client is made with."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> Any:
        connection = {name: kwargs.pop(name) for name in _NAMES if name in kwargs}
        return command({name: value for name, value in connection.items() if value is not None}, *args, **kwargs)

    retries = click.option(
        "--max-retries",
        type=click.IntRange(0),
        metavar="NUMBER",
        help="Tries after the first; 0 is none.  [default: 3]",
    )
    return key(place(timeout(retries(run))))


def json_output(command: Command) -> Command:
    """The option `--json`."""
    return click.option("--json", "json_output", is_flag=True, help="The answer as JSON.")(command)


def model(default: str) -> Callable[[Command], Command]:
    """The option `--model`."""
    return click.option("-m", "--model", metavar="NAME", default=default, show_default=True, help="The model to ask.")
