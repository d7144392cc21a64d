"""The examination: surroundings, then the way to each edge at once, then what it comes to."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from polargrid.config import names_a_place, settled
from polargrid.errors import AuthenticationError, PolarGridError
from polargrid.regions import POLARGRID_REGIONS, Edge
from polargrid.secret import surroundings as sealed_environment
from polargrid_cli import output
from polargrid_cli.connection import OR_STAY_LOCAL, SET_A_KEY
from polargrid_cli.doctor import surroundings
from polargrid_cli.doctor.finding import Finding, as_data, status, tell
from polargrid_cli.doctor.judged import judged, nearest
from polargrid_cli.doctor.way import Way, explored


def run(connection: Mapping[str, Any], *, timeout: float, json_output: bool, known: Collection[str]) -> int:
    """Examine, tell, and answer with the exit status."""
    given = {name: value for name, value in connection.items() if value is not None}
    edges, options, wrong = _edges(given)
    has_key = not any(finding.of_the_key for finding in wrong)
    findings = [
        *surroundings.versions(),
        *surroundings.settings(os.environ, given, known, has_key=has_key),
        *wrong,
        *surroundings.network(os.environ),
    ]
    with output.waiting("Looking …"):
        ways = asyncio.run(_explored(edges, options, timeout))
    findings += [finding for way in ways for finding in judged(way)]
    best = nearest(ways)
    if len(ways) > 1 and best is not None:
        findings.append(Finding("regions", "nearest", best.name))
    if json_output:
        output.as_json({"exit_status": status(findings), "findings": as_data(findings)})
    else:
        tell(findings)
    return status(findings)


def _edges(given: Mapping[str, Any]) -> tuple[Sequence[Edge], Mapping[str, Any] | None, list[Finding]]:
    """The edges to look at, what a client of them is made with, and what is wrong with the settings.

    Where there is no good key the options are None: the way is looked at as far as it goes without.
    """
    environ = sealed_environment(os.environ)
    everywhere = tuple(Edge(region["url"], region) for region in POLARGRID_REGIONS.values())
    named = names_a_place(environ, None, given)
    try:
        settings = settled(environ, None, given)
    except PolarGridError as error:
        finding = _unsettled(error)
        try:
            edges = settled(environ, None, {**given, "api_key": "none"}).edges if named else everywhere
        except PolarGridError:  # it is the place that is wrong
            return (), None, [finding]
        return edges, None, [finding]
    return (settings.edges if named else everywhere), given, []


def _unsettled(error: PolarGridError) -> Finding:
    if isinstance(error, AuthenticationError):
        return Finding("settings", "API key", "there is none", f"{SET_A_KEY}, {OR_STAY_LOCAL}", of_the_key=True)
    name = error.param or "setting"
    return Finding("settings", name, error.message, "correct it", of_the_key=name == "api_key")


async def _explored(edges: Sequence[Edge], given: Mapping[str, Any] | None, patience: float) -> list[Way]:
    def options(edge: Edge) -> Mapping[str, Any] | None:
        if given is None:
            return None
        place = {} if len(edges) == 1 else {"region": edge.region["id"] if edge.region else None}
        return {**given, **place, "timeout": patience, "max_retries": 0}

    return await asyncio.gather(*[explored(edge, options(edge), patience) for edge in edges])
