"""`polargrid serve`"""

from __future__ import annotations

import os
from typing import Any

import click
from polargrid_edge.server import serve
from polargrid_edge.settings import EdgeSettings


def run(**options: Any) -> None:
    """Serve until interrupted."""
    given = {name: value for name, value in options.items() if value is not None}
    try:
        settings = EdgeSettings.from_environment(os.environ, **given)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    try:
        serve(settings)
    except OSError as error:
        raise click.ClickException(f"cannot listen on {settings.host}:{settings.port}: {error.strerror}") from error
