"""The scenario of the lifecycle checks: load, unload and purge models, and request the status after each step.

It runs once, and several checks read its results. Models that were loaded before are loaded again at its end.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from polargrid_contract.cache import cached
from polargrid_contract.checks.requests import send
from polargrid_contract.client import ServerClient
from polargrid_contract.exchange import Exchange

STATUS = "get_model_status"
_MAX_LOADING_SECONDS = 60.0
_POLL_INTERVAL = 0.2


@dataclass
class Scenario:
    """The response of each step, and the status after it."""

    responses: dict[str, Exchange] = field(default_factory=dict)
    statuses: dict[str, Exchange] = field(default_factory=dict)

    def models_after(self, step: str) -> set[str]:
        """Return the models that the status after a step lists as loaded."""
        return set(self.statuses[step].json()["loaded"])


def run_scenario(client: ServerClient) -> Scenario:
    """Run the scenario, or return its results if it ran before."""
    return cached(client, "lifecycle", lambda: _run(client))


@contextmanager
def keep_models(client: ServerClient) -> Iterator[None]:
    """Load the models again that were loaded before, if the block unloads them."""
    needed = {STATUS, "load_model"}
    if client.target.read_only or not needed <= client.operations.keys() or client.target.profile == "openai":
        yield
        return
    before = client.send(STATUS).json()
    try:
        yield
    finally:
        _restore(client, before)


def map_names_to_ids(client: ServerClient) -> dict[str, str]:
    """Map each name of a model to its id."""
    names: dict[str, str] = {}
    for model in client.models:
        for name in (model["id"], model.get("root"), *(model.get("pg_aliases") or [])):
            names.setdefault(str(name), model["id"])
    return names


def select_scenario_model(client: ServerClient) -> tuple[str, str]:
    """Select the model that the scenario loads: its requested name, and its id in the status."""
    name = client.model("chat")
    return name, map_names_to_ids(client).get(name, name)


def _run(client: ServerClient) -> Scenario:
    name, _ = select_scenario_model(client)
    by_name = {"model_name": name}
    chat = {"model": name, "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1, "temperature": 0}
    steps: tuple[tuple[str, str, Any], ...] = (
        ("load", "load_model", by_name),
        ("reload", "load_model", {**by_name, "force_reload": True}),
        ("unload", "unload_model", by_name),
        ("unload again", "unload_model", by_name),
        ("use", "chat_completion", chat),
        ("load after use", "load_model", by_name),
        ("unload all", "unload_all_models", None),
        ("load before purge", "load_model", by_name),
        ("purge", "purge_gpu", {"force": True}),
    )
    scenario = Scenario()
    scenario.statuses["before"] = _wait_until_loaded(client)
    before = scenario.statuses["before"].json()
    try:
        for step, operation, body in steps:
            scenario.responses[step] = send(client, operation, body=body)
            scenario.statuses[step] = _wait_until_loaded(client)
    finally:
        _restore(client, before)
    return scenario


def _wait_until_loaded(client: ServerClient) -> Exchange:
    """Poll the status until no model is loading."""
    until = client.clock.monotonic() + _MAX_LOADING_SECONDS
    while True:
        status = client.send(STATUS)
        body = status.json()
        states = body.get("loading_status") if isinstance(body, dict) else None
        is_loading = isinstance(states, dict) and "loading" in states.values()
        if not is_loading or client.clock.monotonic() > until:
            return status
        client.clock.sleep(_POLL_INTERVAL)


def _restore(client: ServerClient, before: Any) -> None:
    """Load the models that the status before the scenario lists as loaded."""
    expected = before.get("loaded") if isinstance(before, dict) else None
    now = client.send(STATUS).json()
    loaded = now.get("loaded") if isinstance(now, dict) else None
    for model in expected if isinstance(expected, list) else []:
        if model not in (loaded or []):
            client.send("load_model", {"model_name": model})
