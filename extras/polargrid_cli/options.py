"""Options that several commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, Concatenate, ParamSpec, TypeVar

import click

from polargrid_cli.completions import complete_model, complete_region

P = ParamSpec("P")
Command = TypeVar("Command", bound=Callable[..., Any])

SECONDS = click.FloatRange(0, min_open=True)
STEP_TIMEOUT = 5.0
_CLIENT_OPTIONS = ("api_key", "region", "base_url", "timeout", "max_retries")


def drop_none(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that are set; the API has the defaults of the others."""
    return {name: value for name, value in options.items() if value is not None}


def add_options(command: Command, *decorators: Callable[[Any], Any]) -> Command:
    """Add options to a command, in the order of its help page."""
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


def _note_json(context: click.Context, _parameter: click.Parameter, value: bool) -> bool:
    if value:
        from polargrid_cli.failures import request_json

        request_json(context)
    return value


def json_flag(text: str) -> Callable[[Command], Command]:
    """Add the option `--json`; with it, failures are JSON as well."""
    return click.option("--json", "json_output", is_flag=True, callback=_note_json, help=text)


api_key_option = click.option(
    "--api-key",
    metavar="KEY",
    allow_from_autoenv=False,
    help="Visible in the process list to other users of this machine; prefer POLARGRID_API_KEY.",
)
json_option = json_flag("Print the response as JSON.")
step_timeout_option = click.option(
    "--timeout", type=SECONDS, metavar="SECONDS", default=STEP_TIMEOUT, show_default=True, help="Timeout of each step."
)


def model_option(default: str, kind: str) -> Callable[[Command], Command]:
    """Add the option `--model`, for a model of a kind of the API."""
    return click.option(
        "-m",
        "--model",
        metavar="NAME",
        default=default,
        show_default=True,
        shell_complete=complete_model(kind),
        help="Model to use.",
    )


def endpoint_options(command: Command) -> Command:
    """Add the options that select an endpoint."""
    return add_options(
        command,
        click.option(
            "--region",
            metavar="NAME",
            allow_from_autoenv=False,
            shell_complete=complete_region,
            help="yvr, ymq, was, or local for `polargrid serve`.  [env: POLARGRID_REGION; default: the nearest]",
        ),
        click.option(
            "--base-url",
            metavar="URL",
            allow_from_autoenv=False,
            help="URL of your own server.  [env: POLARGRID_BASE_URL]",
        ),
    )


def pass_client_options(command: Callable[Concatenate[dict[str, Any], P], Any]) -> Callable[P, Any]:
    """Add the options of a client, and pass those that are set as the command's first argument."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> Any:
        client_options = {name: kwargs.pop(name) for name in _CLIENT_OPTIONS if name in kwargs}
        return command(drop_none(client_options), *args, **kwargs)

    return add_options(
        run,
        api_key_option,
        endpoint_options,
        click.option(
            "--timeout",
            type=SECONDS,
            metavar="SECONDS",
            help="Timeout to connect, and to receive each part of the response.",
        ),
        click.option(
            "--max-retries",
            type=click.IntRange(0),
            metavar="NUMBER",
            help="Retries after the first attempt; 0 disables them.  [default: 3]",
        ),
    )


def sampling_options(command: Command) -> Command:
    """Add the options of text generation."""
    return add_options(
        command,
        model_option("llama-3.1-8b", "chat"),
        click.option("--max-tokens", type=int, metavar="NUMBER", help="Maximum length of the response in tokens."),
        click.option("--temperature", type=float, metavar="NUMBER", help="Sampling temperature, 0 to 2."),
        click.option("--stop", multiple=True, metavar="TEXT", help="Stop sequence; repeatable."),
        click.option("--seed", type=int, metavar="NUMBER", help="Seed, for reproducible responses."),
        click.option("--no-stream", is_flag=True, help="Print the response when it is complete."),
        json_option,
    )
