"""The openai profile: nothing is sent but requests of its operations, by either suite."""

from __future__ import annotations

import pytest

from polargrid_contract.client import ServerClient, TargetServer
from polargrid_contract.document import load_document
from polargrid_contract.operations import read_operations
from polargrid_contract.results import Report
from polargrid_contract.routing import OutsideProfileError, find_refusal, list_routes
from polargrid_contract.runner import Plan, run
from tests.contract.changes import run_one
from tests.contract.openai_server import OpenAIServer
from tests.contract.recorded_edge import KEY
from tests.contract.serve import serve

ROUTES = list_routes(read_operations(load_document()).values(), "openai")
MODELS = {"chat": "gpt-mini", "text-to-speech": "tts-1", "speech-to-text": "whisper-1", "embedding": "text-embedding-3"}


@pytest.fixture(scope="module")
def server() -> OpenAIServer:
    """A server like OpenAI's, which records its requests."""
    return OpenAIServer()


@pytest.fixture(scope="module")
def report(server) -> Report:
    """One run of both suites, over HTTP."""
    with serve(server.send) as url:
        return run(Plan(TargetServer(url, KEY, "openai", MODELS), max_examples=2, seed=1))


def test_only_operations_of_the_profile_get_requests(server, report):
    """By method, path and query; HEAD and OPTIONS have no effect."""
    assert {"schema", "behaviour"} == {outcome.suite for outcome in report.outcomes}
    refused = {request: find_refusal(ROUTES, *request) for request in server.requests}
    assert {request: refusal for request, refusal in refused.items() if refusal} == {}
    # Without the rules of `find_refusal`: what the server has beyond the profile is untouched.
    assert {method for method, target in server.requests if "/models" in target} <= {"GET", "HEAD", "OPTIONS"}
    assert not [request for request in server.requests if request.method in ("PUT", "PATCH", "DELETE", "TRACE")]


def test_no_query_is_sent(server, report):
    """What tells operations of PolarGrid apart means nothing to other servers."""
    assert [request for request in server.requests if "?" in request.target] == []


def test_no_model_is_deleted(server, report):
    """Not even one that is called as an operation of PolarGrid."""
    assert server.models == ["gpt-mini", "tts-1", "whisper-1", "text-embedding-3", "load"]


def test_every_operation_of_the_profile_gets_requests(server, report):
    """The border excludes none of them."""
    paths = {target.partition("?")[0] for _, target in server.requests}
    assert {route.key for route in ROUTES if route.is_in_profile} <= {*paths, "/v1/models/{model}"}
    assert "/v1/models/gpt-mini" in paths


def test_a_server_with_more_operations_passes(report):
    """What it has beyond the document is no violation."""
    assert {outcome.check: outcome.violations for outcome in report.failures} == {}


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/v1/models"),
        ("HEAD", "/v1/models/a"),
        ("OPTIONS", "/v1/chat/completions"),
        ("GET", "/v1/models/hexgrad%2FKokoro-82M"),
        ("POST", "/v1/audio/transcriptions"),
        ("GET", "/v1/models?limit=1"),
    ],
)
def test_operations_of_the_profile_are_allowed(method, target):
    """Also with a query that is not documented."""
    assert find_refusal(ROUTES, method, target) == ""


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("DELETE", "/v1/models/load"),
        ("DELETE", "/v1/models/a"),
        ("POST", "/v1/models/load"),
        ("POST", "/v1/models"),
        ("GET", "/v1/models/status"),
        ("OPTIONS", "/v1/models/status"),
        ("HEAD", "/v1/chat/completions"),
        ("GET", "/v1/chat/completions"),
        ("POST", "/v1/audio/transcriptions?stream=true"),
        ("POST", "/v1/audio/transcriptions?a=b&sync=false"),
        ("GET", "/v1/audio/transcriptions"),
        ("TRACE", "/v1/models"),
        ("GET", "/v1/models/.."),
        ("GET", "/v1/models/%2e%2e"),
        ("GET", "/v1/models/a/b"),
        ("GET", "/v1/models/"),
        ("GET", "/"),
        ("GET", "/health"),
    ],
)
def test_everything_else_is_refused(method, target):
    """Other methods, PolarGrid's own operations, other paths, and paths that a server may resolve to others."""
    assert find_refusal(ROUTES, method, target)


@pytest.mark.parametrize("options", [{"method": "DELETE"}, {"path": "/v1/gpu/purge"}])
def test_the_client_refuses_to_send(options):
    """A check that oversteps the border is a defect, which is not hidden."""
    server = OpenAIServer()
    with serve(server.send) as url:
        client = ServerClient(TargetServer(url, KEY, "openai"))
        with pytest.raises(OutsideProfileError, match="profile openai"):
            client.send("list_models", **options)
        client.close()
    assert server.requests == []


def test_a_seed_is_best_effort():
    """Where equal requests get other texts, the openai profile warns; PolarGrid's contract promises more."""
    send = OpenAIServer(honours_seed=False).send
    outcome = run_one(send, "seed-reproducible", profile="openai", models=MODELS)
    assert (outcome.status, {violation.warning for violation in outcome.violations}) == ("passed", {True})
    assert run_one(send, "seed-reproducible", models=MODELS).status == "failed"
