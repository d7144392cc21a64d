"""`polargrid doctor`: options, the order of the checks, and the report."""

from __future__ import annotations

import os
from typing import Any

import click

from polargrid_cli import options
from polargrid_cli.output import print_json, spinner


@click.command()
@options.api_key_option
@options.endpoint_options
@options.step_timeout_option
@options.json_option
@click.pass_context
def doctor(context: click.Context, /, json_output: bool, timeout: float, **client_options: Any) -> int:
    """Diagnose the setup and the connection.

    Checks versions, settings, proxies, the connection to the endpoint (to every region if none is selected), and the
    API key. The exit status is 3 if the key is wrong, 1 for any other problem.
    """
    import asyncio

    from polargrid_cli.commands.doctor import environment
    from polargrid_cli.commands.doctor.diagnosis import diagnose, find_nearest
    from polargrid_cli.commands.doctor.endpoints import resolve_endpoints
    from polargrid_cli.commands.doctor.finding import Finding, exit_code_for, print_findings, to_json
    from polargrid_cli.commands.doctor.probe import probe_all

    client_options = options.drop_none(client_options)
    endpoints, probe_options, errors = resolve_endpoints(client_options)
    has_key = not any(finding.is_auth for finding in errors)
    findings = [
        *environment.check_versions(),
        *environment.check_settings(os.environ, client_options, _option_variables(context), has_key=has_key),
        *errors,
        *environment.check_network(os.environ),
    ]
    with spinner("Checking …"):
        results = asyncio.run(probe_all(endpoints, probe_options, timeout))
    findings += [finding for result in results for finding in diagnose(result)]
    nearest = find_nearest(results)
    if len(results) > 1 and nearest is not None:
        findings.append(Finding("regions", "nearest", nearest.name))
    exit_code = exit_code_for(findings)
    if json_output:
        print_json({"exit_status": exit_code, "findings": to_json(findings)})
    else:
        print_findings(findings)
    return exit_code


def _option_variables(context: click.Context) -> frozenset[str]:
    """Return the environment variables of the options of all commands."""
    from polargrid_edge.setting import list_settings
    from polargrid_edge.settings import EdgeSettings

    root = context.find_root()

    def collect(command: click.Command, prefix: str) -> list[str]:
        options = [option for option in command.get_params(root) if isinstance(option, click.Option)]
        names = [f"{prefix}_{option.name}" for option in options]
        names += [option.envvar for option in options if isinstance(option.envvar, str)]
        if isinstance(command, click.Group):
            for name in command.list_commands(root):
                if subcommand := command.get_command(root, name):
                    names += collect(subcommand, f"{prefix}_{name}")
        return names

    edge = frozenset(variable for item in list_settings(EdgeSettings) for variable in item.variables)
    return edge | {name.upper().replace("-", "_") for name in collect(root.command, "POLARGRID")}
