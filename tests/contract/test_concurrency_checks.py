"""The checks of a hundred requests at once: a correct server passes, also a busy one; a seeded fault fails a check."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Any

import httpx
import pytest

from polargrid_contract.behaviour import run_checks
from polargrid_contract.checks import all_checks
from polargrid_contract.checks.concurrent_burst import limit_texts, send_burst
from polargrid_contract.checks.concurrent_probes import Probe
from polargrid_contract.client import ServerClient, TargetServer
from polargrid_contract.exchange import Exchange
from tests.contract.changes import (
    Body,
    Change,
    Send,
    build_client,
    change_json,
    copy_response,
    failures,
    find_violations,
    names_in,
    run,
)
from tests.contract.recorded_edge import KEY, MODEL
from tests.contract.serve import serve
from tests.contract.test_stream_checks import change_ids, truncate
from tests.contract.test_stream_parity import change_calls, change_choices, upper_text

NAMES = names_in("concurrency")
ERROR = {"error": {"message": "busy", "type": "rate_limit_error", "code": "busy"}}


def is_at_once() -> bool:
    """Whether this request is one of those that are sent at once."""
    return threading.current_thread().name.startswith("contract-burst")


def at_once(change: Change) -> Change:
    """Apply a change only to requests that are sent at once, so that alone all is right."""
    return lambda request, send: change(request, send) if is_at_once() else send(request)


def swap(is_affected: Callable[[httpx.Request, httpx.Response], bool]) -> Change:
    """Give each affected request the response to the one before it, as a shared variable does."""
    lock, previous = threading.Lock(), dict[Any, httpx.Response]()

    def apply(request: httpx.Request, send: Send) -> httpx.Response:
        response = send(request)
        if not is_affected(request, response):
            return response
        kind = (*request.url.path.split("/")[:3], response.headers.get("content-type"))
        with lock:
            other = previous.get(kind, response)
            previous[kind] = response
        return copy_response(other, x_request_id=response.headers.get("x-request-id"))

    return at_once(apply)


def contains(text: str) -> Callable[[httpx.Request, httpx.Response], bool]:
    return lambda request, response: text.encode() in request.content and response.status_code == 200


def is_path(path: str) -> Callable[[httpx.Request, httpx.Response], bool]:
    return lambda request, _: request.url.path.startswith(path)


def respond(status: int, is_affected: Callable[[httpx.Request], bool], **headers: str) -> Change:
    def apply(request: httpx.Request, send: Send) -> httpx.Response:
        if not is_affected(request):
            return send(request)
        sent = {"x-request-id": f"req_{id(request)}", **{name.replace("_", "-"): it for name, it in headers.items()}}
        return httpx.Response(status, json=ERROR, headers=sent)

    return at_once(apply)


def is_embedding(request: httpx.Request) -> bool:
    return request.url.path == "/v1/embeddings"


def refuse(request: httpx.Request, send: Send) -> httpx.Response:
    if is_embedding(request):
        raise httpx.ConnectError("connection refused", request=request)
    return send(request)


def disconnect(request: httpx.Request, send: Send) -> httpx.Response:
    raise httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request)


def change_content(change: Callable[[bytes], bytes]) -> Change:
    def apply(request: httpx.Request, send: Send) -> httpx.Response:
        response = send(request)
        is_stream = response.headers.get("content-type", "").startswith("text/event-stream")
        is_text = is_stream and b'"choices"' in response.content
        return copy_response(response, content=change(response.content)) if is_text else response

    return at_once(apply)


def set_header(name: str, value: str) -> Change:
    return at_once(lambda request, send: copy_response(send(request), **{name: value}))


def accept_invalid(request: httpx.Request, send: Send) -> httpx.Response:
    """An invalid request gets the text of a valid one."""
    body = json.loads(request.content or b"{}")
    if body.get("temperature") != "hot":
        return send(request)
    return httpx.Response(200, json={"id": f"x{id(request)}", "object": "chat.completion", "choices": []})


def set_response_id(_request: Body, response: Body) -> None:
    if "choices" in response:
        response["id"] = "chatcmpl-shared"


def add_choice(_request: Body, response: Body) -> None:
    if "choices" in response:
        response["choices"].append({**response["choices"][0], "index": 1})


def set_prompt_tokens(_request: Body, response: Body) -> None:
    if "choices" in response and "usage" in response:
        response["usage"]["prompt_tokens"] = 1


FAULTS = [
    ("concurrent-responses-own", swap(contains("Count from"))),
    ("concurrent-responses-own", swap(contains("json_schema"))),
    ("concurrent-responses-own", swap(contains("get_key_"))),
    ("concurrent-responses-own", swap(contains("The word is"))),
    ("concurrent-responses-own", swap(is_path("/v1/models/"))),
    ("concurrent-responses-own", swap(lambda _, response: response.status_code == 404)),
    ("concurrent-responses-own", at_once(change_json(add_choice))),
    ("concurrent-responses-own", at_once(change_json(set_prompt_tokens))),
    ("concurrent-responses-complete", change_content(truncate)),
    ("concurrent-responses-complete", respond(500, is_embedding)),
    ("concurrent-responses-complete", respond(429, is_embedding)),
    ("concurrent-responses-complete", respond(404, is_embedding)),
    ("concurrent-responses-complete", at_once(refuse)),
    ("concurrent-responses-complete", at_once(disconnect)),
    ("concurrent-rejections-own", at_once(accept_invalid)),
    ("concurrent-rejections-own", respond(401, lambda request: b"no-such-model" in request.content)),
    ("concurrent-ids-unique", set_header("x_request_id", "req_1")),
    ("concurrent-ids-unique", at_once(change_json(set_response_id))),
    ("concurrent-ids-unique", at_once(change_calls(lambda call: call.update(id="call_1")))),
    ("concurrent-ids-unique", change_content(change_ids)),
    ("concurrent-text-as-alone", at_once(change_choices(upper_text))),
]


@pytest.mark.parametrize("profile", ["polargrid", "openai"])
def test_a_correct_server_passes(recorded_edge, profile: str):
    """In both profiles every check compares something; a text is promised to be reproducible in one."""
    outcomes = run(recorded_edge.send, NAMES, profile=profile)
    assert failures(outcomes) == []
    skipped = {outcome.check for outcome in outcomes if outcome.status != "passed"}
    assert skipped == ({"concurrent-text-as-alone"} if profile == "openai" else set())


@pytest.mark.parametrize(("name", "change"), FAULTS)
def test_a_fault_fails_its_check(recorded_edge, name: str, change: Change):
    """Each fault shows only while requests are sent at once, and is reported by the check of its rule."""
    assert find_violations(recorded_edge.send, name, change)


def test_every_check_has_a_fault():
    """No check passes for every server."""
    assert {name for name, _ in FAULTS} == set(NAMES)


def test_a_hundred_requests_are_sent_at_once(recorded_edge):
    """All of them are different from those of their kind, or read the same object."""
    with closing(build_client(recorded_edge.send)) as client:
        answers = send_burst(client)
    assert 95 <= len(answers) <= 110
    assert {answer.probe.operation for answer in answers} >= {"chat_completion", "completion", "create_embedding"}
    assert sum(answer.probe.leaves for answer in answers) == 4


def reject_first(status: int, count: int) -> Change:
    """A queue that is full for the first requests at once."""
    lock, numbers = threading.Lock(), iter(range(10_000))

    def apply(request: httpx.Request, send: Send) -> httpx.Response:
        with lock:
            is_full = next(numbers) < count
        headers = {"retry-after": "2", "x-request-id": f"req_busy_{id(request)}_{threading.get_ident()}"}
        return httpx.Response(status, json=ERROR, headers=headers) if is_full else send(request)

    return at_once(apply)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("count", [80, 10_000])
def test_a_busy_server_passes(recorded_edge, status: int, count: int):
    """Retry-After is a right answer under load, even if the server stays busy; then there is nothing to compare."""
    outcomes = run(recorded_edge.send, NAMES, reject_first(status, count))
    assert failures(outcomes) == []
    skipped = {outcome.check for outcome in outcomes if outcome.status == "skipped"}
    assert skipped == ({"concurrent-responses-own", "concurrent-text-as-alone"} if count > 100 else set())


def test_a_full_queue_of_connections_passes(recorded_edge):
    """The system resets a connection that the server has not accepted yet."""
    lock, seen = threading.Lock(), set[bytes]()

    def reset_once(request: httpx.Request, send: Send) -> httpx.Response:
        with lock:
            is_first = request.content not in seen
            seen.add(request.content)
        if is_first:
            raise httpx.ReadError("[Errno 104] Connection reset by peer", request=request)
        return send(request)

    assert failures(run(recorded_edge.send, NAMES, at_once(reset_once))) == []


def test_a_seed_without_effect_is_reported_elsewhere(recorded_edge):
    """A text that differs alone as well is no fault of requests at once."""
    numbers = iter(range(10_000))

    def change_text(choice: Body) -> None:
        if "text" in choice:
            choice["text"] = f"{next(numbers)}"

    violations = find_violations(recorded_edge.send, "concurrent-text-as-alone", change_choices(change_text))
    assert violations == ()


@pytest.mark.parametrize("field", ["response_format", "tools"])
def test_a_kind_that_fails_alone_is_left_out(recorded_edge, field: str):
    """A server of the openai profile may reject what is optional, or ignore it."""

    def ignore(request: httpx.Request, send: Send) -> httpx.Response:
        if f'"{field}"'.encode() not in request.content:
            return send(request)
        return httpx.Response(400, json=ERROR)

    outcomes = run(recorded_edge.send, NAMES, ignore, profile="openai")
    assert failures(outcomes) == []


def test_an_operation_that_is_missing_gets_no_request(recorded_edge):
    """A server of the openai profile need not have completions: none is sent at once, valid or not."""
    sent: list[str] = []

    def lack_completions(request: httpx.Request, send: Send) -> httpx.Response:
        if request.url.path != "/v1/completions":
            return send(request)
        sent.extend(["completion"] if is_at_once() else [])
        return httpx.Response(404, json=ERROR)

    outcomes = run(recorded_edge.send, NAMES, lack_completions, profile="openai")
    assert failures(outcomes) == []
    assert {outcome.check for outcome in outcomes if outcome.status == "passed"} > {"concurrent-rejections-own"}
    assert sent == []


def test_a_slow_server_gets_fewer_texts():
    """The texts take twenty seconds at most, as measured alone; a constant delay does not count."""
    quick = Exchange("create_embedding", "POST", "/", {}, None, None, seconds=1.0)
    slow = replace(quick, operation="chat_completion", seconds=11.0)
    probes = [Probe("create_embedding", {}, lambda _: "", alone=quick)] * 3
    texts = [Probe("chat_completion", {}, lambda _: "", alone=slow)] * 10
    assert limit_texts([*probes, *texts]) == [*probes, *texts[::5]]
    delayed = [replace(probe, alone=quick) for probe in texts]
    assert limit_texts([*probes, *delayed]) == [*probes, *delayed]


def test_requests_over_connections(recorded_edge):
    """The same over HTTP, with a connection for each request."""
    selected = [check for check in all_checks() if check.name in NAMES]
    with (
        serve(recorded_edge.send) as url,
        closing(ServerClient(TargetServer(url, KEY, models={"chat": MODEL}))) as client,
    ):
        outcomes = run_checks(client, selected)
    assert failures(outcomes) == []
    assert {outcome.status for outcome in outcomes} == {"passed"}
