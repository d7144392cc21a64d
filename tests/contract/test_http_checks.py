"""The checks of HTTP: kept by the local edge, broken by one that is tampered with."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from polargrid_contract.check import checks
from polargrid_contract.checks.every_answer import _INSIDES, _is_sane
from tests.contract.tampering import Change, Forward, copied, faults, names_in, outcomes

MODULES = ("keys", "http", "errors", "every_answer")


def _right_key(asked: httpx.Request) -> httpx.Request:
    headers = {**asked.headers, "authorization": "Bearer pg_local"}
    headers.pop("transfer-encoding", None)
    return httpx.Request(asked.method, asked.url, headers=headers, content=asked.content)


@pytest.mark.parametrize("profile", ["polargrid", "openai"])
def test_the_local_edge_keeps_all_of_them(edge, profile):
    """In both profiles, without a false alarm."""
    told = outcomes(edge.url, names_in(*MODULES), profile=profile)
    assert [(one.check, one.faults) for one in told if one.verdict == "broken"] == []
    assert sum(one.verdict == "kept" for one in told) >= 14


def test_every_check_is_told():
    """With a sentence of why and a source."""
    for check in checks():
        assert check.why.endswith(".")
        assert check.source


# Changes: each takes the request, and what forwards it to the edge.


def open_door(path: str) -> Change:
    """One operation asks for no key."""
    return lambda asked, forward: forward(_right_key(asked) if asked.url.path == path else asked)


def any_key(asked: httpx.Request, forward: Forward) -> httpx.Response:
    return forward(_right_key(asked) if "bearer" in asked.headers.get("authorization", "").lower() else asked)


def any_scheme(asked: httpx.Request, forward: Forward) -> httpx.Response:
    return forward(_right_key(asked) if asked.headers.get("authorization", "").startswith("Basic") else asked)


def prefix_of_the_key(asked: httpx.Request, forward: Forward) -> httpx.Response:
    told = asked.headers.get("authorization", "")
    return forward(_right_key(asked) if told.startswith("Bearer pg_loca") else asked)


def validation_first(asked: httpx.Request, forward: Forward) -> httpx.Response:
    with_key = forward(_right_key(asked)) if asked.method == "POST" else None
    return with_key if with_key is not None and with_key.status_code == 400 else forward(asked)


def status(of: int, becomes: int) -> Change:
    def changed(asked: httpx.Request, forward: Forward) -> httpx.Response:
        came = forward(asked)
        return copied(came, status=becomes) if came.status_code == of else came

    return changed


def header(name: str, value: str | None, of: int | None = None) -> Change:
    def changed(asked: httpx.Request, forward: Forward) -> httpx.Response:
        came = forward(asked)
        return copied(came, **{name: value}) if of in (None, came.status_code) else came

    return changed


def body(of: int, content: bytes) -> Change:
    def changed(asked: httpx.Request, forward: Forward) -> httpx.Response:
        came = forward(asked)
        return copied(came, content=content) if came.status_code == of else came

    return changed


def any_type(asked: httpx.Request, forward: Forward) -> httpx.Response:
    if asked.headers.get("content-type") == "text/plain":
        asked = httpx.Request(
            asked.method,
            asked.url,
            headers={**asked.headers, "content-type": "application/json"},
            content=asked.content,
        )
    return forward(asked)


def any_method(asked: httpx.Request, forward: Forward) -> httpx.Response:
    came = forward(asked)
    return httpx.Response(200, json={}) if came.status_code == 405 else came


def zero_tokens_crash(asked: httpx.Request, forward: Forward) -> httpx.Response:
    crashes = b'"max_tokens": 0' in asked.content
    return copied(forward(asked), status=500) if crashes else forward(asked)


def headers_twice(asked: httpx.Request, forward: Forward) -> httpx.Response:
    came = forward(asked)
    headers = [*came.headers.multi_items(), ("Content-Type", "application/json")]
    return httpx.Response(came.status_code, headers=headers, content=came.content)


def busy(**headers: str) -> Change:
    """Every fifth request is told to come back."""
    count = iter(range(10**6))
    error = {"error": {"message": "Too many.", "type": "rate_limit_error", "code": None}}

    def changed(asked: httpx.Request, forward: Forward) -> httpx.Response:
        return httpx.Response(429, headers=headers, json=error) if next(count) % 5 == 4 else forward(asked)

    return changed


def nameless(asked: httpx.Request, forward: Forward) -> httpx.Response:
    came = forward(asked)
    error = {"message": "The request is not valid.", "type": "invalid_request_error", "code": None}
    return copied(came, content=json.dumps({"error": error}).encode()) if came.status_code == 400 else came


def gone_at_32_mib(asked: httpx.Request, forward: Forward) -> httpx.Response:
    return httpx.Response(500, json={}) if len(asked.content) > 2**24 else forward(asked)


TRACE = rb'{"error": {"message": "Traceback (most recent call last):\n File \"/srv/app.py\", line 3", "type": "x"}}'


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("key-required", open_door("/v1/gpu/status")),
        ("key-required", open_door("/v1/chat/completions")),
        ("wrong-key-refused", any_key),
        ("wrong-key-refused", prefix_of_the_key),
        ("other-scheme-refused", any_scheme),
        ("key-before-validation", validation_first),
        ("unknown-path-404", status(404, 200)),
        ("unknown-method-405", status(405, 404)),
        ("unknown-method-405", any_method),
        ("allow-lists-methods", header("allow", None, 405)),
        ("allow-lists-methods", header("allow", "DELETE", 405)),
        ("other-media-type-415", any_type),
        ("other-media-type-415", status(415, 400)),
        ("too-large-413", gone_at_32_mib),
        ("malformed-body-400", status(400, 500)),
        ("bad-field-400", zero_tokens_crash),
        ("bad-field-400", status(400, 422)),
        ("bad-field-named", nameless),
        ("unknown-model-404", status(404, 400)),
        ("unknown-voice-404", status(404, 400)),
        ("request-id-told", header("x_request_id", None, 400)),
        ("request-id-told", header("x_request_id", "", 404)),
        ("request-id-unique", header("x_request_id", "req_1")),
        ("error-envelope", body(400, b'{"detail": "Not valid"}')),
        ("error-envelope", body(404, b'{"error": "Not found"}')),
        ("error-envelope", body(401, b"Unauthorized")),
        ("error-type-fits", status(404, 401)),
        ("errors-tell-no-insides", body(400, TRACE)),
        ("json-says-so", header("content_type", "text/html", 400)),
        ("headers-once", headers_twice),
    ],
)
def test_a_fault_is_seen(edge, name: str, change: Change):
    """By the check that is there for it."""
    found = faults(edge.url, name, change)
    assert found
    assert all("pg_local" not in fault.curl for fault in found)


@pytest.mark.parametrize(
    ("headers", "seen"), [({}, True), ({"retry-after": "-1"}, True), ({"retry-after": "0"}, False)]
)
def test_a_429_says_when_to_return(edge, headers: dict[str, str], seen: bool):
    """Wherever it is met; the other checks wait and go on."""
    assert bool(faults(edge.url, "busy-says-when", busy(**headers))) is seen


def test_a_busy_server_is_waited_for(edge):
    """A 429 with a Retry-After breaks nothing."""
    assert faults(edge.url, "bad-field-400", busy(**{"retry-after": "0"})) == ()


@pytest.mark.parametrize(
    "told", ["0", "1", "3600", "Wed, 21 Oct 2015 07:28:00 GMT", "", "-1", "soon", "30000", None, "1.5"]
)
def test_retry_after_is_seconds_or_a_date(told: str | None):
    """Within an hour of now."""
    assert _is_sane(told) is (told in ("0", "1", "3600"))


@pytest.mark.parametrize(
    ("text", "insides"),
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
def test_insides_are_told_from_sentences(text: str, insides: bool):
    """Stack traces, paths and addresses; not the paths of the API."""
    assert bool(_INSIDES.search(text)) is insides


def test_legal_variations_are_no_faults(edge):
    """White space and escapes in JSON, header case, extra fields, several methods in Allow."""

    def varied(asked: httpx.Request, forward: Forward) -> httpx.Response:
        came = forward(asked)
        extra: dict[str, Any] = {"x_extra": "1"}
        if "allow" in came.headers:
            extra["allow"] = f"OPTIONS, {came.headers['allow']},HEAD"
        if came.headers.get("content-type") == "application/json" and came.content:
            told = came.json() | {"extra": "é"}
            extra["content_type"] = "Application/JSON; charset=utf-8"
            return copied(came, content=json.dumps(told, indent=3).encode(), **extra)
        return copied(came, **extra)

    told = outcomes(edge.url, names_in(*MODULES), varied)
    assert [(one.check, one.faults) for one in told if one.verdict == "broken"] == []
