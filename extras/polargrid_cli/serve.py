"""`polargrid serve`"""

from __future__ import annotations

import os
from typing import Any

import click

from polargrid_edge.models.catalog import UnknownModelError
from polargrid_edge.server import serve
from polargrid_edge.settings import EdgeSettings


def run(**options: Any) -> None:
    """Serve until interrupted."""
    given = {name: value for name, value in options.items() if value is not None}
    try:
        serve(EdgeSettings.from_environment(os.environ, **given))
    except (ValueError, UnknownModelError) as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.ClickException(error.strerror or str(error)) from error
