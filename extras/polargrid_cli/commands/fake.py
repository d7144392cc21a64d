"""`polargrid fake`"""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

from polargrid_cli import options
from polargrid_cli.output import print_json, print_line, print_note, print_table

if TYPE_CHECKING:
    from polargrid_testing.fake.edge import FakeEdge
    from polargrid_testing.fake.located_yaml import LocatedValue

SCRIPT = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(short_help="Serve a scripted edge, for tests in any language.")
@click.argument("script", required=False, type=SCRIPT)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=55111,
    show_default=True,
    type=click.IntRange(0, 65535),
    metavar="NUMBER",
    help="0 picks a free port.",
)
@click.option("--key", metavar="KEY", help="The only API key to accept.  [default: any]")
@click.option("--strict", is_flag=True, help="Reject requests that no rule answers, instead of sending examples.")
@click.option("--check", is_flag=True, help="Check the script, and exit.")
@click.option("--list-faults", is_flag=True, help="List the faults for scripts, and exit.")
@options.json_flag("Print the URL and the key, or the faults, as JSON.")
def fake(
    *,
    script: Path | None,
    host: str,
    port: int,
    key: str | None,
    strict: bool,
    check: bool,
    list_faults: bool,
    json_output: bool,
) -> None:
    """Serve an edge without models, which answers as SCRIPT says.

    SCRIPT is YAML or JSON with rules and faults. What no rule answers gets the example of the API's specification or,
    with --strict, an error, and a line on stderr.
    """
    if list_faults:
        _print_faults(json_output=json_output)
    elif check:
        if script is None:
            raise click.UsageError("--check: expected a script")
        _check(script)
        print_line('{"valid": true}' if json_output else f"{script}: valid")
    else:
        serve_fake(script, host=host, port=port, key=key, strict=strict, json_output=json_output)


def serve_fake(
    script: Path | None,
    *,
    host: str,
    port: int,
    key: str | None,
    strict: bool = False,
    json_output: bool = False,
) -> None:
    """Serve a fake until Ctrl+C."""
    edge = _start(script, host=host, port=port, key=key)
    if not strict:
        edge.use_examples()
    if json_output:
        print_json({"url": edge.url, "api_key": edge.api_key}, on_one_line=True)
    else:
        print_line(f"PolarGrid fake edge at {edge.url} with API key {edge.api_key}; press Ctrl+C to stop.")
    threading.Event().wait()


def _start(script: Path | None, *, host: str, port: int, key: str | None) -> FakeEdge:
    """Start a fake, and close it again if its script is invalid."""
    from polargrid_testing.arguments import check_key
    from polargrid_testing.fake.edge import FakeEdge
    from polargrid_testing.fake.script import ScriptError, apply_script

    try:
        check_key(key, "--key")
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    rules = _read(script) if script else None
    try:
        address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0]
        own_key = rules.value.get("key") if rules else None
        edge = FakeEdge(
            api_key=own_key if key is None else key,
            port=port,
            address=str(address),
            on_unscripted=print_note,
            record=False,
        )
        try:
            if rules is not None:
                apply_script(rules, edge)
        except ScriptError:
            edge.close()
            raise
    except ScriptError as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise click.ClickException(f"cannot listen on {host} port {port}: {reason}") from error
    return edge


def _read(script: Path) -> LocatedValue:
    from polargrid_testing.fake.script import ScriptError, read_script

    try:
        return read_script(script)
    except ScriptError as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.UsageError(f"{script}: {error.strerror or error}") from error


def _check(script: Path) -> None:
    _start(script, host="127.0.0.1", port=0, key=None).close()


def _print_faults(*, json_output: bool) -> None:
    from polargrid_testing.faults import FAULTS

    faults = [(entry.name, list(entry.options.model_fields), entry.summary) for entry in FAULTS.values()]
    if json_output:
        names = ("fault", "options", "summary")
        print_json({"faults": [dict(zip(names, fault, strict=True)) for fault in faults]})
    else:
        rows = [(name, ", ".join(fields), summary) for name, fields, summary in faults]
        print_table(("fault", "options", "what happens"), rows)
