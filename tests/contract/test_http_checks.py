"""The checks of HTTP: a correct server passes all of them, a seeded fault fails one."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from polargrid_contract.checks import all_checks
from polargrid_contract.checks.conventions import find_internals
from polargrid_contract.checks.rate_limits import is_valid_retry_after
from tests.contract.changes import (
    Change,
    Send,
    copy_response,
    failures,
    find_violations,
    names_in,
    run,
)
from tests.contract.recorded_edge import KEY, build_response, chunks_of

MODULES = ("authentication", "http", "errors", "conventions", "rate_limits")
TRACE = rb'{"error": {"message": "Traceback (most recent call last):\n File \"/srv/app.py\", line 3", "type": "x"}}'
RATE_LIMIT_ERROR = {"error": {"message": "Too many.", "type": "rate_limit_error", "code": None}}


@pytest.mark.parametrize("profile", ["polargrid", "openai"])
def test_a_correct_server_passes(recorded_edge, profile):
    """In both profiles no check reports a violation."""
    outcomes = run(recorded_edge.send, names_in(*MODULES), profile=profile)
    assert failures(outcomes) == []
    assert sum(outcome.status == "passed" for outcome in outcomes) >= 13


def test_a_server_of_the_openai_profile_may_list_no_models(recorded_edge):
    """That it has no list is no sign that a body which was too large stopped it."""
    too_large: list[str] = []

    def lack(request: httpx.Request, send: Send) -> httpx.Response:
        too_large.extend([request.url.path] if len(request.content) > 2**20 else [])
        is_list = request.url.path == "/v1/models"
        return httpx.Response(404, json={"detail": "Not Found"}) if is_list and too_large else send(request)

    outcomes = run(recorded_edge.send, ["too-large-413"], lack, profile="openai")
    assert failures(outcomes) == []
    assert too_large


def test_every_check_has_a_rationale_and_a_reference():
    """The rationale is a sentence."""
    for check in all_checks():
        assert check.rationale.endswith("."), check.name
        assert check.reference, check.name


# Changes: each takes a request and the function that sends it to the server.


def use_valid_key(request: httpx.Request) -> httpx.Request:
    headers = {**request.headers, "authorization": f"Bearer {KEY}"}
    headers.pop("transfer-encoding", None)
    return httpx.Request(request.method, request.url, headers=headers, content=request.content)


def skip_authentication(path: str) -> Change:
    return lambda request, send: send(use_valid_key(request) if request.url.path == path else request)


def accept_any_key(request: httpx.Request, send: Send) -> httpx.Response:
    is_bearer = "bearer" in request.headers.get("authorization", "").lower()
    return send(use_valid_key(request) if is_bearer else request)


def accept_any_scheme(request: httpx.Request, send: Send) -> httpx.Response:
    is_basic = request.headers.get("authorization", "").startswith("Basic")
    return send(use_valid_key(request) if is_basic else request)


def compare_a_prefix_of_the_key(request: httpx.Request, send: Send) -> httpx.Response:
    matches = request.headers.get("authorization", "").startswith(f"Bearer {KEY[:-1]}")
    return send(use_valid_key(request) if matches else request)


def validate_before_authentication(request: httpx.Request, send: Send) -> httpx.Response:
    with_key = send(use_valid_key(request)) if request.url.path == "/v1/chat/completions" else None
    return with_key if with_key is not None and with_key.status_code == 400 else send(request)


def replace_status(status: int, replacement: int) -> Change:
    def apply(request: httpx.Request, send: Send) -> httpx.Response:
        response = send(request)
        return copy_response(response, status=replacement) if response.status_code == status else response

    return apply


def set_header(name: str, value: str | None, status: int | None = None) -> Change:
    """Set a header, or remove it if the value is None, in responses with this status or in all."""

    def apply(request: httpx.Request, send: Send) -> httpx.Response:
        response = send(request)
        return copy_response(response, **{name: value}) if status in (None, response.status_code) else response

    return apply


def replace_body(status: int, content: bytes) -> Change:
    def apply(request: httpx.Request, send: Send) -> httpx.Response:
        response = send(request)
        return copy_response(response, content=content) if response.status_code == status else response

    return apply


def ignore_content_type(request: httpx.Request, send: Send) -> httpx.Response:
    if request.headers.get("content-type") == "text/plain":
        headers = {**request.headers, "content-type": "application/json"}
        request = httpx.Request(request.method, request.url, headers=headers, content=request.content)
    return send(request)


def accept_any_method(request: httpx.Request, send: Send) -> httpx.Response:
    response = send(request)
    return httpx.Response(200, json={}) if response.status_code == 405 else response


def crash_on_zero_tokens(request: httpx.Request, send: Send) -> httpx.Response:
    crashes = b'"max_tokens": 0' in request.content
    return copy_response(send(request), status=500) if crashes else send(request)


def repeat_content_type(request: httpx.Request, send: Send) -> httpx.Response:
    response = send(request)
    headers = [*response.headers.multi_items(), ("Content-Type", "application/json")]
    return build_response(response.status_code, headers, chunks_of(response))


def reject_every_fifth(**headers: str) -> Change:
    """Respond with 429 to every fifth request."""
    count = iter(range(10**6))

    def apply(request: httpx.Request, send: Send) -> httpx.Response:
        is_fifth = next(count) % 5 == 4
        return httpx.Response(429, headers=headers, json=RATE_LIMIT_ERROR) if is_fifth else send(request)

    return apply


def omit_field_name(request: httpx.Request, send: Send) -> httpx.Response:
    response = send(request)
    error = {"message": "The request is not valid.", "type": "invalid_request_error", "code": None}
    content = json.dumps({"error": error}).encode()
    return copy_response(response, content=content) if response.status_code == 400 else response


def crash_on_large_body(request: httpx.Request, send: Send) -> httpx.Response:
    return httpx.Response(500, json={}) if len(request.content) > 2**24 else send(request)


def disconnect_on_400(request: httpx.Request, send: Send) -> httpx.Response:
    response = send(request)
    if response.status_code == 400:
        raise httpx.ReadError("connection reset", request=request)
    return response


def fail_on_head(request: httpx.Request, send: Send) -> httpx.Response:
    return httpx.Response(500) if request.method == "HEAD" else send(request)


FAULTS = [
    ("key-required", skip_authentication("/v1/gpu/status")),
    ("key-required", skip_authentication("/v1/chat/completions")),
    ("wrong-key-rejected", accept_any_key),
    ("wrong-key-rejected", compare_a_prefix_of_the_key),
    ("other-scheme-rejected", accept_any_scheme),
    ("key-before-validation", validate_before_authentication),
    ("unknown-path-404", replace_status(404, 200)),
    ("unknown-method-405", replace_status(405, 404)),
    ("unknown-method-405", accept_any_method),
    ("allow-lists-methods", set_header("allow", None, 405)),
    ("allow-lists-methods", set_header("allow", "DELETE", 405)),
    ("unsupported-media-type-415", ignore_content_type),
    ("unsupported-media-type-415", replace_status(415, 400)),
    ("too-large-413", crash_on_large_body),
    ("head-has-no-body", fail_on_head),
    ("malformed-body-400", replace_status(400, 500)),
    ("bad-field-400", crash_on_zero_tokens),
    ("bad-field-400", replace_status(400, 422)),
    ("bad-field-named", omit_field_name),
    ("unknown-model-404", replace_status(404, 400)),
    ("unknown-voice-404", replace_status(404, 400)),
    ("request-id-present", set_header("x_request_id", None, 400)),
    ("request-id-present", set_header("x_request_id", "", 404)),
    ("request-id-unique", set_header("x_request_id", "req_1")),
    ("error-envelope", replace_body(400, b'{"detail": "Not valid"}')),
    ("error-envelope", replace_body(404, b'{"error": "Not found"}')),
    ("error-envelope", replace_body(401, b"Unauthorized")),
    ("error-type-matches-status", replace_status(404, 401)),
    ("errors-hide-internals", replace_body(400, TRACE)),
    ("json-content-type", set_header("content_type", "text/html", 400)),
    ("headers-not-repeated", repeat_content_type),
    ("responses-complete", disconnect_on_400),
    ("retry-after-on-429", reject_every_fifth()),
]


@pytest.mark.parametrize(("name", "change"), FAULTS)
def test_a_fault_fails_its_check(recorded_edge, name: str, change: Change):
    """Each fault is reported by the check of its rule, without the key in the curl command."""
    violations = find_violations(recorded_edge.send, name, change)
    assert violations
    assert all(KEY not in violation.curl for violation in violations)


def test_every_check_has_a_fault():
    """No check of these modules passes for every server; test_new_operations.py has an operation without a key."""
    assert {name for name, _ in FAULTS} | {"no-key-needed"} == set(names_in(*MODULES))


@pytest.mark.parametrize(
    ("headers", "is_violation"), [({}, True), ({"retry-after": "-1"}, True), ({"retry-after": "0"}, False)]
)
def test_a_429_needs_a_valid_retry_after(recorded_edge, headers: dict[str, str], is_violation: bool):
    """Any operation may respond with 429; other checks wait and retry."""
    violations = find_violations(recorded_edge.send, "retry-after-on-429", reject_every_fifth(**headers))
    assert bool(violations) is is_violation


def test_a_429_is_retried(recorded_edge):
    """A 429 with a Retry-After fails no other check."""
    change = reject_every_fifth(**{"retry-after": "1"})
    assert find_violations(recorded_edge.send, "bad-field-400", change) == ()


@pytest.mark.parametrize(
    "value", ["0", "1", "3600", "Wed, 21 Oct 2015 07:28:00 GMT", "", "-1", "soon", "30000", None, "1.5"]
)
def test_retry_after_is_an_integer_or_a_date(value: str | None):
    """It is within an hour of now."""
    assert is_valid_retry_after(value) is (value in ("0", "1", "3600"))


@pytest.mark.parametrize(
    ("text", "has_internals"),
    [
        ('  File "/app/main.py", line 12, in answer', True),
        ("KeyError at /srv/edge/service.py", True),
        ("TypeError: x is not a function\n    at Object.<anonymous> (server.js:3:5)", True),
        ("<object at 0x7f3a5c0e1d30>", True),
        (r"C:\edge\main.exe failed", True),
        ("messages[0].role: Field required", False),
        ("There is nothing at /v1/no-such-thing", False),
        ("Content-Type must be application/json or text/plain", False),
        ("the value at 3 is not one of a/b", False),
    ],
)
def test_internals_are_recognized(text: str, has_internals: bool):
    """Stack traces, file paths and addresses are internals; paths of the API are not."""
    assert bool(find_internals(text)) is has_internals


def test_legal_variations_pass(recorded_edge):
    """White space and escapes in JSON, header case, extra fields, several methods in Allow."""

    def vary(request: httpx.Request, send: Send) -> httpx.Response:
        response = send(request)
        extra: dict[str, Any] = {"x_extra": "1"}
        if "allow" in response.headers:
            extra["allow"] = f"OPTIONS, {response.headers['allow']},HEAD"
        if response.headers.get("content-type") == "application/json" and response.content:
            body = response.json() | {"extra": "é"}
            extra["content_type"] = "Application/JSON; charset=utf-8"
            return copy_response(response, content=json.dumps(body, indent=3).encode(), **extra)
        return copy_response(response, **extra)

    assert failures(run(recorded_edge.send, names_in(*MODULES), vary)) == []
