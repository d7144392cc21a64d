"""regions, doctor"""

from __future__ import annotations

from typing import Any

import click

from polargrid_cli.commands import options

_PATIENCE = 5.0


def _patience(command: Any) -> Any:
    return click.option(
        "--timeout", type=options.SECONDS, default=_PATIENCE, show_default=True, help="Seconds for each step."
    )(command)


@click.command()
@options.key
@_patience
@options.json_output
def regions(**given: Any) -> int:
    """Measure how far each region is."""
    from polargrid_cli.regions import run

    return run(**given)


@click.command()
@options.key
@options.place
@_patience
@options.json_output
@click.pass_context
def doctor(context: click.Context, /, json_output: bool, timeout: float, **given: Any) -> int:
    """Look for what is wrong, and say what to do.

    It looks at versions, settings, proxies, the way to the edge, or to each region where none is named, and the key.
    The exit status is 3 where the key is wrong, 1 where something else is.
    """
    from polargrid_cli.doctor import run

    return run(given, timeout=timeout, json_output=json_output, known=_environment(context.find_root()))


def _environment(root: click.Context) -> frozenset[str]:
    """The environment variables that options are read from."""

    def names(command: click.Command, prefix: str) -> list[str]:
        own = [f"{prefix}_{option.name}" for option in command.params if isinstance(option, click.Option)]
        inner = command.commands.items() if isinstance(command, click.Group) else ()
        return own + [name for word, each in inner for name in names(each, f"{prefix}_{word}")]

    return frozenset(name.upper().replace("-", "_") for name in names(root.command, "POLARGRID"))
