"""Faults of JSON responses: their metadata, and parameters without effect."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qa.fault_bench.faults.seeded import CHAT, TEXT_OPERATIONS, ModifyBody, change_json, change_request, fault
from qa.fault_bench.messages import Forward, Request, Response, build_error

_GREETING = {"chat_completion": {"messages": [{"role": "user", "content": "Hello"}]}, "completion": {"prompt": "Hello"}}


def _modify_usage(**changes: Callable[[Any], Any]) -> ModifyBody:
    def modify(_: Request, body: Any) -> None:
        for name, change in changes.items():
            body["usage"][name] = change(body["usage"][name])

    return modify


def _set_fields(**values: Any) -> ModifyBody:
    def modify(_: Request, body: Any) -> None:
        body.update(values)

    return modify


def _modify_choices(change: Callable[[Any], Any]) -> ModifyBody:
    def modify(_: Request, body: Any) -> None:
        for choice in body["choices"]:
            change(choice)

    return modify


def _modify_text(choice: Any, change: Callable[[str], str | None]) -> None:
    parent, name = (choice["message"], "content") if "message" in choice else (choice, "text")
    parent[name] = change(parent[name] or "")


def _drop_fields(*names: str) -> Callable[[Request], Request]:
    return lambda request: request.with_fields(**dict.fromkeys(names, ...))


def _response(name: str, description: str, modify: ModifyBody, on: tuple[str, ...] = TEXT_OPERATIONS) -> None:
    fault(name, "json", description, on=on)(change_json(on, modify))


def _request(
    name: str, description: str, modify: Callable[[Request], Request], on: tuple[str, ...] = TEXT_OPERATIONS
) -> None:
    fault(name, "json", description, on=on)(change_request(on, modify))


def _is_list(request: Request, name: str) -> bool:
    value = request.json.get(name)
    return isinstance(value, list) and bool(value)


def _use_temperature_zero(request: Request) -> Request:
    value = request.json.get("temperature", 1)
    is_valid = isinstance(value, int | float) and 0 <= value <= 2
    return request.with_fields(temperature=0) if is_valid else request


def _use_first_prompt(request: Request) -> Request:
    return request.with_fields(prompt=request.json["prompt"][0]) if _is_list(request, "prompt") else request


def _filter_messages(request: Request, keep: Callable[[Any], bool]) -> Request:
    """Remove messages of a valid list, unless none would remain."""
    messages = request.json.get("messages")
    if not isinstance(messages, list):
        return request
    if not all(isinstance(message, dict) and "role" in message for message in messages):
        return request
    return request.with_fields(messages=[message for message in messages if keep(message)] or messages)


def _drop_system_message(request: Request) -> Request:
    return _filter_messages(request, lambda message: message["role"] != "system")


def _rename_choices(_: Request, body: Any) -> None:
    body["results"] = body.pop("choices")


def _drop_completion_tokens(_: Request, body: Any) -> None:
    del body["usage"]["completion_tokens"]


def _append_template_mark(choice: Any) -> None:
    _modify_text(choice, lambda text: text + "<|im_end|>")


_response("J01", "The usage does not add up.", _modify_usage(total_tokens=lambda count: count + 1))
_response("J02", "Characters are counted as tokens.", _modify_usage(completion_tokens=lambda count: 5 * count))
_response("J03", "finish_reason is unknown.", _modify_choices(lambda choice: choice.update(finish_reason="eos")))
_response("J04", "finish_reason is always stop.", _modify_choices(lambda choice: choice.update(finish_reason="stop")))
_response("J05", "`created` is in milliseconds.", lambda _, body: body.update(created=body["created"] * 1000))
_response("J06", "All responses have the same id.", _set_fields(id="chatcmpl-1"))
_response("J07", "`object` is that of a chunk.", _set_fields(object="chat.completion.chunk"))
_request("J08", "max_tokens is ignored.", _drop_fields("max_tokens"))
_request("J09", "n is ignored.", _drop_fields("n"))
_request("J10", "stop is ignored.", _drop_fields("stop"))
_request("J12", "max_completion_tokens is ignored.", _drop_fields("max_completion_tokens"), CHAT)
_response("J14", "The usage lacks a field.", _drop_completion_tokens)
_response(
    "J15", "The message has another role.", _modify_choices(lambda choice: choice["message"].update(role="bot")), CHAT
)
_response("J16", "The text contains a mark of the template.", _modify_choices(_append_template_mark))
_request("J17", "Only the first of several prompts is completed.", _use_first_prompt, ("completion",))
_request("J18", "The seed is ignored.", lambda request: request.with_fields(seed=request.number % 3))
_request("J19", "temperature is ignored.", _use_temperature_zero)
_request("J20", "The system message is dropped.", _drop_system_message, CHAT)
_request("J22", "response_format is ignored.", _drop_fields("response_format"), CHAT)
_request("J23", "Tools are ignored.", _drop_fields("tools", "tool_choice"), CHAT)
_request("J26", "logprobs are ignored.", _drop_fields("logprobs", "top_logprobs"), CHAT)
_response("J28", "Token counts are strings.", _modify_usage(prompt_tokens=str))
_response("J29", "The field of the choices has another name.", _rename_choices)
_response("J30", "The text is null.", _modify_choices(lambda choice: _modify_text(choice, lambda _: None)))
_response("L08", "The response names another model.", _set_fields(model="llama-3.1-70b"))


@fault("J11", "json", "The text contains the stop sequence.", on=TEXT_OPERATIONS)
def append_stop_sequence(request: Request, forward: Forward) -> Response:
    def modify(request: Request, body: Any) -> None:
        stop = request.json.get("stop")
        for choice in body["choices"]:
            if stop and choice["finish_reason"] == "stop":
                _modify_text(choice, lambda text: text + (stop if isinstance(stop, str) else stop[-1]))

    return change_json(TEXT_OPERATIONS, modify)(request, forward)


@fault("J13", "json", "Temperature 0 with a seed is not reproducible.", on=TEXT_OPERATIONS)
def vary_text(request: Request, forward: Forward) -> Response:
    modify = _modify_choices(lambda choice: _modify_text(choice, lambda text: f"{text} {request.number % 10}"))
    has_seed = request.json.get("seed") is not None
    return change_json(TEXT_OPERATIONS, modify)(request, forward) if has_seed else forward(request)


@fault("J21", "json", "Only the last message is used.", on=CHAT)
def use_last_message(request: Request, forward: Forward) -> Response:
    last = request.json["messages"][-1] if _is_list(request, "messages") else None
    return forward(_filter_messages(request, lambda message: message == last))


@fault("J24", "json", "null is rejected for an optional field.", on=TEXT_OPERATIONS)
def reject_null(request: Request, forward: Forward) -> Response:
    if request.operation in TEXT_OPERATIONS and None in request.json.values():
        return build_error(400, "invalid_request_error")
    return forward(request)


@fault("J25", "json", "Unknown fields are rejected.", on=TEXT_OPERATIONS)
def reject_unknown_fields(request: Request, forward: Forward) -> Response:
    if request.operation in TEXT_OPERATIONS and any(name.startswith("x_") for name in request.json):
        return build_error(400, "invalid_request_error")
    return forward(request)


@fault("J27", "json", "Every prompt gets the same cached response.", on=TEXT_OPERATIONS)
def use_one_response(request: Request, forward: Forward) -> Response:
    if request.operation not in TEXT_OPERATIONS or not forward(request).is_success:
        return forward(request)
    return forward(request.with_fields(**_GREETING[request.operation]))
