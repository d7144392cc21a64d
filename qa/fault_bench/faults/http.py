"""Faults of HTTP: keys, methods, media types, headers, errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any
from uuid import uuid4

from qa.fault_bench.faults.seeded import CHAT, TEXT_OPERATIONS, change_request, fault
from qa.fault_bench.messages import (
    KEY,
    MODEL,
    Forward,
    Request,
    Response,
    build_error,
    build_response,
    supported_methods,
)

_READING_OPERATIONS = ("list_models", "get_model_status", "health")


def _change_status(request: Request, forward: Forward, status: int, change: Callable[[Response], Response]) -> Response:
    """Change responses with this status."""
    response = forward(request)
    return change(response) if response.status == status else response


def _change_errors(request: Request, forward: Forward, change: Callable[[Response], Response]) -> Response:
    response = forward(request)
    return change(response) if response.status >= 400 else response


def _key(request: Request) -> str:
    return request.header("authorization").removeprefix("Bearer ")


def _error(message: str, error_type: str, code: str, **fields: Any) -> dict[str, Any]:
    return {"error": {"message": message, "type": error_type, "code": code, **fields}}


@fault("H01", "http", "One operation skips authentication.", on=("get_gpu_memory",))
def skip_authentication(request: Request, forward: Forward) -> Response:
    return forward(request.with_key() if request.operation == "get_gpu_memory" else request)


@fault("H02", "http", "Any key is accepted.", on=_READING_OPERATIONS)
def accept_any_key(request: Request, forward: Forward) -> Response:
    return forward(request.with_key() if request.header("authorization").startswith("Bearer ") else request)


@fault("H03", "http", "Bodies are validated before the key.", on=(*CHAT, "load_model"))
def validate_before_authentication(request: Request, forward: Forward) -> Response:
    response = forward(request)
    if response.status != 401 or not request.body:
        return response
    with_key = forward(request.with_key())
    return with_key if with_key.status in (400, 415) else response


@fault("H04", "http", "A wrong key gets 400.", on=_READING_OPERATIONS)
def reject_key_with_400(request: Request, forward: Forward) -> Response:
    return _change_status(request, forward, 401, lambda response: replace(response, status=400))


@fault("H05", "http", "An unsupported method gets 404.", on=_READING_OPERATIONS)
def reject_method_with_404(request: Request, forward: Forward) -> Response:
    return _change_status(
        request, forward, 405, lambda response: replace(response, status=404).with_header("allow", None)
    )


@fault("H06", "http", "405 has no Allow.", on=_READING_OPERATIONS)
def omit_allow(request: Request, forward: Forward) -> Response:
    return _change_status(request, forward, 405, lambda response: response.with_header("allow", None))


@fault("H07", "http", "A wrong Content-Type is accepted.", on=(*TEXT_OPERATIONS, "load_model"))
def accept_any_media_type(request: Request, forward: Forward) -> Response:
    return forward(request.with_header("content-type", "application/json") if request.json else request)


@fault("H08", "http", "An unknown path gets 200.", on=("list_models",))
def accept_unknown_path(request: Request, forward: Forward) -> Response:
    return build_response(200, {"status": "ok"}) if not supported_methods(request.path) else forward(request)


@fault("H09", "http", "There is no request id.", on=_READING_OPERATIONS)
def omit_request_id(request: Request, forward: Forward) -> Response:
    return forward(request).with_header("x-request-id", None)


@fault("H10", "http", "The request id is constant.", on=_READING_OPERATIONS)
def use_constant_request_id(request: Request, forward: Forward) -> Response:
    return forward(request).with_header("x-request-id", "req_1")


@fault("H11", "http", "Some 429 responses have no Retry-After.", on=CHAT)
def omit_retry_after(request: Request, forward: Forward) -> Response:
    is_limited = request.operation == "chat_completion" and request.number % 20 == 0
    return build_error(429, "rate_limit_error") if is_limited else forward(request)


@fault("H12", "http", "Retry-After is neither a number nor a date.", on=CHAT)
def send_invalid_retry_after(request: Request, forward: Forward) -> Response:
    if request.operation == "chat_completion" and request.number % 20 == 0:
        return build_error(429, "rate_limit_error").with_header("retry-after", "soon")
    return forward(request)


@fault("H13", "http", "max_tokens 0 gets 500.", on=TEXT_OPERATIONS)
def crash_on_zero_tokens(request: Request, forward: Forward) -> Response:
    return build_error(500, "server_error") if request.json.get("max_tokens", 1) == 0 else forward(request)


@fault("H14", "http", "Errors have the format of another framework.", on=(*CHAT, "health"))
def use_other_error_format(request: Request, forward: Forward) -> Response:
    return _change_errors(request, forward, lambda response: response.with_json({"detail": "Not accepted"}))


@fault("H15", "http", "An error contains a stack trace.", on=CHAT)
def expose_stack_trace(request: Request, forward: Forward) -> Response:
    trace = 'Traceback (most recent call last):\n  File "/srv/edge/app.py", line 12, in read\nKeyError: 5'
    body = _error(trace, "invalid_request_error", "bad_request")
    return _change_status(request, forward, 400, lambda response: response.with_json(body))


@fault("H16", "http", "Any method is accepted.", on=_READING_OPERATIONS)
def accept_any_method(request: Request, forward: Forward) -> Response:
    methods = supported_methods(request.path)
    is_supported = request.method in methods or not methods
    return forward(request if is_supported else replace(request, method=methods[0]))


@fault("H17", "http", "An unknown model is replaced by another.", on=TEXT_OPERATIONS)
def replace_unknown_model(request: Request, forward: Forward) -> Response:
    response = forward(request)
    if request.operation in TEXT_OPERATIONS and response.status == 404:
        return forward(request.with_fields(model=MODEL))
    return response


@fault("H18", "http", "Errors are HTML pages.", on=_READING_OPERATIONS)
def send_html_errors(request: Request, forward: Forward) -> Response:
    page = b"<html><h1>Bad Request</h1></html>"
    return _change_errors(
        request, forward, lambda response: response.with_body(page).with_header("content-type", "text/html")
    )


@fault("H19", "http", "Truncated JSON gets 500.", on=CHAT)
def crash_on_truncated_json(request: Request, forward: Forward) -> Response:
    try:
        json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        return _change_status(request, forward, 400, lambda _: build_error(500, "server_error"))
    return forward(request)


@fault("H20", "http", "JSON is declared as text.", on=_READING_OPERATIONS)
def declare_json_as_text(request: Request, forward: Forward) -> Response:
    response = forward(request)
    return response.with_header("content-type", "text/plain") if isinstance(response.json, dict) else response


@fault("H21", "http", "The request id is repeated.", on=_READING_OPERATIONS)
def repeat_request_id(request: Request, forward: Forward) -> Response:
    response = forward(request)
    return replace(response, headers=(*response.headers, ("x-request-id", f"req_second_{request.number}")))


@fault("H22", "http", "Errors are truncated.", on=CHAT)
def truncate_errors(request: Request, forward: Forward) -> Response:
    return _change_status(request, forward, 400, lambda response: replace(response, truncated=True))


@fault("H23", "http", "Every error has the type server_error.", on=(*CHAT, "health"))
def use_one_error_type(request: Request, forward: Forward) -> Response:
    body = _error("Not accepted: model, messages", "server_error", "e1")
    return _change_errors(request, forward, lambda response: response.with_json(body))


@fault("H24", "http", "A body that is too large gets 500.", on=CHAT)
def crash_on_large_body(request: Request, forward: Forward) -> Response:
    return _change_status(request, forward, 413, lambda _: build_error(500, "server_error"))


@fault("H25", "http", "The last character of a key is not compared.", on=CHAT)
def compare_prefix_of_key(request: Request, forward: Forward) -> Response:
    return forward(request.with_key() if _key(request)[:-1] == KEY[:-1] else request)


@fault("H26", "http", "The key is accepted under another scheme.", on=CHAT)
def accept_other_scheme(request: Request, forward: Forward) -> Response:
    return forward(request.with_key() if request.header("authorization").endswith(f" {KEY}") else request)


@fault("H27", "http", "Errors have no request id.", on=_READING_OPERATIONS)
def omit_request_id_of_errors(request: Request, forward: Forward) -> Response:
    return _change_errors(request, forward, lambda response: response.with_header("x-request-id", None))


@fault("H28", "http", "The error does not name the invalid field.", on=CHAT)
def omit_field_name(request: Request, forward: Forward) -> Response:
    body = _error("Bad input", "invalid_request_error", "bad_request", param=None)
    return _change_status(request, forward, 400, lambda response: response.with_json(body))


def _drop_invalid_temperature(request: Request) -> Request:
    is_text = isinstance(request.json.get("temperature"), str)
    return request.with_fields(temperature=...) if is_text else request


fault("H29", "http", "A temperature that is not a number is accepted.", on=TEXT_OPERATIONS)(
    change_request(TEXT_OPERATIONS, _drop_invalid_temperature)
)


def _idempotency_key(request: Request) -> str:
    return request.header("idempotency-key")


def _return_key(response: Response, request: Request) -> Response:
    return response.with_header("idempotency-key", _idempotency_key(request))


@fault("H30", "http", "A retry with the same idempotency key is processed again.", on=CHAT)
def process_retries_again(request: Request, forward: Forward) -> Response:
    if not _idempotency_key(request):
        return forward(request)
    return _return_key(forward(request.with_header("idempotency-key", str(uuid4()))), request)


@fault("H31", "http", "The retry of an upload is compared with its boundary.", on=("transcribe",))
def compare_boundaries(request: Request, forward: Forward) -> Response:
    response = forward(request)
    if request.operation == "transcribe" and response.header("idempotency-replayed"):
        return _return_key(build_error(422, "invalid_request_error"), request)
    return response


@fault("H32", "http", "Another request with the same idempotency key is processed.", on=CHAT)
def process_reused_keys(request: Request, forward: Forward) -> Response:
    response = forward(request)
    if response.status != 422:
        return response
    return _return_key(forward(request.with_header("idempotency-key", str(uuid4()))), request)


@fault("H33", "http", "Equal requests get one response, even if their idempotency keys differ.", on=CHAT)
def replay_for_any_key(request: Request, forward: Forward) -> Response:
    if not _idempotency_key(request):
        return forward(request)
    key = sha256(request.body).hexdigest()
    return _return_key(forward(request.with_header("idempotency-key", key)), request)


@fault("H34", "http", "An idempotency key replaces the API key.", on=CHAT)
def replay_without_api_key(request: Request, forward: Forward) -> Response:
    return forward(request.with_key() if _idempotency_key(request) else request)


@fault("H35", "http", "A replayed response is not marked.", on=CHAT)
def omit_replayed_header(request: Request, forward: Forward) -> Response:
    return forward(request).with_header("idempotency-replayed", None)


@fault("H36", "http", "Long idempotency keys are cut.", on=CHAT)
def cut_long_keys(request: Request, forward: Forward) -> Response:
    key = _idempotency_key(request)
    return forward(request.with_header("idempotency-key", key[:255]) if key else request)


@fault("H37", "http", "An operation without `security` requires a key.", on=("get_route",))
def require_key_for_all(request: Request, forward: Forward) -> Response:
    is_rejected = request.operation == "get_route" and not _key(request)
    return build_error(401, "authentication_error") if is_rejected else forward(request)


@fault("H38", "http", "The id of an unknown model gets another model.", on=("retrieve_model",))
def replace_unknown_id(request: Request, forward: Forward) -> Response:
    response = forward(request)
    if request.operation != "retrieve_model" or response.status != 404:
        return response
    return forward(replace(request, target=f"/v1/models/{MODEL}"))


@fault("H39", "http", "An invalid date is ignored.", on=("get_usage",))
def ignore_invalid_date(request: Request, forward: Forward) -> Response:
    response = forward(request)
    is_rejected = request.operation == "get_usage" and response.status == 400
    return forward(replace(request, target=request.path)) if is_rejected else response
