"""The commands, as click has them; each imports its work when it runs."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec

import click

P = ParamSpec("P")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="polargrid")
def polargrid() -> None:
    """AI models on PolarGrid's edges, and on your own machine."""


def _needs_edge(command: Callable[P, None]) -> Callable[P, None]:
    """A command that says what to install where the edge's packages are missing."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except ModuleNotFoundError as error:
            if error.name is None or error.name.startswith("polargrid"):
                raise
            raise click.ClickException(f"{error.name} is missing: pip install 'polargrid[edge]'") from error

    return run


@polargrid.command()
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
@_needs_edge
def serve(
    host: str, port: int, keys: tuple[str, ...], chat_model: str, threads: int | None, max_output_tokens: int | None
) -> None:
    """Serve the local edge: the whole API with real models on this machine's processor."""
    from polargrid.cli.serve import run

    run(
        host=host,
        port=port,
        keys=frozenset(keys) or None,
        chat_model=chat_model,
        threads=threads,
        max_output_tokens=max_output_tokens,
    )


@polargrid.command()
@click.argument("models", nargs=-1, metavar="[MODEL]...")
@_needs_edge
def pull(models: tuple[str, ...]) -> None:
    """Take the files of these models (all of them where none is named) into the cache, checked by their hash."""
    from polargrid.cli.pull import run

    run(models)
