"""The scenario of the lifecycle checks: load, unload and purge models, and request the status after each step.

It runs once, and several checks read its results. Models that were loaded before are loaded again by `restore_models`.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from polargrid_contract.cache import cached
from polargrid_contract.checks.requests import send
from polargrid_contract.checks.shapes import read_field
from polargrid_contract.client import ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.kinds import find_root

STATUS = "get_model_status"
UNKNOWN_MODEL = "no-such-model"
_MAX_LOADING_SECONDS = 60.0
_POLL_INTERVAL = 0.2


# Operations with the figures of the GPUs, which the scenario requests after each step.
GPU_STATUS, GPU_MEMORY = "get_gpu_status", "get_gpu_memory"


@dataclass
class Scenario:
    """The response of each step, and the status after it."""

    responses: dict[str, Exchange] = field(default_factory=dict)
    statuses: dict[str, Exchange] = field(default_factory=dict)
    gpu_statuses: dict[str, Exchange] = field(default_factory=dict)
    gpu_memories: dict[str, Exchange] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)
    """The id of the model that a step names, or UNKNOWN_MODEL; "unload all" and "purge" name none."""

    def models_after(self, step: str) -> set[str]:
        """Return the models that the status after a step lists as loaded."""
        return set(read_field(self.statuses[step], "loaded", kind=list))

    def step_before(self, step: str) -> str:
        """Return the step before this one; "before" is the first of all."""
        steps = list(self.statuses)
        return steps[steps.index(step) - 1]


def run_scenario(client: ServerClient) -> Scenario:
    """Run the scenario, or return its results if it ran before."""
    return cached(client.base, "lifecycle", lambda: _run(client.base))


@contextmanager
def keep_models(client: ServerClient) -> Iterator[None]:
    """Have the models that were loaded before loaded again later, by `restore_models`, if the block unloads them.

    The runner does so after the last check of an operation, since loading takes long.
    """
    needed = {STATUS, "load_model"}
    has_effect = any(operation.has_effect for operation in client.profile_operations)
    is_possible = needed <= client.operations.keys() and client.target.profile == "polargrid"
    if not has_effect or not is_possible or client.target.read_only:
        yield
        return
    if client.shared.status_before is None:
        client.shared.status_before = client.send(STATUS).json()
    yield


def restore_models(client: ServerClient) -> None:
    """Load the models again that were loaded before the last checks."""
    if client.shared.status_before is not None:
        _restore(client, client.shared.status_before)
        client.shared.status_before = None


def map_names_to_ids(client: ServerClient) -> dict[str, str]:
    """Map each name of a model to its id, which the status has."""
    names: dict[str, str] = {}
    for model in client.models:
        root = find_root(client.models, model)
        for name in (model["id"], model.get("root"), *(model.get("pg_aliases") or [])):
            names.setdefault(str(name), root)
    return names


def select_scenario_model(client: ServerClient) -> tuple[str, str]:
    """Select the model that the scenario loads: its requested name, and its id in the status."""
    name = client.model("chat")
    return name, map_names_to_ids(client).get(name, name)


def select_other_model(client: ServerClient) -> str | None:
    """Select another model, the smallest one; None if the server has one only."""
    _, used = select_scenario_model(client)
    others = [model for model in client.models if find_root(client.models, model) != used]
    smallest = min(others, key=lambda model: model.get("pg_parameters") or float("inf"), default=None)
    return None if smallest is None else str(smallest["id"])


def _run(client: ServerClient) -> Scenario:
    name, model = select_scenario_model(client)
    other = select_other_model(client)
    by_name, other_by_name, unknown = {"model_name": name}, {"model_name": other}, {"model_name": UNKNOWN_MODEL}
    chat = {"model": name, "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1, "temperature": 0}
    # Each of both models is loaded and unloaded while the other one is loaded.
    steps: tuple[tuple[str, str, Any], ...] = (
        ("load other", "load_model", other_by_name),
        ("load", "load_model", by_name),
        # Requests that are rejected have no effect.
        ("load unknown", "load_model", unknown),
        ("reload unknown", "load_model", {**unknown, "force_reload": True}),
        ("load nothing", "load_model", {}),
        ("unload unknown", "unload_model", unknown),
        ("unload nothing", "unload_model", {}),
        ("reload", "load_model", {**by_name, "force_reload": True}),
        ("unload other", "unload_model", other_by_name),
        ("load other again", "load_model", other_by_name),
        ("unload", "unload_model", by_name),
        ("unload again", "unload_model", by_name),
        ("use", "chat_completion", chat),
        ("load after use", "load_model", by_name),
        ("unload all", "unload_all_models", None),
        ("load before purge", "load_model", by_name),
        ("purge", "purge_gpu", {"force": True}),
    )
    scenario = Scenario()
    _record_state(client, scenario, "before")
    if client.shared.status_before is None:
        client.shared.status_before = scenario.statuses["before"].json()
    for step, operation, body in steps:
        if body is other_by_name and other is None:
            continue
        scenario.responses[step] = send(client, operation, body=body)
        if body is not None and operation in ("load_model", "unload_model", "chat_completion"):
            requested = str(body.get("model_name") or body.get("model") or "no model")
            scenario.named[step] = model if requested == name else requested
        _record_state(client, scenario, step)
    return scenario


def _record_state(client: ServerClient, scenario: Scenario, step: str) -> None:
    """Record the state of all models, and the figures of the GPUs, after a step."""
    scenario.statuses[step] = _wait_until_loaded(client)
    for operation, exchanges in ((GPU_STATUS, scenario.gpu_statuses), (GPU_MEMORY, scenario.gpu_memories)):
        if operation in client.operations:
            exchanges[step] = client.send(operation)


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
    """Load the models that the status before the scenario lists as loaded, two at a time."""
    expected = before.get("loaded") if isinstance(before, dict) else None
    now = client.send(STATUS).json()
    loaded = (now.get("loaded") if isinstance(now, dict) else None) or []
    missing = [model for model in expected if model not in loaded] if isinstance(expected, list) else []
    with ThreadPoolExecutor(2) as executor:
        list(executor.map(lambda model: client.send("load_model", {"model_name": model}), missing))
