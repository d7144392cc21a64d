"""`polargrid serve`"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from polargrid_cli.commands.fake import SCRIPT, serve_fake
from polargrid_cli.options import drop_none


@click.command(short_help="Serve the local edge on this machine.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=55111, show_default=True, type=click.IntRange(0, 65535), help="0 picks a free port.")
@click.option(
    "--key",
    "keys",
    multiple=True,
    metavar="KEY",
    help="API key to accept; repeatable.  [env: POLARGRID_EDGE_KEYS; default on loopback: pg_local]",
)
@click.option(
    "--allow-origin",
    multiple=True,
    metavar="ORIGIN",
    help="Origin of web pages that may use the edge, such as http://localhost:3000; repeatable.",
)
@click.option("--chat-model", default="qwen2.5-coder-0.5b", show_default=True, help="Model behind llama-3.1-8b.")
@click.option("--threads", type=click.IntRange(1), help="Threads of a text model.  [default: cores - 1]")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Folder for the usage of the keys.  [env: POLARGRID_DATA; default: your data folder]",
)
@click.option("--max-output-tokens", type=click.IntRange(1), help="Limit for the length of responses.")
@click.option("--fake", type=SCRIPT, metavar="SCRIPT", help="Serve a scripted edge instead, as `polargrid fake` does.")
@click.pass_context
def serve(
    context: click.Context,
    /,
    *,
    keys: tuple[str, ...],
    allow_origin: tuple[str, ...],
    fake: Path | None,
    **options: Any,
) -> None:
    """Serve the local edge: the whole API with real models on this machine's CPU."""
    if fake is not None:
        _serve_fake(context, fake, keys, host=options["host"], port=options["port"])
        return
    from polargrid_edge.models.catalog import UnknownModelError
    from polargrid_edge.server import serve
    from polargrid_edge.settings import EdgeSettings
    from polargrid_edge.usage_store import data_directory

    options["data"] = options["data"] or data_directory()
    options |= {"keys": frozenset(keys) or None, "allow_origins": frozenset(allow_origin)}
    try:
        serve(EdgeSettings.from_environment(os.environ, **drop_none(options)))
    except (ValueError, UnknownModelError) as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.ClickException(error.strerror or str(error)) from error


def _serve_fake(context: click.Context, script: Path, keys: tuple[str, ...], *, host: str, port: int) -> None:
    """Serve a scripted edge. Raises `click.UsageError` for options that are about models."""
    from click.core import ParameterSource

    explicit = (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT)
    allowed = ("host", "port", "keys", "fake")
    others = [
        item.opts[0]
        for item in context.command.params
        if item.name not in allowed and item.name and context.get_parameter_source(item.name) in explicit
    ]
    if others:
        raise click.UsageError(f"{', '.join(others)}: a scripted edge has no models; remove the option, or --fake")
    if len(keys) > 1:
        raise click.UsageError("--key: a scripted edge accepts one key, or any; expected one --key, or none")
    serve_fake(script, host=host, port=port, key=keys[0] if keys else None)
