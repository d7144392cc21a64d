"""The checks of fields that a server may ignore: a server that names them passes, one that names others does not."""

from __future__ import annotations

import json
import re

import httpx
import pytest

from polargrid_contract.checks.ignored_fields import HEADER, find_ignorable_fields
from polargrid_contract.document import load_document
from polargrid_contract.operations import read_operations
from tests.contract.changes import Change, Send, copy_response, failures, find_violations, names_in, run

OPERATIONS = read_operations(load_document())
IGNORABLE = {it.path: list(find_ignorable_fields(it)) for it in OPERATIONS.values() if find_ignorable_fields(it)}
_FIELD = re.compile(rb'form-data; name="([^"]+)"')


def respond(request: httpx.Request) -> httpx.Response:
    """Accept any request, and obey no field that may be ignored."""
    try:
        body = json.loads(request.content)
        sent = [name for name, value in body.items() if value is not None] if isinstance(body, dict) else []
    except (ValueError, RecursionError):
        sent = [name.decode() for name in _FIELD.findall(request.content)]
    ignored = [name for name in IGNORABLE.get(request.url.path, ()) if name in sent]
    return httpx.Response(200, json={}, headers={HEADER: ", ".join(ignored)} if ignored else {})


def add_name(name: str) -> Change:
    """Name another field where there are some."""

    def apply(request: httpx.Request, send: Send) -> httpx.Response:
        response = send(request)
        names = response.headers.get(HEADER)
        return copy_response(response, x_pg_ignored=f"{names}, {name}") if names else response

    return apply


def repeat_names(request: httpx.Request, send: Send) -> httpx.Response:
    response = send(request)
    names = response.headers.get(HEADER)
    return copy_response(response, x_pg_ignored=f"{names},{names}") if names else response


def name_in_every_response(request: httpx.Request, send: Send) -> httpx.Response:
    return copy_response(send(request), x_pg_ignored="service_tier")


def name_nothing_in_streams(request: httpx.Request, send: Send) -> httpx.Response:
    response = send(request)
    is_stream = request.content.replace(b" ", b"").endswith(b'"stream":true}')
    return copy_response(response, x_pg_ignored=None) if is_stream else response


def reject(request: httpx.Request, send: Send) -> httpx.Response:
    response = send(request)
    return copy_response(response, status=400) if HEADER in response.headers else response


FAULTS = [
    ("ignored-fields-named", add_name("no_such_field"), "which has no 'no_such_field'"),
    ("ignored-fields-named", add_name("model"), "of which 'model' is none"),
    ("ignored-fields-named", repeat_names, "once"),
    ("ignored-fields-named", name_in_every_response, "which has no 'service_tier'"),
    ("ignored-fields-named", name_nothing_in_streams, "as of the plain response"),
    ("ignorable-fields-accepted", reject, "a success"),
]


def test_the_fields_are_those_of_the_document():
    """Of JSON and of forms."""
    assert {"service_tier", "store", "metadata"} <= set(IGNORABLE["/v1/chat/completions"])
    assert "instructions" in IGNORABLE["/v1/audio/speech"]
    assert "chunking_strategy" in IGNORABLE["/v1/audio/transcriptions"]


@pytest.mark.parametrize("obeys_all", [False, True])
def test_a_correct_server_passes(obeys_all: bool):
    """It names what it ignores, or has the effect of every field and no header."""

    def change(request: httpx.Request, send: Send) -> httpx.Response:
        return copy_response(send(request), x_pg_ignored=None) if obeys_all else send(request)

    assert failures(run(respond, names_in("ignored_fields"), change)) == []


@pytest.mark.parametrize(("name", "change", "expected"), FAULTS)
def test_a_fault_fails_its_check(name: str, change: Change, expected: str):
    """The violation says what the header should be."""
    violations = find_violations(respond, name, change)
    assert any(expected in violation.expected for violation in violations)


def test_every_check_has_a_fault():
    """No check of this module passes for every server."""
    assert {name for name, *_ in FAULTS} == set(names_in("ignored_fields"))
