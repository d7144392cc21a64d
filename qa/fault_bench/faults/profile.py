"""Faults of servers that have only what OpenAI-compatible servers share; they are checked with that profile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qa.fault_bench.faults.seeded import CHAT, DONE, TEXT_OPERATIONS, change_events, change_json, fault
from qa.fault_bench.messages import Change, Forward, Request, Response, build_error, operations

_LIST = ("list_models",)


def offer_shared_operations(change: Change) -> Change:
    """Leave out the operations of PolarGrid alone, and offer OpenAI's own `/v1/models/{model}`."""

    def apply(request: Request, forward: Forward) -> Response:
        operation = operations().get(request.operation)
        is_retrieval = request.path.startswith("/v1/models/")
        if is_retrieval and request.method not in ("GET", "HEAD"):
            return build_error(405, "invalid_request_error").with_header("allow", "GET, HEAD")
        if not is_retrieval and operation is not None and not operation.is_in("openai"):
            return build_error(404, "invalid_request_error")
        return change(request, forward)

    return apply


def _fault(name: str, description: str, on: tuple[str, ...], change: Change) -> None:
    fault(name, "profile", description, on=on, profile="openai")(offer_shared_operations(change))


def _fail(is_failed: Callable[[Request], object]) -> Change:
    def apply(request: Request, forward: Forward) -> Response:
        return build_error(500, "server_error") if is_failed(request) else forward(request)

    return apply


def _drop_list_object(_: Request, body: Any) -> Any:
    return body["data"]


def _drop_ids(_: Request, body: Any) -> None:
    for model in body["data"]:
        model["name"] = model.pop("id")


def _increase_total(_: Request, body: Any) -> None:
    body["usage"]["total_tokens"] += 1


_fault("P01", "With the profile openai: the list of models is bare.", _LIST, change_json(_LIST, _drop_list_object))
_fault("P02", "With the profile openai: models have no id.", _LIST, change_json(_LIST, _drop_ids))
_fault("P03", "With the profile openai: tools get 500.", CHAT, _fail(lambda request: request.json.get("tools")))
_fault(
    "P04",
    "With the profile openai: log probabilities get 500.",
    TEXT_OPERATIONS,
    _fail(lambda request: request.json.get("logprobs")),
)
_fault(
    "P05", "With the profile openai: a seed gets 500.", TEXT_OPERATIONS, _fail(lambda request: "seed" in request.json)
)
_fault(
    "P06",
    "With the profile openai: a stream has no [DONE].",
    TEXT_OPERATIONS,
    change_events(lambda _, events: [event for event in events if event[1] != DONE]),
)
_fault(
    "P07",
    "With the profile openai: the usage does not add up.",
    TEXT_OPERATIONS,
    change_json(TEXT_OPERATIONS, _increase_total),
)
