"""`polargrid complete`"""

from __future__ import annotations

from typing import Any

import click

from polargrid_cli import options, stdin
from polargrid_cli.client import connect
from polargrid_cli.output import spinner
from polargrid_cli.streaming import PlainPrinter, print_completion_stream, print_response


@click.command()
@click.argument("prompt", nargs=-1)
@options.sampling_options
@options.pass_client_options
def complete(
    client_options: dict[str, Any],
    /,
    *,
    prompt: tuple[str, ...],
    stop: tuple[str, ...],
    no_stream: bool,
    json_output: bool,
    **sampling: Any,
) -> None:
    """Continue a text, passed as words or on stdin (`-`)."""
    request = {**options.drop_none({**sampling, "stop": list(stop) or None}), "prompt": stdin.read_text(prompt)}
    with connect(client_options) as client:
        if not (no_stream or json_output):
            print_completion_stream(client.completion_stream(request))
            return
        with spinner("Waiting for the response …"):
            response = client.completion(request)
        print_response(response, lambda choice: choice.text, None if json_output else PlainPrinter())
