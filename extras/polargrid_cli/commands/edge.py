"""models, gpu, health"""

from __future__ import annotations

from typing import Any

import click

from polargrid_cli.commands import options
from polargrid_cli.commands.groups import WithDefault


@click.group(cls=WithDefault)
def models() -> None:
    """The models of an edge: list them, or load and unload one."""


@models.command("list")
@click.option("--loaded", is_flag=True, help="Only those in memory.")
@options.json_output
@options.connects
def list_models(connection: dict[str, Any], /, **given: Any) -> None:
    """List the models; what `polargrid models` does by itself."""
    from polargrid_cli.models import show

    show(connection, **given)


@models.command()
@options.json_output
@options.connects
def status(connection: dict[str, Any], /, **given: Any) -> None:
    """Tell which models are in memory."""
    from polargrid_cli.models import status as run

    run(connection, **given)


@models.command()
@click.argument("name")
@click.option("--force", is_flag=True, help="Load it again where it is loaded.")
@options.json_output
@options.connects
def load(connection: dict[str, Any], /, **given: Any) -> int:
    """Bring a model into memory."""
    from polargrid_cli.models import load as run

    return run(connection, **given)


@models.command()
@click.argument("name", required=False)
@click.option("--all", "every", is_flag=True, help="All models.")
@options.json_output
@options.connects
def unload(connection: dict[str, Any], /, name: str | None, every: bool, json_output: bool) -> int:
    """Take a model out of memory."""
    from polargrid_cli.models import unload as run
    from polargrid_cli.models import unload_all

    if (name is None) != every:
        raise click.UsageError("Name one model, or give --all.")
    if name is None:
        return unload_all(connection, json_output=json_output)
    return run(connection, name, json_output=json_output)


@click.group(cls=WithDefault)
def gpu() -> None:
    """The GPUs of an edge: what they do, and clearing their memory."""


@gpu.command("status")
@click.option(
    "--watch", is_flag=True, help="Again and again, until Ctrl-C; elsewhere than in a terminal, line by line."
)
@click.option("--interval", type=options.SECONDS, default=2.0, show_default=True, help="Seconds between two looks.")
@options.json_output
@options.connects
def gpu_status(connection: dict[str, Any], /, **given: Any) -> None:
    """Tell what each GPU is doing; what `polargrid gpu` does by itself."""
    from polargrid_cli.node import gpu as run

    run(connection, **given)


@gpu.command()
@click.option("--force", is_flag=True, help="Unload models that serve a request, too, once they have ended.")
@options.json_output
@options.connects
def purge(connection: dict[str, Any], /, **given: Any) -> int:
    """Clear GPU memory: unload the models that serve no request."""
    from polargrid_cli.node import purge as run

    return run(connection, **given)


@click.command()
@options.json_output
@options.connects
def health(connection: dict[str, Any], /, **given: Any) -> int:
    """Tell whether an edge is well.

    The exit status is 1 where it is not.
    """
    from polargrid_cli.node import health as run

    return run(connection, **given)
