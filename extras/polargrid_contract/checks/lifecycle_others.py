"""Loading and unloading of one model: the others, and the figures of the GPUs, stay as they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from polargrid_contract.checks.bodies import read_object
from polargrid_contract.checks.lifecycle_scenario import (
    GPU_MEMORY,
    GPU_STATUS,
    STATUS,
    Scenario,
    run_scenario,
    select_other_model,
)
from polargrid_contract.client import ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.registry import CheckSkipped, check
from polargrid_contract.results import Profile, Violation

_POLARGRID: tuple[Profile, ...] = ("polargrid",)
_NOT_LOADED = "unloaded"
# Figures are rounded, and a GPU may be in use by other processes.
_SHARE, _ROUNDING_GB = 0.05, 0.1


@check(
    "other-models-unmoved",
    on=("load_model", "unload_model", "chat_completion", STATUS),
    rationale="A request for one model that moves another one takes it from its users.",
    reference="openapi.yaml, load_model and unload_model",
    profiles=_POLARGRID,
    mutates=True,
    together=True,
    exclusive=True,
)
def check_others(client: ServerClient) -> Iterator[Violation]:
    """After each step that names a model, every other model has the state that it had before."""
    if (other := select_other_model(client)) is None:
        raise CheckSkipped("the server has one model only")
    scenario = run_scenario(client)
    if other not in scenario.models_after("load other"):
        raise CheckSkipped(f"the server does not load {other}, beside which others could move")
    for step, named in scenario.named.items():
        before, after = (_read_states(client, scenario, it) for it in (scenario.step_before(step), step))
        for model in sorted({*before, *after} - {named}):
            states = before.get(model, _NOT_LOADED), after.get(model, _NOT_LOADED)
            if states[0] != states[1]:
                expected = f"{model} stays {states[0]}, since the request names {named}"
                actual = f"{states[1]} after the step {step!r}"
                yield client.violation(scenario.responses[step], expected=expected, actual=actual)


@check(
    "gpu-figures-steady",
    on=(GPU_STATUS, GPU_MEMORY, "purge_gpu", "unload_all_models"),
    rationale="Who plans capacity relies on a total that is constant, and on a use that unloading does not raise.",
    reference="openapi.yaml, GPUStatusResponse, GPUMemoryResponse and GPUPurgeResponse",
    profiles=_POLARGRID,
    mutates=True,
    together=True,
    exclusive=True,
)
def check_gpu_figures(client: ServerClient) -> Iterator[Violation]:
    """While models are loaded and unloaded, GPUs and their sizes are the same, and the purge reports their use."""
    scenario = run_scenario(client)
    statuses = {step: read_object(client, it)["gpus"] for step, it in scenario.gpu_statuses.items()}
    memories = {step: read_object(client, it)["memory"] for step, it in scenario.gpu_memories.items()}
    if not statuses.get("before") and not memories.get("before"):
        raise CheckSkipped("the server has no GPU")
    indexed = {step: [{"index": gpu["index"], **gpu["memory"]} for gpu in gpus] for step, gpus in statuses.items()}
    yield from _compare_sizes(client, scenario.gpu_statuses, indexed)
    yield from _compare_sizes(client, scenario.gpu_memories, memories)
    used = {step: sum(it["used_gb"] for it in figures) for step, figures in memories.items()}
    total = sum(it["total_gb"] for it in memories["before"])
    tolerance = _SHARE * total + _ROUNDING_GB
    before, after = scenario.step_before("unload all"), "unload all"
    if used[after] > used[before] + tolerance:
        expected = f"at most {used[before]:.2f} GiB used, as before all models were unloaded"
        yield client.violation(scenario.gpu_memories[after], expected=expected, actual=f"{used[after]:.2f}")
    yield from _compare_purge(client, scenario, used, total, tolerance)


def _compare_sizes(
    client: ServerClient, exchanges: Mapping[str, Exchange], figures: Mapping[str, Sequence[Mapping[str, Any]]]
) -> Iterator[Violation]:
    """Report the first step after which there are other GPUs, or GPUs of another size."""
    first = [_describe_size(gpu) for gpu in figures["before"]]
    for step, gpus in figures.items():
        sizes = [_describe_size(gpu) for gpu in gpus]
        if sizes != first:
            expected = f"the GPUs as before any model was loaded: {', '.join(first)}"
            actual = f"{', '.join(sizes) or 'no GPU'} after the step {step!r}"
            yield client.violation(exchanges[step], expected=expected, actual=actual)
            return


def _compare_purge(
    client: ServerClient, scenario: Scenario, used: Mapping[str, float], total: float, tolerance: float
) -> Iterator[Violation]:
    """The figures of the purge are those of all GPUs together, before and after it."""
    exchange = scenario.responses["purge"]
    if exchange.status != 200:
        return  # a violation of purge-takes-effect
    purge = read_object(client, exchange)
    states = (("memory_before", scenario.step_before("purge")), ("memory_after", "purge"))
    for name, step in states:
        for figure, value in (("used_gb", used[step]), ("total_gb", total)):
            if abs(purge[name][figure] - value) > tolerance:
                expected = f"{name}.{figure} about {value:.2f}, the sum of {GPU_MEMORY}"
                yield client.violation(exchange, expected=expected, actual=str(purge[name][figure]))


def _read_states(client: ServerClient, scenario: Scenario, step: str) -> dict[str, str]:
    """The state of every model after a step, with those in `loaded`."""
    body = read_object(client, scenario.statuses[step])
    return {**body["loading_status"], **dict.fromkeys(body["loaded"], "loaded")}


def _describe_size(gpu: Mapping[str, Any]) -> str:
    index = f"GPU {gpu['index']}: " if "index" in gpu else ""
    return f"{index}{gpu['total_gb']} GiB"
