"""serve, pull, contract: what runs on this machine"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec

import click

from polargrid_cli.commands import options

P = ParamSpec("P")


def _needs(extra: str) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """A command that says what to install where the packages of its extra are missing."""

    def decorate(command: Callable[P, Any]) -> Callable[P, Any]:
        @functools.wraps(command)
        def run(*args: P.args, **kwargs: P.kwargs) -> Any:
            try:
                return command(*args, **kwargs)
            except ModuleNotFoundError as error:
                if error.name is None or error.name.startswith("polargrid"):
                    raise
                raise click.ClickException(f"{error.name} is missing: pip install 'polargrid[{extra}]'") from error

        return run

    return decorate


@click.command(short_help="Serve the local edge on this machine.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=55111, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option(
    "--key",
    "keys",
    multiple=True,
    metavar="KEY",
    help="A key that is let in; may be given more than once. [env: POLARGRID_EDGE_KEYS; default on loopback: pg_local]",
)
@click.option("--chat-model", default="qwen2.5-coder-0.5b", show_default=True, help="What answers for llama-3.1-8b.")
@click.option("--threads", type=click.IntRange(1), help="Threads of a text model. [default: cores - 1]")
@click.option("--max-output-tokens", type=click.IntRange(1), help="Cut longer answers.")
@_needs("edge")
def serve(
    *, host: str, port: int, keys: tuple[str, ...], chat_model: str, threads: int | None, max_output_tokens: int | None
) -> None:
    """Serve the local edge: the whole API with real models on this machine's processor."""
    from polargrid_cli.serve import run

    run(
        host=host,
        port=port,
        keys=frozenset(keys) or None,
        chat_model=chat_model,
        threads=threads,
        max_output_tokens=max_output_tokens,
    )


@click.command(short_help="Take models of the local edge into the cache.")
@click.argument("models", nargs=-1, metavar="[MODEL]...")
@_needs("edge")
def pull(models: tuple[str, ...]) -> None:
    """Take the files of these models (all of them where none is named) into the cache, checked by their hash."""
    from polargrid_cli.pull import run

    run(models)


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
    help="All of the contract, or what OpenAI-compatible servers share.",
)
@click.option("--read-only", is_flag=True, help="Never load, unload or purge.")
@click.option(
    "--only", multiple=True, metavar="NAME", help="Only this check or operation; may be given more than once."
)
@click.option("--skip", multiple=True, metavar="NAME", help="Not this check or operation; may be given more than once.")
@click.option("--suite", type=click.Choice(["schema", "behaviour"]), help="Only this suite.  [default: both]")
@click.option(
    "--max-examples",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    help="Requests per operation that the schema suite generates.",
)
@click.option("--seed", type=click.IntRange(0), help="Repeat a run of the schema suite.")
@click.option(
    "--time-budget",
    type=options.SECONDS,
    default=900.0,
    show_default=True,
    help="Seconds; what is not begun then is not run.",
)
@click.option("--timeout", type=options.SECONDS, default=60.0, show_default=True, help="Seconds to wait for an answer.")
@click.option("--chat-model", metavar="MODEL", help="[default: the smallest that the server lists]")
@click.option("--speech-model", metavar="MODEL", help="As above, for text to speech.")
@click.option("--transcription-model", metavar="MODEL", help="As above, for speech to text.")
@click.option("--junit", "junit_file", type=_FILE, metavar="FILE", help="Write JUnit XML.")
@click.option("--html", "html_file", type=_FILE, metavar="FILE", help="Write one HTML page.")
@click.option("--json", "json_output", is_flag=True, help="JSON on stdout instead of the report.")
@_needs("all")
def contract(chat_model: str | None, speech_model: str | None, transcription_model: str | None, **given: Any) -> int:
    """Check the server at URL against the PolarGrid API contract. Without a URL, the local edge is tested.

    Exit status: 0 passed, 6 failed, 3 the key was rejected, 1 the server could not be reached.
    """
    from polargrid_cli.contract import run

    models: dict[Any, str | None] = {
        "chat": chat_model,
        "text-to-speech": speech_model,
        "speech-to-text": transcription_model,
    }
    return run(models=models, **given)
