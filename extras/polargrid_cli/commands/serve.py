"""`polargrid serve`"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from polargrid_cli.commands.fake import SCRIPT, serve_fake
from polargrid_cli.setting_options import SettingsCommand, select_passed_settings


@click.command(cls=SettingsCommand, short_help="Serve the local edge on this machine.")
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    envvar="POLARGRID_EDGE_CONFIG",
    help="TOML file with settings; a key is the end of the variable in small letters, such as max_output_tokens = 512."
    "  [env: POLARGRID_EDGE_CONFIG]",
)
@click.option("--fake", type=SCRIPT, metavar="SCRIPT", help="Serve a scripted edge instead, as `polargrid fake` does.")
@click.pass_context
def serve(context: click.Context, /, *, config: Path | None, fake: Path | None, **options: Any) -> None:
    """Serve the local edge: the whole API with real models on this machine's CPU.

    A setting comes from its option, else its environment variable, else the file of --config, else its default.
    """
    if fake is not None:
        _serve_fake(context, fake, options)
        return
    from polargrid_edge.errors import ModelFileError
    from polargrid_edge.models.added_models import list_added
    from polargrid_edge.models.catalog import UnknownModelError
    from polargrid_edge.server import serve
    from polargrid_edge.settings import EdgeSettings
    from polargrid_edge.usage_store import data_directory

    try:
        settings = EdgeSettings.load(select_passed_settings(options), os.environ, config)
        names = {source.name() for source in settings.models}
        added = [source for source in list_added(settings.cache) if source.name() not in names]
        data = settings.data or data_directory()
        serve(replace(settings, models=(*settings.models, *added), data=data))
    except ModelFileError as error:
        raise click.ClickException(error.message) from error
    except (ValueError, UnknownModelError) as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        named = "" if error.filename is None else f"{error.filename}: "
        raise click.ClickException(f"{named}{error.strerror or error}") from error


def _serve_fake(context: click.Context, script: Path, options: dict[str, Any]) -> None:
    """Serve a scripted edge. Raises `click.UsageError` for options that are about models."""
    from click.core import ParameterSource

    explicit = (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT)
    allowed = ("host", "port", "keys", "fake")
    others = [
        item.opts[0]
        for item in context.command.get_params(context)
        if item.name not in allowed and item.name and context.get_parameter_source(item.name) in explicit
    ]
    if others:
        raise click.UsageError(f"{', '.join(others)}: a scripted edge has no models; remove the option, or --fake")
    from polargrid_edge.settings import EdgeSettings

    defaults = EdgeSettings()
    keys = options["keys"]
    if len(keys) > 1:
        raise click.UsageError("--key: a scripted edge accepts one key, or any; expected one --key, or none")
    port = defaults.port if options["port"] is None else options["port"]
    serve_fake(script, host=options["host"] or defaults.host, port=port, key=keys[0] if keys else None)
