"""Faults of HTTP: keys, methods, media types, headers, errors."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from qa.fault_bench.faults.seeded import CHAT, TEXTS, asking, fault
from qa.fault_bench.messages import KEY, MODEL, Answer, Asked, Forward, places, refusal, told

_READ = ("list_models", "get_model_status", "health")
_STATUS = ("get_model_status",)


def _failing(asked: Asked, forward: Forward, status: int, change: Any) -> Answer:
    """The answer, changed where it has this status (0: any error)."""
    answer = forward(asked)
    hit = answer.status == status if status else answer.status >= 400
    return change(answer) if hit else answer


def _key(asked: Asked) -> str:
    return asked.header("authorization").removeprefix("Bearer ")


@fault("H01", "http", "One operation skips authentication.", on=("get_gpu_memory",))
def open_operation(asked: Asked, forward: Forward) -> Answer:
    return forward(asked.with_key() if asked.operation == "get_gpu_memory" else asked)


@fault("H02", "http", "Any key is accepted.", on=_READ)
def any_key(asked: Asked, forward: Forward) -> Answer:
    return forward(asked.with_key() if asked.header("authorization").startswith("Bearer ") else asked)


@fault("H03", "http", "Bodies are validated before the key.", on=(*CHAT, "load_model"))
def key_after_validation(asked: Asked, forward: Forward) -> Answer:
    answer = forward(asked)
    if answer.status != 401 or not asked.body:
        return answer
    known = forward(asked.with_key())
    return known if known.status in (400, 415) else answer


@fault("H04", "http", "A wrong key is answered 400.", on=_READ)
def key_400(asked: Asked, forward: Forward) -> Answer:
    return _failing(asked, forward, 401, lambda answer: replace(answer, status=400))


@fault("H05", "http", "An unknown method is answered 404.", on=_READ)
def method_404(asked: Asked, forward: Forward) -> Answer:
    return _failing(asked, forward, 405, lambda answer: replace(answer, status=404).with_header("allow", None))


@fault("H06", "http", "405 comes without Allow.", on=_READ)
def no_allow(asked: Asked, forward: Forward) -> Answer:
    return _failing(asked, forward, 405, lambda answer: answer.with_header("allow", None))


@fault("H07", "http", "A wrong Content-Type is taken.", on=(*TEXTS, "load_model"))
def any_media_type(asked: Asked, forward: Forward) -> Answer:
    return forward(asked.with_header("content-type", "application/json") if asked.json else asked)


@fault("H08", "http", "An unknown path is answered 200.", on=("list_models",))
def nowhere_200(asked: Asked, forward: Forward) -> Answer:
    return told(200, {"status": "ok"}) if asked.path not in places() else forward(asked)


@fault("H09", "http", "There is no request id.", on=_READ)
def no_request_id(asked: Asked, forward: Forward) -> Answer:
    return forward(asked).with_header("x-request-id", None)


@fault("H10", "http", "The request id is always the same.", on=_READ)
def one_request_id(asked: Asked, forward: Forward) -> Answer:
    return forward(asked).with_header("x-request-id", "req_1")


@fault("H11", "http", "429 comes without Retry-After, now and then.", on=CHAT)
def busy(asked: Asked, forward: Forward) -> Answer:
    now = asked.operation == "chat_completion" and asked.number % 20 == 0
    return refusal(429, "rate_limit_error") if now else forward(asked)


@fault("H12", "http", "Retry-After is no number and no date.", on=CHAT)
def retry_soon(asked: Asked, forward: Forward) -> Answer:
    now = asked.operation == "chat_completion" and asked.number % 20 == 0
    return refusal(429, "rate_limit_error").with_header("retry-after", "soon") if now else forward(asked)


@fault("H13", "http", "max_tokens 0 is answered 500.", on=TEXTS)
def zero_tokens(asked: Asked, forward: Forward) -> Answer:
    return refusal(500, "server_error") if asked.json.get("max_tokens", 1) == 0 else forward(asked)


@fault("H14", "http", "Errors have the shape of another framework.", on=(*CHAT, "health"))
def detail(asked: Asked, forward: Forward) -> Answer:
    return _failing(asked, forward, 0, lambda answer: answer.with_json({"detail": "Not accepted"}))


@fault("H15", "http", "An error shows a stack trace.", on=CHAT)
def stack_trace(asked: Asked, forward: Forward) -> Answer:
    trace = 'Traceback (most recent call last):\n  File "/srv/edge/app.py", line 12, in read\nKeyError: 5'
    shown = {"error": {"message": trace, "type": "invalid_request_error", "code": "bad_request"}}
    return _failing(asked, forward, 400, lambda answer: answer.with_json(shown))


@fault("H16", "http", "Any method is accepted.", on=_READ)
def any_method(asked: Asked, forward: Forward) -> Answer:
    methods = places().get(asked.path, {})
    return forward(asked if asked.method in methods or not methods else replace(asked, method=next(iter(methods))))


@fault("H17", "http", "An unknown model is answered by another one.", on=TEXTS)
def default_model(asked: Asked, forward: Forward) -> Answer:
    answer = forward(asked)
    if asked.operation in TEXTS and answer.status == 404:
        return forward(asked.wanting(model=MODEL))
    return answer


@fault("H18", "http", "Errors are pages of HTML.", on=_READ)
def html_errors(asked: Asked, forward: Forward) -> Answer:
    page = b"<html><h1>Bad Request</h1></html>"
    return _failing(asked, forward, 0, lambda answer: answer.with_body(page).with_header("content-type", "text/html"))


@fault("H19", "http", "Broken JSON is answered 500.", on=CHAT)
def broken_json_500(asked: Asked, forward: Forward) -> Answer:
    try:
        json.loads(asked.body or b"{}")
    except (ValueError, RecursionError):
        return _failing(asked, forward, 400, lambda _: refusal(500, "server_error"))
    return forward(asked)


@fault("H20", "http", "JSON is said to be text.", on=_READ)
def json_as_text(asked: Asked, forward: Forward) -> Answer:
    answer = forward(asked)
    return answer.with_header("content-type", "text/plain") if isinstance(answer.json, dict) else answer


@fault("H21", "http", "The request id comes twice.", on=_READ)
def two_request_ids(asked: Asked, forward: Forward) -> Answer:
    answer = forward(asked)
    return replace(answer, headers=(*answer.headers, ("x-request-id", f"req_again_{asked.number}")))


@fault("H22", "http", "Errors break off before their end.", on=CHAT)
def cut_errors(asked: Asked, forward: Forward) -> Answer:
    return _failing(asked, forward, 400, lambda answer: replace(answer, cut=True))


@fault("H23", "http", "Every error is of type server_error.", on=(*CHAT, "health"))
def one_error_type(asked: Asked, forward: Forward) -> Answer:
    shown = {"error": {"message": "Not accepted: model, messages", "type": "server_error", "code": "e1"}}
    return _failing(asked, forward, 0, lambda answer: answer.with_json(shown))


@fault("H24", "http", "A body that is too large is a failure of the server.", on=CHAT)
def large_500(asked: Asked, forward: Forward) -> Answer:
    return _failing(asked, forward, 413, lambda _: refusal(500, "server_error"))


@fault("H25", "http", "The last character of a key is not compared.", on=CHAT)
def nearly_the_key(asked: Asked, forward: Forward) -> Answer:
    return forward(asked.with_key() if _key(asked)[:-1] == KEY[:-1] else asked)


@fault("H26", "http", "The key is taken as a scheme of its own.", on=CHAT)
def other_scheme(asked: Asked, forward: Forward) -> Answer:
    return forward(asked.with_key() if asked.header("authorization").endswith(f" {KEY}") else asked)


@fault("H27", "http", "Only good answers have a request id.", on=_READ)
def no_id_on_errors(asked: Asked, forward: Forward) -> Answer:
    return _failing(asked, forward, 0, lambda answer: answer.with_header("x-request-id", None))


@fault("H28", "http", "The error does not name the field that is wrong.", on=CHAT)
def nameless_field(asked: Asked, forward: Forward) -> Answer:
    shown = {"error": {"message": "Bad input", "type": "invalid_request_error", "code": "bad_request", "param": None}}
    return _failing(asked, forward, 400, lambda answer: answer.with_json(shown))


fault("H29", "http", "A temperature that is no number is taken.", on=TEXTS)(
    asking(TEXTS, lambda asked: asked.wanting(temperature=...) if _is_text(asked, "temperature") else asked)
)


def _is_text(asked: Asked, name: str) -> bool:
    return isinstance(asked.json.get(name), str)
