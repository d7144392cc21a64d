"""`polargrid health`"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from polargrid_cli import exit_codes, options
from polargrid_cli.client import connect
from polargrid_cli.output import print_json, print_table

if TYPE_CHECKING:
    from polargrid.types import HealthResponse


@click.command()
@options.json_option
@options.pass_client_options
def health(client_options: dict[str, Any], /, json_output: bool) -> int:
    """Check the health of an endpoint.

    The exit status is 1 if it is not healthy.
    """
    with connect(client_options) as client:
        response = client.health()
    if json_output:
        print_json(response)
    else:
        print_table(("", ""), list(_table_rows(response)))
    return exit_codes.OK if response.status == "healthy" else exit_codes.FAILED


def _table_rows(response: HealthResponse) -> Iterator[tuple[str, str]]:
    yield "status", response.status
    yield "node", response.node or ""
    yield "endpoint", response.meta.base_url or ""
    yield "runtime", response.runtime
    yield "backend", "healthy" if response.backend.healthy else "unhealthy"
    yield "time", response.timestamp
    yield "latency", f"{response.meta.elapsed * 1000:.0f} ms"
