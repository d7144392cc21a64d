"""Faults of the lifecycle that only a second model shows: what is not named moves."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from qa.fault_bench.faults.seeded import change_json, fault
from qa.fault_bench.messages import Forward, Request, Response

_STATUS = ("get_model_status",)
_LOAD, _UNLOAD = ("load_model", *_STATUS), ("unload_model", *_STATUS)


def _get(request: Request, forward: Forward, target: str) -> Any:
    response = forward(replace(request, method="GET", target=target, body=b"").with_key())
    return response.json or {}


def _post(request: Request, forward: Forward, target: str, body: dict[str, Any]) -> Response:
    sent = replace(request, method="POST", target=target, body=json.dumps(body).encode())
    headers = tuple(pair for pair in sent.headers if pair[0].lower() not in {"idempotency-key", "content-type"})
    return forward(replace(sent, headers=(*headers, ("content-type", "application/json"))).with_key())


def _other_models(request: Request, forward: Forward) -> list[str]:
    """The loaded models that a request does not name."""
    loaded = _get(request, forward, "/v1/models/status").get("loaded", [])
    return [model for model in loaded if model != request.json.get("model_name")]


def _unload_others(request: Request, forward: Forward) -> None:
    for model in _other_models(request, forward):
        _post(request, forward, "/v1/models/unload", {"model_name": model}).body  # noqa: B018 - reads the response


@fault("M01", "models", "An unload also unloads the other models.", on=_UNLOAD)
def unload_others_too(request: Request, forward: Forward) -> Response:
    response = forward(request)
    if request.operation == "unload_model" and response.is_success:
        _unload_others(request, forward)
    return response


@fault("M02", "models", "A load unloads the other models.", on=_LOAD)
def keep_one_model(request: Request, forward: Forward) -> Response:
    response = forward(request)
    if request.operation == "load_model" and response.is_success:
        _unload_others(request, forward)
    return response


@fault("M03", "models", "The response to a load names another loaded model.", on=_LOAD)
def name_other_model(request: Request, forward: Forward) -> Response:
    response = forward(request)
    if request.operation != "load_model" or not response.is_success:
        return response
    others = _other_models(request, forward)
    return response.with_json({**response.json, "model": others[0]}) if others else response


@fault("M04", "models", "An unload unloads another model than the one that it names.", on=_UNLOAD)
def unload_other_model(request: Request, forward: Forward) -> Response:
    name = request.json.get("model_name")
    others = _other_models(request, forward) if request.operation == "unload_model" else []
    if not others or not isinstance(name, str):
        return forward(request)
    response = forward(request.with_fields(model_name=others[0]))
    return response.with_json({**response.json, "model": name}) if response.is_success else response


@fault("M05", "models", "A reload of one model unloads the other ones.", on=_LOAD)
def reload_alone(request: Request, forward: Forward) -> Response:
    response = forward(request)
    if request.operation == "load_model" and response.is_success and request.json.get("force_reload") is True:
        _unload_others(request, forward)
    return response


def _swap_states(_: Request, body: Any) -> None:
    """Give two models each other's state."""
    states, loaded = body["loading_status"], body["loaded"]
    first = next((model for model in states if states[model] == "loaded"), None)
    second = next((model for model in states if states[model] == "unloaded"), None)
    if first is not None and second is not None:
        states[first], states[second] = states[second], states[first]
        body["loaded"] = [second if model == first else model for model in loaded]


def _keep_first_loaded(_: Request, body: Any) -> None:
    """Report at most one model as loaded."""
    for model in body["loaded"][1:]:
        body["loading_status"][model] = "unloaded"
    del body["loaded"][1:]


fault("M06", "models", "Two models have each other's state.", on=_STATUS)(change_json(_STATUS, _swap_states))
fault("M07", "models", "The status reports at most one loaded model.", on=_STATUS)(
    change_json(_STATUS, _keep_first_loaded)
)


@fault("M08", "models", "A rejected load unloads the other models.", on=_LOAD)
def unload_on_rejection(request: Request, forward: Forward) -> Response:
    response = forward(request)
    if request.operation == "load_model" and response.status == 404:
        _unload_others(request, forward)
    return response
