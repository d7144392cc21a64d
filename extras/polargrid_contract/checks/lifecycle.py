"""Loading and unloading of models: the responses, and the status afterwards."""

from __future__ import annotations

from collections.abc import Iterator

from polargrid_contract.checks.bodies import read_object
from polargrid_contract.checks.lifecycle_scenario import (
    STATUS,
    UNKNOWN_MODEL,
    map_names_to_ids,
    run_scenario,
    select_scenario_model,
)
from polargrid_contract.checks.requests import select
from polargrid_contract.client import ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.registry import check
from polargrid_contract.results import Profile, Violation

_POLARGRID: tuple[Profile, ...] = ("polargrid",)


@check(
    "load-updates-status",
    on=("load_model", STATUS),
    rationale="The status lists a model that is loaded or reloaded, so that clients do not wait for it.",
    reference="SDK reference, load_model and get_model_status",
    profiles=_POLARGRID,
    mutates=True,
    together=True,
)
def check_load(client: ServerClient) -> Iterator[Violation]:
    """The response names the model, and the status lists it as loaded."""
    scenario = run_scenario(client)
    name, model = select_scenario_model(client)
    # Before the last of these steps the model is unloaded, in every initial state.
    for step, force in (("load", False), ("reload", True), ("load before purge", False)):
        exchange = scenario.responses[step]
        body = read_object(client, exchange)
        if body["status"] == "failed":
            yield client.violation(exchange, expected="the model is loaded", actual=_describe(exchange))
            continue
        if (body["model"], body["force_reload"]) != (name, force):
            actual = f"model {body['model']}, force_reload {body['force_reload']}"
            yield client.violation(exchange, expected=f"model {name}, force_reload {force}", actual=actual)
        if model not in scenario.models_after(step):
            actual = f"loaded: {sorted(scenario.models_after(step))}"
            yield client.violation(scenario.statuses[step], expected=f"{model} in loaded", actual=actual)


@check(
    "status-consistent",
    on=(STATUS,),
    rationale="The list of loaded models and the state of each model express the same fact.",
    reference="openapi.yaml, ModelStatusResponse",
    profiles=_POLARGRID,
)
def check_status(client: ServerClient) -> Iterator[Violation]:
    """`loaded` contains the models that have the state loaded in `loading_status`."""
    yield from _find_differences(client, client.send(STATUS))


@check(
    "status-consistent-after-changes",
    on=(STATUS,),
    rationale="A status that is updated in one of two places misleads clients until both agree again.",
    reference="openapi.yaml, ModelStatusResponse",
    profiles=_POLARGRID,
    mutates=True,
)
def check_status_after_changes(client: ServerClient) -> Iterator[Violation]:
    """Also after models are loaded, unloaded and purged."""
    for status in run_scenario(client).statuses.values():
        yield from _find_differences(client, status)


def _find_differences(client: ServerClient, status: Exchange) -> Iterator[Violation]:
    body = read_object(client, status)
    states = {model for model, state in body["loading_status"].items() if state == "loaded"}
    if states != set(body["loaded"]):
        expected = f"loaded {sorted(states)}, as in loading_status"
        yield client.violation(status, expected=expected, actual=str(body["loaded"]))


@check(
    "status-models-listed",
    on=(STATUS, "list_models"),
    rationale="A model that can be loaded can be requested, so it is in the list.",
    reference="openapi.yaml, list_models",
    profiles=_POLARGRID,
    together=True,
)
def check_status_models(client: ServerClient) -> Iterator[Violation]:
    """list_models contains every model in the status."""
    status = client.send(STATUS)
    body = read_object(client, status)
    if missing := sorted({*body["loaded"], *body["loading_status"]} - set(map_names_to_ids(client))):
        yield client.violation(status, expected="models in list_models", actual=", ".join(missing))


@check(
    "unload-takes-effect",
    on=("unload_model", STATUS),
    rationale="An unloaded model frees its memory; unloading it again does no harm.",
    reference="SDK reference, unload_model",
    profiles=_POLARGRID,
    mutates=True,
    together=True,
)
def check_unload(client: ServerClient) -> Iterator[Violation]:
    """The response names the model, and the status does not list it as loaded."""
    scenario = run_scenario(client)
    name, model = select_scenario_model(client)
    for step in ("unload", "unload again"):
        exchange = scenario.responses[step]
        body = read_object(client, exchange)
        if step == "unload" and body["status"] != "success":
            yield client.violation(exchange, expected="the model is unloaded", actual=_describe(exchange))
            continue
        if body["model"] != name:
            yield client.violation(exchange, expected=f"model {name}", actual=str(body["model"]))
        if model in scenario.models_after(step):
            actual = f"loaded: {sorted(scenario.models_after(step))}"
            yield client.violation(scenario.statuses[step], expected=f"{model} not in loaded", actual=actual)


@check(
    "unloaded-model-served-or-rejected",
    on=("chat_completion", "unload_model"),
    rationale="A request for an unloaded model loads it, or gets an error that says so.",
    reference="SDK reference, load_model",
    profiles=_POLARGRID,
    mutates=True,
    together=True,
)
def check_use_after_unload(client: ServerClient) -> Iterator[Violation]:
    """The response has choices, or is an error with status 404, 409 or 503."""
    exchange = run_scenario(client).responses["use"]
    body = exchange.json()
    has_choices = exchange.status == 200 and isinstance(body, dict) and body.get("choices")
    is_error = exchange.status in {404, 409, 503} and isinstance(body, dict) and "error" in body
    if not has_choices and not is_error:
        expected = "choices, or status 404, 409 or 503 with an error"
        yield client.violation(exchange, expected=expected, actual=_describe(exchange))


@check(
    "unload-all-counts",
    on=("unload_all_models", STATUS),
    rationale="Unloading all models leaves none, and the response lists and counts them.",
    reference="SDK reference, unload_all_models",
    profiles=_POLARGRID,
    mutates=True,
    together=True,
)
def check_unload_all(client: ServerClient) -> Iterator[Violation]:
    """The list and the count match the models that were loaded, and no model is loaded afterwards."""
    scenario = run_scenario(client)
    exchange = scenario.responses["unload all"]
    body = read_object(client, exchange)
    unloaded = body["unloaded_models"]
    if body["total_unloaded"] != len(unloaded):
        expected = f"total_unloaded {len(unloaded)}, the length of unloaded_models"
        yield client.violation(exchange, expected=expected, actual=str(body["total_unloaded"]))
    if body["status"] != "success":
        return  # some models could not be unloaded
    if set(unloaded) != scenario.models_after("load after use"):
        expected = f"the loaded models, {sorted(scenario.models_after('load after use'))}"
        yield client.violation(exchange, expected=expected, actual=str(unloaded))
    if remaining := scenario.models_after("unload all"):
        status = scenario.statuses["unload all"]
        yield client.violation(status, expected="no model in loaded", actual=str(sorted(remaining)))


@check(
    "purge-takes-effect",
    on=("purge_gpu", STATUS),
    rationale="The models that a purge lists as unloaded are unloaded.",
    reference="SDK reference, purge_gpu",
    profiles=_POLARGRID,
    mutates=True,
    together=True,
)
def check_purge(client: ServerClient) -> Iterator[Violation]:
    """No listed model is loaded afterwards, and with force no model is."""
    scenario = run_scenario(client)
    exchange, status = scenario.responses["purge"], scenario.statuses["purge"]
    body = read_object(client, exchange)
    unloaded = set(body["models_unloaded"])
    before, after = scenario.models_after("load before purge"), scenario.models_after("purge")
    if still_loaded := unloaded & after:
        expected = "no model of models_unloaded in loaded"
        yield client.violation(status, expected=expected, actual=str(sorted(still_loaded)))
    if body["status"] == "success" and not unloaded >= before - after:
        expected = f"models_unloaded with {sorted(before - after)}"
        yield client.violation(exchange, expected=expected, actual=str(sorted(unloaded)))
    if body["status"] == "success" and after:
        expected = "no model in loaded, since force was set"
        yield client.violation(status, expected=expected, actual=str(sorted(after)))


@check(
    "load-unknown-model",
    on=("load_model", "unload_model"),
    rationale="A user who mistypes the name of a model gets an error.",
    reference="openapi.yaml, NotFound",
    profiles=_POLARGRID,
    mutates=True,
)
def check_load_unknown(client: ServerClient) -> Iterator[Violation]:
    """Loading and unloading an unknown model get 404."""
    for operation in select(client, lambda it: it.name in ("load_model", "unload_model")):
        exchange = client.send(operation.name, {"model_name": UNKNOWN_MODEL})
        if exchange.status != 404 or not isinstance(exchange.json(), dict):
            yield client.violation(exchange, expected="404 with an error", actual=_describe(exchange))


def _describe(exchange: Exchange) -> str:
    return f"status {exchange.status}: {exchange.text[:200]}"
