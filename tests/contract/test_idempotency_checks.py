"""The checks of idempotency keys: a correct server passes, a seeded fault fails one, and support is optional."""

from __future__ import annotations

import secrets
import threading

import httpx
import pytest

from polargrid_contract.results import Outcome
from tests.contract.changes import Change, Send, copy_response, failures, find_violations, names_in, run
from tests.contract.keyed_server import honour_keys, identify
from tests.contract.recorded_edge import HOP_HEADERS, KEY

NAMES = names_in("idempotency")
AUDIO_PATHS = ("/v1/audio/speech", "/v1/audio/transcriptions", "/v1/audio/translations")


@pytest.fixture
def send(recorded_edge) -> Send:
    """A server without idempotency keys; no two of its responses are equal."""

    def apply(request: httpx.Request) -> httpx.Response:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return httpx.Response(401, json={"error": {"message": "Unknown key.", "type": "authentication_error"}})
        if request.url.path in AUDIO_PATHS:
            media_type = "audio/mpeg" if request.url.path == AUDIO_PATHS[0] else "text/plain"
            return httpx.Response(200, headers={"content-type": media_type}, content=secrets.token_bytes(16))
        content = request.content.replace(b', "x_other": 1', b"")  # an unknown field has no effect
        return recorded_edge.send(
            httpx.Request(request.method, request.url, headers=_without_length(request.headers), content=content)
        )

    return apply


def _without_length(headers: httpx.Headers) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in HOP_HEADERS}


def without_key(request: httpx.Request, **headers: str) -> httpx.Request:
    """Copy a request without its idempotency key, with other headers."""
    kept = {name: value for name, value in request.headers.items() if name != "idempotency-key"}
    return httpx.Request(request.method, request.url, headers={**kept, **headers}, content=request.content)


def process_again(is_affected: str) -> Change:
    """Return keys, and process a retry again if its body contains the text."""

    def apply(request: httpx.Request, send: Send) -> httpx.Response:
        key = request.headers.get("idempotency-key", "")
        if not key or is_affected.encode() not in request.content:
            return send(request)
        return copy_response(send(without_key(request)), idempotency_key=key)

    return apply


def compare_forms_by_bytes(request: httpx.Request, send: Send) -> httpx.Response:
    """A client chooses another boundary for each attempt, so each retry of an upload is rejected."""
    if "multipart" not in request.headers.get("content-type", ""):
        return send(request)
    headers = {**request.headers, "content-type": "multipart/x; no"}
    return send(httpx.Request(request.method, request.url, headers=headers, content=request.content))


def set_header(name: str, value: str | None) -> Change:
    def apply(request: httpx.Request, send: Send) -> httpx.Response:
        response = send(request)
        return copy_response(response, **{name: value}) if "idempotency-key" in response.headers else response

    return apply


def replay_for_any_body() -> Change:
    """The first response for a key, whatever the request."""
    first: dict[str, httpx.Response] = {}

    def apply(request: httpx.Request, send: Send) -> httpx.Response:
        response = send(request)
        key = request.headers.get("idempotency-key", "")
        kept = first.setdefault(key, response)
        return kept if response.status_code == 422 else response

    return apply


def replay_for_equal_bodies() -> Change:
    """A cache by body: the first response, whatever the key."""
    first: dict[object, httpx.Response] = {}

    def apply(request: httpx.Request, send: Send) -> httpx.Response:
        response = first.setdefault(identify(request), send(request))
        return copy_response(response, idempotency_key=request.headers.get("idempotency-key"))

    return apply


def replay_without_api_key(request: httpx.Request, send: Send) -> httpx.Response:
    if "idempotency-key" not in request.headers:
        return send(request)
    headers = {**request.headers, "authorization": f"Bearer {KEY}"}
    return send(httpx.Request(request.method, request.url, headers=headers, content=request.content))


def shorten_keys(request: httpx.Request, send: Send) -> httpx.Response:
    key = request.headers.get("idempotency-key", "")
    return send(without_key(request, **{"idempotency-key": key[:255]}) if key else request)


def at_once(change: Change) -> Change:
    """Apply a change only to requests that are sent at once, before any of them has its response."""

    def apply(request: httpx.Request, send: Send) -> httpx.Response:
        is_affected = threading.current_thread().name.startswith("contract-at-once")
        return change(request, send) if is_affected else send(request)

    return apply


def reject_all(request: httpx.Request, send: Send) -> httpx.Response:
    return httpx.Response(409, json={"error": {"message": "in progress"}})


FAULTS = [
    ("idempotency-key-concurrent", at_once(process_again(""))),
    ("idempotency-key-concurrent", at_once(process_again('"stream": true'))),
    ("idempotency-key-concurrent", at_once(reject_all)),
    ("idempotency-key-replayed", process_again("")),
    ("idempotency-key-replayed", process_again('"stream": true')),
    ("idempotency-key-replayed", process_again("hello.ogg")),
    ("idempotency-key-replayed", compare_forms_by_bytes),
    ("idempotency-key-headers", set_header("idempotency_key", None)),
    ("idempotency-key-headers", set_header("idempotency_key", "another")),
    ("idempotency-key-headers", set_header("idempotency_replayed", None)),
    ("idempotency-key-headers", set_header("idempotency_replayed", "true")),
    ("idempotency-key-reused-422", process_again("x_other")),
    ("idempotency-key-reused-422", replay_for_any_body()),
    ("idempotency-keys-independent", replay_for_equal_bodies()),
    ("idempotency-key-needs-api-key", replay_without_api_key),
    ("idempotency-key-invalid-400", shorten_keys),
]


def test_a_correct_server_passes(send):
    """Each check compares something."""
    outcomes = run(honour_keys(send), NAMES)
    assert failures(outcomes) == []
    assert {outcome.status for outcome in outcomes} == {"passed"}


@pytest.mark.parametrize(("name", "change"), FAULTS)
def test_a_fault_fails_its_check(send, name: str, change: Change):
    """Each fault is reported by the check of its rule, and the curl command repeats the key."""
    violations = find_violations(honour_keys(send), name, change)
    assert violations
    assert all(KEY not in violation.curl for violation in violations)


def test_every_check_has_a_fault():
    """No check of the module passes for every server."""
    assert {name for name, _ in FAULTS} == set(NAMES)


@pytest.mark.parametrize("profile", ["polargrid", "openai"])
def test_support_is_optional(send, profile: str):
    """The checks are skipped, with a reason, for a server that ignores keys."""
    outcomes: list[Outcome] = run(send, NAMES, profile=profile)
    assert {outcome.status for outcome in outcomes} == {"skipped"}
    reason = "ignores idempotency keys" if profile == "polargrid" else "not part of the profile openai"
    assert all(reason in outcome.note for outcome in outcomes)


def test_a_server_that_replays_without_headers_is_checked(send):
    """Equal ids are a sign of support."""

    def hide_headers(request: httpx.Request, send: Send) -> httpx.Response:
        return copy_response(send(request), idempotency_key=None, idempotency_replayed=None)

    violations = find_violations(honour_keys(send), "idempotency-key-headers", hide_headers)
    assert {violation.operation for violation in violations} >= {"chat_completion", "completion"}


def test_a_request_in_progress_may_be_a_conflict(send):
    """Of requests at once with one key, the second and third may get 409."""
    lock, keys = threading.Lock(), set[str]()

    def reject_others(request: httpx.Request, send: Send) -> httpx.Response:
        key = request.headers.get("idempotency-key", "")
        with lock:
            is_first = key not in keys
            keys.add(key)
        return send(request) if is_first else httpx.Response(409, json={"error": {"message": "in progress"}})

    violations = find_violations(honour_keys(send), "idempotency-key-concurrent", at_once(reject_others))
    assert violations == ()
