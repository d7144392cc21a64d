"""Clients for the commands, created from their options."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from polargrid.errors import AuthenticationError
from polargrid_cli.exit_codes import AUTH

if TYPE_CHECKING:
    from polargrid import PolarGridSync

SET_KEY_HINT = "set POLARGRID_API_KEY"
USE_LOCAL_HINT = "or use a local edge (start it with `polargrid serve`) by --region local"


class MissingKeyError(click.ClickException):
    """Neither options nor environment have an API key."""

    exit_code = AUTH


@contextmanager
def connect(client_options: Mapping[str, Any]) -> Iterator[PolarGridSync]:
    """Open a client, for the nearest healthy region if neither options nor environment select an endpoint."""
    from polargrid import PolarGridSync

    with explain_missing_key(f"{SET_KEY_HINT}, {USE_LOCAL_HINT}"):
        client = PolarGridSync.create(**client_options)
    with client:
        yield client


@contextmanager
def explain_missing_key(hint: str = SET_KEY_HINT) -> Iterator[None]:
    """Replace the SDK's error for a missing key by one in terms of the command line."""
    try:
        yield
    except AuthenticationError as error:
        if error.status_code is None:
            raise MissingKeyError(f"no API key; {hint}") from error
        raise
