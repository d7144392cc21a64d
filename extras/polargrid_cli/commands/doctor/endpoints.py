"""The endpoints that the settings select, and the SDK's rules for reaching them.

This is the only module of the command that uses private modules of the SDK: the doctor reports what the SDK does.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from polargrid._endpoints import Endpoint
from polargrid._environment import read_environment
from polargrid.config import resolve_settings
from polargrid.errors import AuthenticationError, PolarGridError
from polargrid.regions import POLARGRID_REGIONS
from polargrid_cli.client import SET_KEY_HINT, USE_LOCAL_HINT
from polargrid_cli.commands.doctor.environment import describe_endpoint
from polargrid_cli.commands.doctor.finding import Finding
from polargrid_transport.environment import proxy_for

__all__ = ["Endpoint", "proxy_for", "resolve_endpoints"]


def resolve_endpoints(
    client_options: Mapping[str, Any],
) -> tuple[Sequence[Endpoint], Mapping[str, Any] | None, list[Finding]]:
    """Return the endpoints to probe, the options of a client for them, and the errors in the settings.

    Without a valid key there are no options: the probe stops before it sends a request.
    """
    is_selected = describe_endpoint(os.environ, client_options) is not None
    all_regions = [Endpoint(region["url"], region) for region in POLARGRID_REGIONS.values()]
    try:
        endpoints = _resolve(client_options)
    except PolarGridError as error:
        finding = _describe_error(error)
        try:
            endpoints = _resolve({**client_options, "api_key": "none"})
        except PolarGridError:  # the endpoint is invalid, not the key
            return (), None, [finding]
        return endpoints if is_selected else all_regions, None, [finding]
    return endpoints if is_selected else all_regions, client_options, []


def _resolve(client_options: Mapping[str, Any]) -> Sequence[Endpoint]:
    return resolve_settings(read_environment(), None, client_options).endpoints


def _describe_error(error: PolarGridError) -> Finding:
    if isinstance(error, AuthenticationError):
        return Finding("settings", "API key", "not set", f"{SET_KEY_HINT}, {USE_LOCAL_HINT}", is_auth=True)
    name = error.param or "setting"
    return Finding("settings", name, error.message, "correct the value", is_auth=name == "api_key")
