"""An operation that is added to openapi.yaml is checked at once, by both suites, without a change of the contract."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import yaml

from polargrid_contract.checks import all_checks
from polargrid_contract.client import TargetServer
from polargrid_contract.document import load_document
from polargrid_contract.operations import read_operations
from polargrid_contract.results import Report
from polargrid_contract.runner import Plan, run
from tests.contract.new_operations.server import (
    KEY,
    Fault,
    Handle,
    Request,
    Response,
    build_error,
    build_json,
    build_stream,
    run_server,
)

ADDED: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("new_operations").joinpath("operations.yaml").read_text()
)


def build_document() -> dict[str, Any]:
    document = copy.deepcopy(load_document())
    document["paths"] |= ADDED["paths"]
    document["components"]["schemas"] |= ADDED["components"]["schemas"]
    return document


DOCUMENT = build_document()
NAMES = tuple(read_operations({**DOCUMENT, "paths": ADDED["paths"]}))


def run_contract(
    *only: str, fault: Fault | None = None, suite: str = "behaviour", **target: Any
) -> tuple[Report, list[Request]]:
    """Run the contract for the operations that are added, or for some of them."""
    with run_server(fault) as (url, requests):
        plan = Plan(TargetServer(url, KEY, document=DOCUMENT, **target), (suite,), only or NAMES, (), 3, 1)  # type: ignore[arg-type]
        return run(plan), requests


def failed_checks(report: Report, operation: str) -> set[str]:
    """The checks with a violation at an operation."""
    return {it.check for it in report.failures for violation in it.violations if violation.operation == operation}


@pytest.fixture(scope="module")
def behaviour() -> tuple[Report, list[Request]]:
    """The behaviour suite on a server without a fault."""
    return run_contract()


@pytest.fixture(scope="module")
def schema() -> tuple[Report, list[Request]]:
    """The schema suite on a server without a fault."""
    return run_contract(suite="schema")


# A correct server


@pytest.mark.parametrize("suite", ["behaviour", "schema"])
def test_a_correct_server_passes(request, suite: str):
    """No check reports a violation, and each new operation is in the report."""
    report, _ = request.getfixturevalue(suite)
    assert {outcome.check: outcome.violations for outcome in report.failures} == {}
    assert {outcome.status for outcome in report.outcomes} == {"passed"}
    assert set(report.matrix) == set(NAMES)


@pytest.mark.parametrize("suite", ["behaviour", "schema"])
def test_an_operation_without_security_gets_no_key(request, suite: str):
    """It gets requests, none of them with a key."""
    _, requests = request.getfixturevalue(suite)
    sent = [it for it in requests if it.path.startswith("/v1/region")]
    assert sent
    assert not any("authorization" in it.headers for it in sent)


@pytest.mark.parametrize("suite", ["behaviour", "schema"])
def test_operations_with_one_path_are_told_apart_by_their_query(request, suite: str):
    """The query of a path's key is sent, with the id that another operation returns, encoded."""
    _, requests = request.getfixturevalue(suite)
    operations = {it.operation for it in requests if it.path == "/v1/jobs"}
    assert operations >= {"list_jobs", "start_job", "get_job"}
    assert "job 0 & more" in {it.query.get("job_id") for it in requests}


def test_an_argument_of_the_path_is_one_segment(behaviour):
    """A slash in it is encoded."""
    _, requests = behaviour
    assert "/v1/notes/drafts%2F1" in {it.path for it in requests}


def test_nothing_is_changed_on_a_read_only_server():
    """An operation with an effect gets no request that could have it."""
    _, requests = run_contract("create_note", "start_job", read_only=True)
    with_key = [it for it in requests if it.headers.get("authorization") == f"Bearer {KEY}"]
    assert not {it.operation for it in with_key} & {"create_note", "start_job"}


def test_a_profile_has_the_operations_that_name_it():
    """Checks of conventions run for them, and for no other operation."""
    report, requests = run_contract(profile="openai")
    assert {outcome.check: outcome.violations for outcome in report.failures} == {}
    assert {it.operation for it in requests} <= {"summarize", "list_models", ""}
    assert "summarize" in {it.operation for it in requests}


# Faults: each takes a request and the function that responds as it should.


def use_key(request: Request) -> Request:
    return Request(**{**vars(request), "headers": {**request.headers, "authorization": f"Bearer {KEY}"}})


def accept_without_key(request: Request, handle: Handle) -> Response:
    return handle(use_key(request) if "authorization" not in request.headers else request)


def accept_any_key(request: Request, handle: Handle) -> Response:
    return handle(use_key(request) if request.headers.get("authorization", "").startswith("Bearer p") else request)


def accept_any_scheme(request: Request, handle: Handle) -> Response:
    return handle(use_key(request) if request.headers.get("authorization", "").startswith("Basic") else request)


def validate_first(request: Request, handle: Handle) -> Response:
    response = handle(use_key(request))
    return response if response.status in (400, 404, 415) else handle(request)


def require_key(request: Request, handle: Handle) -> Response:
    return handle(request) if "authorization" in request.headers else build_error(401, "missing API key")


def change(status: int | None = None, *, to: int | None = None, body: bytes | None = None, **headers: str) -> Fault:
    """Change the responses with a status, or all, in status, body or headers."""

    def apply(request: Request, handle: Handle) -> Response:
        response = handle(request)
        if status not in (None, response.status):
            return response
        changed = Response(to or response.status, response.body if body is None else body, response.headers)
        return changed.with_headers(**headers)

    return apply


def respond(response: Response, is_affected: Callable[[Request], bool]) -> Fault:
    """Give this response to some requests with a valid key."""

    def apply(request: Request, handle: Handle) -> Response:
        has_key = request.headers.get("authorization") == f"Bearer {KEY}"
        return response if has_key and is_affected(request) else handle(request)

    return apply


def is_malformed(request: Request) -> bool:
    try:
        return not isinstance(json.loads(request.body), dict)
    except ValueError:
        return True


def has_fields(*names: str) -> Callable[[Request], bool]:
    """Whether a JSON body lacks one of the fields."""
    return lambda request: not is_malformed(request) and any(name not in json.loads(request.body) for name in names)


def ignore_media_type(request: Request, handle: Handle) -> Response:
    return handle(Request(**{**vars(request), "headers": {**request.headers, "content-type": "application/json"}}))


def ignore_idempotency_key(request: Request, handle: Handle) -> Response:
    headers = {name: value for name, value in request.headers.items() if name != "idempotency-key"}
    return handle(Request(**{**vars(request), "headers": headers}))


def crash_on_head(request: Request, handle: Handle) -> Response:
    return Response(500) if request.method == "HEAD" else handle(request)


NOTE = build_json({"id": "drafts/1", "title": "A"}, 201)
DELTA, DONE = '{"type": "note.delta", "delta": "A"}', '{"type": "note.done", "text": "A"}'


def stream(*events: str) -> Fault:
    return respond(build_stream(list(events)), lambda request: request.operation == "stream_note")


FAULTS: list[tuple[str, str, Fault]] = [
    ("retrieve_note", "key-required", accept_without_key),
    ("start_job", "key-required", accept_without_key),
    ("upload_scan", "key-required", accept_without_key),
    ("read_log", "wrong-key-rejected", accept_any_key),
    ("get_job", "other-scheme-rejected", accept_any_scheme),
    ("create_note", "key-before-validation", validate_first),
    ("summarize", "key-before-validation", validate_first),
    ("find_region", "no-key-needed", require_key),
    ("retrieve_note", "request-id-present", change(200, x_request_id="")),
    ("find_region", "request-id-present", change(400, x_request_id="")),
    ("upload_scan", "request-id-present", change(415, x_request_id="")),
    ("list_jobs", "request-id-unique", change(x_request_id="req_1")),
    ("create_note", "error-envelope", change(400, body=b'{"detail": "Not valid"}')),
    ("retrieve_note", "error-envelope", change(404, body=b'{"error": "Not found"}')),
    ("list_notes", "error-envelope", change(401, body=b"Unauthorized")),
    ("list_notes", "error-type-matches-status", change(404, to=401)),
    (
        "find_region",
        "errors-hide-internals",
        change(400, body=b'{"error": {"message": "at /srv/app.py", "type": "x"}}'),
    ),
    ("create_note", "json-content-type", change(400, content_type="text/html")),
    ("list_notes", "success-as-documented", change(200, content_type="text/html")),
    ("list_notes", "success-as-documented", change(200, body=b'[{"title": "A"}]')),
    ("list_notes", "success-as-documented", change(200, to=204, body=b"")),
    ("create_note", "success-as-documented", change(201, to=202)),
    ("start_job", "success-as-documented", change(202, to=200)),
    ("get_job", "success-as-documented", change(202, body=b'{"job_id": "x", "status": "lost"}')),
    ("retrieve_note", "success-as-documented", change(200, body=b'{"id": "another", "title": "A"}')),
    ("retrieve_note", "listed-objects-found", change(200, to=404, body=build_error(404, "unknown note").body)),
    ("retrieve_note", "listed-objects-found", change(200, body=b'{"id": "drafts/1", "title": "B"}')),
    ("retrieve_note", "strict-json", change(200, body=b'{"id": "drafts/1", "title": "B", "title": "A"}')),
    ("get_job", "strict-json", change(200, body=b'{"id": "job-0", "title": "A\\ud83d"}')),
    ("list_jobs", "strict-json", change(200, body=b'["a", NaN]')),
    ("create_note", "strict-json", change(400, body=b'\xef\xbb\xbf{"error": {"message": "Not valid"}}')),
    ("read_log", "strict-json", change(200, body=b'{"line": 1, "line": 2}\n')),
    ("stream_note", "strict-json", stream(DELTA.replace("{", '{"x": -Infinity, '), DONE)),
    ("retrieve_note", "unknown-path-404", change(404, to=200)),
    ("start_job", "unknown-method-405", change(405, to=404)),
    ("retrieve_note", "unknown-method-405", change(405, to=200)),
    ("get_job", "allow-lists-methods", change(405, allow="")),
    ("list_notes", "allow-lists-methods", change(405, allow="POST")),
    ("create_note", "unsupported-media-type-415", ignore_media_type),
    ("upload_scan", "unsupported-media-type-415", change(415, to=400)),
    ("upload_scan", "too-large-413", change(413, to=500)),
    ("stream_note", "too-large-413", change(413, to=200)),
    ("read_log", "head-has-no-body", crash_on_head),
    ("create_note", "malformed-body-400", respond(NOTE, is_malformed)),
    ("stream_note", "malformed-body-400", respond(build_stream([DELTA, DONE]), is_malformed)),
    ("upload_scan", "malformed-body-400", change(400, to=500)),
    ("create_note", "bad-field-400", respond(NOTE, has_fields("title"))),
    ("create_note", "bad-field-400", respond(NOTE, lambda request: b'"copies": 4' in request.body)),
    ("upload_scan", "bad-field-400", change(400, to=422)),
    ("list_notes", "bad-field-400", respond(build_json([]), lambda request: request.query.get("limit") == "101")),
    ("find_region", "bad-field-400", change(400, to=200)),
    ("list_notes", "bad-field-named", change(400, body=build_error(400, "The request is not valid.").body)),
    ("summarize", "unknown-model-404", change(404, to=200)),
    ("create_note", "idempotency-key-replayed", ignore_idempotency_key),
    ("upload_scan", "idempotency-key-replayed", ignore_idempotency_key),
    ("create_note", "idempotency-key-headers", change(201, idempotency_key="another")),
    ("create_note", "idempotency-key-reused-422", change(422, to=201)),
    ("create_note", "idempotency-key-invalid-400", change(400, to=422)),
    ("stream_note", "stream-media-type", change(200, content_type="text/plain")),
    ("stream_note", "stream-framing", stream(DELTA, "not JSON", DONE)),
    ("stream_note", "stream-end", stream(DELTA)),
    ("stream_note", "stream-end", stream(DELTA, DONE, DELTA)),
    ("stream_note", "stream-end", stream(DELTA, "[DONE]")),
    ("stream_note", "stream-events-documented", stream('{"type": "note.other"}', DONE)),
    ("summarize", "stream-end", change(200, body=b'data: {"text": "A"}\n\n')),
    ("stream_note", "stream-consistent", stream(DELTA, DELTA, DONE)),
    ("retrieve_note", "unknown-id-404", change(404, to=200)),
    ("get_job", "unknown-id-404", change(404, to=202, body=b'{"job_id": "x", "status": "running"}')),
    ("start_job", "job-ends", change(202, body=b'{"job_id": "another", "status": "running"}')),
    ("list_notes", "success-as-documented", change(200, body=b'[{"id": "a", "title": "A", "day": "yesterday"}]')),
    ("read_log", "stream-framing", change(200, body=b'{"line": 1}\n[DONE]\n')),
    ("read_log", "stream-events-documented", change(200, body=b'{"line": "1"}\n')),
]


@pytest.mark.parametrize(("operation", "check", "fault"), FAULTS, ids=[f"{it[0]}-{it[1]}" for it in FAULTS])
def test_a_fault_of_a_new_operation_is_reported(operation: str, check: str, fault: Fault):
    """The check of its rule fails, at the operation; idempotency keys are still supported elsewhere."""

    def apply(request: Request, handle: Handle) -> Response:
        path = DOCUMENT_PATHS[operation]
        concerns = request.operation == operation or (not request.operation and request.path.startswith(path))
        return fault(request, handle) if concerns else handle(request)

    others = ("create_note", "upload_scan") if "idempotency" in check else ()
    report, _ = run_contract(operation, *others, fault=apply)
    assert check in failed_checks(report, operation)


DOCUMENT_PATHS = {it.name: it.path.partition("{")[0] for it in read_operations(DOCUMENT).values()}


@pytest.mark.parametrize("status", ["running", "failed"])
def test_a_job_that_does_not_end_is_reported(status: str):
    """After the timeout of the target or as soon as it has failed."""

    def apply(request: Request, handle: Handle) -> Response:
        response = handle(request)
        body = {"job_id": request.query.get("job_id"), "status": status}
        return build_json(body, 202) if request.operation == "get_job" and response.status < 300 else response

    report, requests = run_contract("start_job", fault=apply, timeout=0.5)
    assert "job-ends" in failed_checks(report, "start_job")
    polls = [it for it in requests if it.operation == "get_job" and it.query["job_id"] != "job-0"]
    assert len(polls) < 10


def test_the_schema_suite_reports_faults_of_new_operations():
    """No key, a constant request id, another field, a lost end, an ignored media type and a missing Allow."""
    faults = {
        "retrieve_note": accept_without_key,
        "list_jobs": change(x_request_id="req_1"),
        "list_notes": change(200, body=b'[{"title": "A"}]'),
        "stream_note": stream(DELTA),
        "create_note": ignore_media_type,
        "get_job": change(202, content_type="text/html"),
        "find_region": change(200, to=204, body=b""),
    }

    def apply(request: Request, handle: Handle) -> Response:
        return faults.get(request.operation, lambda request, handle: handle(request))(request, handle)

    report, _ = run_contract(*faults, "start_job", fault=apply, suite="schema")
    expected = {
        "retrieve_note": "ignored_auth",
        "list_jobs": "response_header_uniqueness",
        "list_notes": "response_schema_conformance",
        "stream_note": "event_stream_conformance",
        "create_note": "rejection_conformance",
        "get_job": "content_type_conformance",
        "find_region": "status_code_conformance",
    }
    found = {operation: failed_checks(report, operation) for operation in expected}
    assert {operation for operation, check in expected.items() if check not in found[operation]} == set(), found


def test_a_curl_command_of_a_new_operation_has_the_query_of_its_key():
    """It repeats the request."""

    def break_job(request: Request, handle: Handle) -> Response:
        return build_json({}) if request.operation == "get_job" else handle(request)

    report, _ = run_contract("get_job", fault=break_job)
    violation = next(it for outcome in report.failures for it in outcome.violations if it.operation == "get_job")
    url = next(word for word in violation.curl.split() if "http" in word).strip("'")
    assert dict(parse_qsl(urlsplit(url).query)) == {"job_id": "job 0 & more"}


# Operations that are selected, named or missing


def test_a_skipped_operation_leaves_the_checks_of_others():
    """The check of a convention runs without it."""
    with run_server() as (url, requests):
        plan = Plan(TargetServer(url, KEY, document=DOCUMENT), ("behaviour",), ("key-required",), ("list_notes",))
        report = run(plan)
    (outcome,) = report.outcomes
    assert outcome.check == "key-required"
    assert "list_notes" not in outcome.operations
    assert "retrieve_note" in outcome.operations
    assert "list_notes" not in {it.operation for it in requests}


@pytest.mark.parametrize(("operation", "others"), [("stream_note", ["list_jobs"]), ("get_job", ["start_job"])])
def test_an_operation_that_is_not_implemented_fails_one_check(operation: str, others: list[str]):
    """It responds with 501 to every request with a key; an operation that leads to it fails none."""
    unserved = {"error": {"message": "not implemented", "type": "server_error", "code": "not_implemented"}}
    fault = respond(build_json(unserved, 501), lambda request: request.operation == operation)
    report, _ = run_contract(operation, *others, fault=fault)
    assert {outcome.check: {it.operation for it in outcome.violations} for outcome in report.failures} == {
        "success-as-documented": {operation}
    }


def test_checks_name_only_operations_of_the_document():
    """A check of the meaning of an operation would be skipped in silence after the operation is renamed."""
    named = {name for it in all_checks() if isinstance(it.on, tuple) for name in it.on}
    assert named <= set(read_operations(load_document()))
