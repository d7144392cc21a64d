"""The options of a command -> a client."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from polargrid.errors import AuthenticationError
from polargrid_cli.exits import KEY, CommandError

if TYPE_CHECKING:
    from polargrid import PolarGridSync

SET_A_KEY = "set POLARGRID_API_KEY"
OR_STAY_LOCAL = "or talk to a local edge, which `polargrid serve` starts, with --region local"


@contextmanager
def connected(connection: Mapping[str, Any]) -> Iterator[PolarGridSync]:
    """A client, of the nearest healthy region where neither options nor environment name one."""
    from polargrid import PolarGridSync

    with key_needed(f"{SET_A_KEY}, {OR_STAY_LOCAL}"):
        client = PolarGridSync.create(**connection)
    with client:
        yield client


@contextmanager
def key_needed(advice: str = SET_A_KEY) -> Iterator[None]:
    """Whoever makes a client without a key is told what to do, in the words of the command line."""
    try:
        yield
    except AuthenticationError as error:
        if error.status_code is None:
            raise CommandError(f"There is no API key: {advice}", KEY) from error
        raise
