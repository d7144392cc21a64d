"""The checks of the wire, over sockets: a right server passes in any legal form, a seeded fault fails its check."""

from __future__ import annotations

import gzip
import json
import re
import secrets
import string
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import httpx
import pytest

from polargrid_contract import behaviour
from polargrid_contract.checks import all_checks
from polargrid_contract.client import ServerClient, TargetServer
from polargrid_contract.results import Outcome
from tests.contract.changes import Send
from tests.contract.http_handler import HTTPHandler
from tests.contract.new_operations.server import KEY, Fault, Handle, Request, Response, build_error, run_server
from tests.contract.openai_server import OpenAIServer
from tests.contract.raw_server import (
    BytesHandler,
    ChangeBytes,
    add_line,
    change_bytes,
    replace_bytes,
    send_chunks,
    split,
)
from tests.contract.recorded_edge import KEY as EDGE_KEY
from tests.contract.serve import serve
from tests.contract.test_new_operations import DOCUMENT, NAMES

CHECKS = [check for check in all_checks() if check.run.__module__.rpartition(".")[2].startswith("wire_")]


def run_checks(
    *only: str, fault: Fault | None = None, wire: type[HTTPHandler] = HTTPHandler, name: str = "", **target: object
) -> dict[str, Outcome]:
    """Run one or all checks of the wire for operations; a server whose every response is broken does not stop them."""
    with run_server(fault, wire) as (url, _):
        server = TargetServer(url, KEY, **{"document": DOCUMENT, "timeout": 5.0, **target})  # type: ignore[arg-type]
        with closing(ServerClient(server, only=only)) as client:
            checks = [check for check in CHECKS if name in ("", check.name)]
            return {outcome.check: outcome for outcome in behaviour.run_checks(client, checks)}


def find_failures(outcomes: dict[str, Outcome]) -> dict[str, list[tuple[str, str, str]]]:
    return {
        name: [(it.operation, it.expected, it.actual) for it in outcome.violations]
        for name, outcome in outcomes.items()
        if outcome.status not in {"passed", "skipped"}
    }


# A right server


@pytest.mark.parametrize("profile", ["polargrid", "openai"])
def test_a_right_server_passes(profile: str):
    """In both profiles."""
    outcomes = run_checks(*NAMES, profile=profile)
    assert find_failures(outcomes) == {}
    assert sum(outcome.status == "passed" for outcome in outcomes.values()) >= len(CHECKS) - 3 * (profile == "openai")


# Legal forms of a response


def respell_headers(_: BytesHandler, data: bytes) -> bytes:
    """Names in capitals, without spaces behind the colons, and more headers."""
    head, body = split(data)
    first, *lines = head[:-4].split(b"\r\n")
    lines = [line.partition(b":")[0].upper() + b":" + line.partition(b":")[2].strip() + b" \t" for line in lines]
    lines += [b"Set-Cookie: a=b", b"set-cookie: c=d", b"Vary: a", b"Vary: b", b"X-Empty:", b"X-Text: \xe9"]
    return b"\r\n".join((first, *lines)) + b"\r\n\r\n" + body


def omit_reason(_: BytesHandler, data: bytes) -> bytes:
    return re.sub(rb"^(HTTP/1.1 \d{3}) [^\r]*", rb"\1 ", data)


def respond_early(handler: BytesHandler, data: bytes) -> bytes:
    is_new = handler.request_version == "HTTP/1.1"
    hints = b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n"
    return hints + data if is_new else data


def close_always(handler: BytesHandler, data: bytes) -> bytes:
    handler.close_connection = True
    return add_line(b"Connection: close")(handler, data)


def end_by_closing(handler: BytesHandler, data: bytes) -> bytes:
    """A body without a length."""
    head, body = split(close_always(handler, data))
    return re.sub(rb"content-length: \d+\r\n", b"", head) + body


def speak_http_10(handler: BytesHandler, data: bytes) -> bytes:
    handler.close_connection = True
    return data.replace(b"HTTP/1.1", b"HTTP/1.0", 1)


def keep_http_10(_: BytesHandler, data: bytes) -> bytes:
    return data


def use_chunks(handler: BytesHandler, data: bytes) -> bytes:
    is_new = handler.request_version == "HTTP/1.1" and handler.command != "HEAD"
    return send_chunks(data, extension=b';a="b"', trailer=b"X-Trailer: a\r\n") if is_new else data


def use_gzip(handler: BytesHandler, data: bytes) -> bytes:
    head, body = split(data)
    if "gzip" not in handler.headers.get("accept-encoding", "") or not body:
        return data
    body = gzip.compress(body)
    head = re.sub(rb"content-length: \d+", b"content-length: %d" % len(body), head)
    return head[:-2] + b"Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n\r\n" + body


def add_challenges(_: BytesHandler, data: bytes) -> bytes:
    """A challenge of another scheme before the right one, with a comma in its text."""
    challenges = b'Digest realm="a, b", nonce = "c", token abc==, bearer realm="d"'
    return re.sub(rb"www-authenticate: [^\r]*", b"www-authenticate: " + challenges, data)


def name_charset(charset: bytes) -> ChangeBytes:
    return lambda _, data: re.sub(rb"(content-type: [^\r]*)", rb"\1" + b"; charset=" + charset, data, count=1)


def write_slowly(handler: BytesHandler, data: bytes) -> bytes:
    """In pieces of 5 bytes."""
    for index in range(0, len(data), 5):
        handler.connected.write(data[index : index + 5])
    return b""


LEGAL: dict[str, ChangeBytes] = {
    "headers": respell_headers,
    "no reason": omit_reason,
    "102 and 103": respond_early,
    "closed connections": close_always,
    "bodies until the end": end_by_closing,
    "HTTP/1.0": speak_http_10,
    "chunks": use_chunks,
    "gzip": use_gzip,
    "pieces": write_slowly,
    "challenges": add_challenges,
    "two lines of challenges": add_line(b"WWW-Authenticate: Negotiate"),
    "a charset": name_charset(b'"UTF-8"'),
    "a charset of which the body has the common part": name_charset(b"us-ascii"),
}


@pytest.mark.parametrize("change", LEGAL.values(), ids=LEGAL)
def test_a_legal_form_passes(change: ChangeBytes):
    """Whatever a standard permits is no violation."""
    assert find_failures(run_checks("create_note", "list_notes", "summarize", wire=change_bytes(change))) == {}


def add_identities(request: Request, handle: Handle) -> Response:
    """Errors with an id of the request, the time, and words that change."""
    response = handle(request)
    if response.status < 400:
        return response
    identity = "".join(secrets.choice(string.ascii_letters) for _ in range(24))
    error = json.loads(response.body)["error"]
    error |= {"message": f"{error['message']} ({identity})", "request_id": identity[::-1], "createdAt": identity}
    return replace(response, body=json.dumps({"error": error, "trace": {"id": identity}}).encode())


@pytest.mark.parametrize("profile", ["polargrid", "openai"])
def test_responses_that_name_their_request_pass(profile: str):
    """What differs between two equal requests is not compared."""
    assert find_failures(run_checks(*NAMES, fault=add_identities, profile=profile)) == {}


def reject_chunks(request: Request, handle: Handle) -> Response:
    is_chunked = "transfer-encoding" in request.headers
    return build_error(411, "a length is required") if is_chunked else handle(request)


def respond_with(status: int, when: Callable[[Request], bool], **headers: str) -> Fault:
    def apply(request: Request, handle: Handle) -> Response:
        return build_error(status, "no", **headers) if when(request) else handle(request)

    return apply


def has_long_header(request: Request) -> bool:
    return any(len(value) > 2000 for value in request.headers.values())


REFUSALS: dict[str, Fault] = {
    "no chunks": reject_chunks,
    "no HTTP/1.0": respond_with(505, lambda request: request.version == "HTTP/1.0"),
    "no long headers": respond_with(431, has_long_header),
    "no empty query": respond_with(404, lambda request: request.target.endswith("?")),
    "no absolute target": respond_with(404, lambda request: request.target.startswith("http")),
    "no HEAD": respond_with(405, lambda request: request.method == "HEAD", allow="POST"),
    "no OPTIONS": respond_with(501, lambda request: request.method == "OPTIONS"),
    "no date": lambda request, handle: handle(request).with_headers(date=""),
}


@pytest.mark.parametrize("fault", REFUSALS.values(), ids=REFUSALS)
def test_what_is_optional_is_optional_in_the_openai_profile(fault: Fault):
    """A server may refuse it by its status."""
    assert find_failures(run_checks("summarize", fault=fault, profile="openai")) == {}


def test_a_missing_operation_is_not_supported_in_the_openai_profile():
    """No check of a spelling passes for it."""
    fault = respond_with(404, lambda request: request.operation == "summarize")
    outcomes = run_checks("summarize", fault=fault, profile="openai")
    assert find_failures(outcomes).keys() == {name for name, it in outcomes.items() if it.status == "not_supported"}
    assert outcomes["json-in-any-spelling"].status == "not_supported"


# Faults in the bytes of a response


def only_for(method: str, change: ChangeBytes) -> ChangeBytes:
    return lambda handler, data: change(handler, data) if handler.command == method else data


def add_length(number: int) -> ChangeBytes:
    return lambda _, data: re.sub(
        rb"content-length: (\d+)", lambda match: b"content-length: %d" % (int(match[1]) + number), data
    )


def leave_open(handler: BytesHandler, data: bytes) -> bytes:
    handler.close_connection = False
    return data


def send_no_body(_: BytesHandler, data: bytes) -> bytes:
    head, body = split(data)
    return re.sub(rb"^HTTP/1.1 \d+ [^\r]*", b"HTTP/1.1 204 No Content", head) + body


def hold_first(handler: BytesHandler, data: bytes) -> bytes:
    """Respond to a pipelined pair in the wrong order."""
    held: bytes = getattr(handler, "held", b"")
    if held:
        handler.held = b""  # type: ignore[attr-defined]
        return data + held
    handler.connection.settimeout(0)
    is_followed = not handler.close_connection and bool(handler.rfile.peek(1))  # type: ignore[attr-defined]
    handler.connection.settimeout(None)
    if is_followed:
        handler.held = data  # type: ignore[attr-defined]
        return b""
    return data


def chunk(**options: bytes) -> ChangeBytes:
    def apply(handler: BytesHandler, data: bytes) -> bytes:
        is_new = handler.request_version == "HTTP/1.1" and handler.command != "HEAD"
        return send_chunks(data, **options) if is_new else data

    return apply


WIRE_FAULTS: list[tuple[str, ChangeBytes]] = [
    ("response-on-the-wire", only_for("PATCH", lambda *_: b"")),
    ("response-on-the-wire", only_for("OPTIONS", lambda *_: b"no\r\n")),
    ("status-line-valid", lambda _, data: re.sub(rb"^(HTTP/1.1 \d+) [^\r]*", rb"\1", data)),
    ("status-line-valid", replace_bytes(b"HTTP/1.1 ", b"HTTP/1.1  ")),
    ("status-line-valid", lambda _, data: b"HTTP/1.1 103 \x01\r\n\r\n" + data),
    ("header-lines-valid", replace_bytes(b"content-type:", b"content-type :")),
    ("header-lines-valid", add_line(b"X-Long: a\r\n\tb")),
    ("header-lines-valid", add_line(b"X-Control: \x02")),
    ("header-lines-valid", add_line(b"X (a): b")),
    ("header-lines-valid", add_line(b"X-Colon")),
    ("header-lines-valid", add_line(b"Content-Type: application/json")),
    ("header-lines-valid", lambda _, data: split(data)[0].replace(b"\r\n", b"\n") + split(data)[1]),
    ("body-length-true", add_length(3)),
    ("body-length-true", add_line(b"Content-Length: 1")),
    ("body-length-true", only_for("PATCH", replace_bytes(b"content-length: ", b"content-length: +"))),
    ("body-length-true", chunk(more=b"Content-Length: 5")),
    ("body-length-true", only_for("PATCH", send_no_body)),
    ("chunks-well-formed", chunk(end=b"")),
    ("chunks-well-formed", lambda handler, data: chunk()(handler, data).replace(b"\r\n7\r\n", b"\r\n6\r\n", 1)),
    ("chunks-well-formed", lambda _, data: send_chunks(data)),
    ("chunks-well-formed", lambda handler, data: chunk()(handler, data).replace(b": chunked", b": gzip, chunked")),
    ("nothing-behind-a-response", lambda _, data: data + b"\r\n"),
    ("nothing-behind-a-response", add_length(-2)),
    ("nothing-behind-a-response", only_for("HEAD", lambda _, data: data + b"{}")),
    ("nothing-behind-a-response", only_for("PATCH", send_no_body)),
    ("nothing-behind-a-response", lambda handler, data: chunk(trailer=b"")(handler, data) + b"0\r\n\r\n"),
    ("interim-responses-expected", lambda _, data: b"HTTP/1.1 100 Continue\r\n\r\n" + data),
    ("interim-responses-expected", lambda _, data: b"HTTP/1.1 102 Processing\r\n\r\n" + data),
    ("interim-responses-expected", lambda _, data: b"HTTP/1.1 103 Early\r\nContent-Length: 0\r\n\r\n" + data),
    ("interim-responses-expected", only_for("OPTIONS", lambda *_: b"HTTP/1.1 101 Switching\r\nUpgrade: a\r\n\r\n")),
    ("content-encoding-accepted", add_line(b"Content-Encoding: gzip")),
    ("content-encoding-accepted", add_line(b"Content-Encoding: br")),
    ("content-encoding-accepted", lambda it, data: use_gzip(it, data).replace(b"Vary: Accept-Encoding\r\n", b"")),
    ("connection-closed-on-request", leave_open),
    ("date-valid", lambda _, data: re.sub(rb"date: [^\r]*\r\n", b"", data)),
    ("date-valid", lambda _, data: re.sub(rb"date: [^\r]*", b"Date: 2026-11-30 15:00:00", data)),
    ("status-has-its-header", lambda _, data: re.sub(rb"www-authenticate: [^\r]*\r\n", b"", data)),
    ("status-has-its-header", lambda _, data: re.sub(rb"allow: [^\r]*\r\n", b"", data)),
    ("status-has-its-header", only_for("PATCH", replace_bytes(b"405 Method Not Allowed", b"426 Upgrade Required"))),
    ("challenge-fits-security", lambda _, data: data.replace(b": Bearer", b': Digest realm="edge"')),
    ("challenge-fits-security", lambda _, data: data.replace(b": Bearer", b': Basic realm="a, Bearer", bearer=b')),
    ("charset-true", name_charset(b"utf-16")),
    ("charset-true", name_charset(b'"no-such-charset"')),
    ("http-1.0-served", lambda it, data: leave_open(it, data) if it.request_version == "HTTP/1.0" else data),
    ("pipelined-requests-in-order", hold_first),
]


@pytest.mark.parametrize(("name", "change"), WIRE_FAULTS, ids=[f"{i}-{it[0]}" for i, it in enumerate(WIRE_FAULTS)])
def test_a_fault_in_the_bytes_fails_its_check(name: str, change: ChangeBytes):
    """The violation has the request as a command, without the key."""
    # Some faults are a wait for the timeout; on a slow machine, a short one only adds violations.
    outcome = run_checks("list_notes", wire=change_bytes(change), name=name, timeout=1.0)[name]
    assert outcome.violations, name
    assert all(KEY not in violation.curl for violation in outcome.violations)
    assert all(" | nc 127.0.0.1 " in violation.curl for violation in outcome.violations)


# Faults in what a server understands


def header(request: Request, name: str) -> str:
    return request.headers.get(name, "")


def keep_key(request: Request, handle: Handle) -> Response:
    """Take the key of an earlier request of the connection."""
    headers = {**request.headers, "authorization": f"Bearer {KEY}"}
    return handle(replace(request, headers=headers) if request.number > 1 else request)


def keep_rejection(request: Request, handle: Handle) -> Response:
    """Reject whatever follows a request without a key on its connection."""
    is_later = request.number > 2 and request.operation == "list_notes"
    return build_error(401, "no", www_authenticate="Bearer") if is_later else handle(request)


SURROGATES = re.compile(rb"\\ud[89ab]..\\ud[c-f]..", re.IGNORECASE)


def accept_after(prefix: str) -> Fault:
    """Accept whatever key is behind this."""

    def apply(request: Request, handle: Handle) -> Response:
        is_accepted = request.headers.get("authorization", "").startswith(prefix)
        headers = {**request.headers, "authorization": f"Bearer {KEY}"}
        return handle(replace(request, headers=headers) if is_accepted else request)

    return apply


FAULTS: list[tuple[str, str, Fault]] = [
    ("headers-in-any-spelling", "list_notes", respond_with(406, lambda it: header(it, "accept") == "*/*")),
    ("headers-in-any-spelling", "list_notes", respond_with(406, lambda it: ";q=" in header(it, "accept"))),
    ("headers-in-any-spelling", "create_note", respond_with(431, has_long_header)),
    ("headers-in-any-spelling", "create_note", respond_with(400, lambda it: "x-unknown-header" in it.headers)),
    ("headers-in-any-spelling", "summarize", respond_with(500, lambda it: "upgrade" in it.headers)),
    ("target-in-any-spelling", "list_notes", respond_with(404, lambda it: it.target.endswith("?"))),
    ("target-in-any-spelling", "summarize", respond_with(404, lambda it: "%" in it.target)),
    ("target-in-any-spelling", "list_notes", respond_with(404, lambda it: it.target.startswith("http://"))),
    ("scheme-in-any-case", "create_note", respond_with(401, lambda it: header(it, "authorization")[:1] == "b")),
    ("scheme-in-any-case", "list_notes", respond_with(401, lambda it: "BEARER" in header(it, "authorization"))),
    ("scheme-in-any-case", "list_notes", respond_with(401, lambda it: "  " in header(it, "authorization"))),
    ("wrong-key-rejected-in-any-case", "list_notes", accept_after("bearer ")),
    ("wrong-key-rejected-in-any-case", "create_note", accept_after("BEARER ")),
    ("wrong-key-rejected-in-any-case", "summarize", accept_after(KEY)),
    ("json-type-in-any-spelling", "summarize", respond_with(415, lambda it: "charset" in header(it, "content-type"))),
    ("json-type-in-any-spelling", "create_note", respond_with(415, lambda it: '"' in header(it, "content-type"))),
    ("json-type-in-any-spelling", "create_note", respond_with(415, lambda it: "JSON" in header(it, "content-type"))),
    ("json-in-any-spelling", "summarize", respond_with(400, lambda it: b"\\u" in it.body)),
    ("json-in-any-spelling", "create_note", respond_with(400, lambda it: it.body[:1].isspace())),
    ("json-in-any-spelling", "summarize", respond_with(400, lambda it: it.body.startswith(b'{"text"'))),
    ("json-in-any-spelling", "summarize", respond_with(500, lambda it: SURROGATES.search(it.body) is not None)),
    ("body-in-chunks", "create_note", reject_chunks),
    ("body-in-chunks", "upload_scan", respond_with(400, lambda it: "transfer-encoding" in it.headers)),
    ("form-in-any-spelling", "upload_scan", respond_with(400, lambda it: '"' in header(it, "content-type"))),
    ("form-in-any-spelling", "upload_scan", respond_with(400, lambda it: b"content-disposition" in it.body)),
    ("form-in-any-spelling", "upload_scan", respond_with(400, lambda it: not it.body.rstrip().endswith(b"--"))),
    ("right-request-in-any-spelling", "summarize", respond_with(500, lambda it: b"\\u" in it.body)),
    ("http-1.0-served", "create_note", respond_with(505, lambda it: it.version == "HTTP/1.0")),
    ("kept-connection-reused", "list_notes", respond_with(400, lambda it: it.number > 1)),
    ("kept-connection-reused", "list_notes", keep_key),
    ("kept-connection-reused", "create_note", keep_key),
    ("kept-connection-reused", "list_notes", keep_rejection),
    ("pipelined-requests-in-order", "list_notes", respond_with(400, lambda it: it.number > 1)),
    ("expect-100-continue", "create_note", respond_with(417, lambda it: "expect" in it.headers)),
    ("head-like-get", "list_notes", respond_with(500, lambda it: it.method == "HEAD")),
    ("head-like-get", "list_notes", lambda it, handle: Response(200) if it.method == "HEAD" else handle(it)),
    ("options-answered", "create_note", respond_with(500, lambda it: it.method == "OPTIONS")),
    (
        "options-answered",
        "create_note",
        lambda it, handle: Response(200, headers={"allow": "GET"}) if it.method == "OPTIONS" else handle(it),
    ),
]


@pytest.mark.parametrize(("name", "operation", "fault"), FAULTS, ids=[f"{i}-{it[0]}" for i, it in enumerate(FAULTS)])
def test_a_request_in_another_spelling_is_understood(name: str, operation: str, fault: Fault):
    """A server that rejects it is reported, at the operation."""
    outcome = run_checks(operation, fault=fault)[name]
    assert {violation.operation for violation in outcome.violations} == {operation}


def test_a_text_that_is_decoded_wrong_is_reported():
    """The prompt of a right request has as many tokens in any spelling."""
    server = OpenAIServer()

    def send(request: httpx.Request) -> httpx.Response:
        content = SURROGATES.sub(rb"\\ufffd \\ufffd", request.read())
        headers = [(name, value) for name, value in request.headers.raw if name.lower() != b"content-length"]
        return server.send(httpx.Request(request.method, request.url, headers=headers, content=content))

    outcomes = [run_spellings(it) for it in (send, server.send)]
    assert [len(outcome.violations) for outcome in outcomes] == [1, 0]
    assert outcomes[0].violations[0].expected.startswith("usage.prompt_tokens")


def run_spellings(send: Send) -> Outcome:
    check = next(check for check in CHECKS if check.name == "right-request-in-any-spelling")
    with serve(send) as url:
        target = TargetServer(url, EDGE_KEY, profile="openai", timeout=5.0)
        with closing(ServerClient(target, only=("chat_completion",))) as client:
            return next(iter(behaviour.run_checks(client, [check])))


class FirstPacketHandler(HTTPHandler):
    """Reads of a body only what has arrived."""

    def read_body(self) -> bytes:
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read1(length) if length else b""  # type: ignore[attr-defined]
        self.rfile.read(length - len(body))
        return bytes(body)


def test_a_server_that_reads_one_packet_is_reported():
    """The requests that arrive in one packet get the right responses."""
    outcomes = run_checks("create_note", "summarize", wire=FirstPacketHandler)
    violations = outcomes["request-in-pieces"].violations
    assert {violation.operation for violation in violations} == {"summarize", "create_note"}


def test_a_number_with_a_point_is_an_integer():
    """To JSON Schema; the request that names a model that does not exist has no number, so this one has a model."""
    fault = respond_with(400, lambda it: re.search(rb"\d(\.0|e0)", it.body) is not None)
    assert run_checks("create_note", fault=fault)["json-in-any-spelling"].violations == ()


def test_a_server_that_waits_for_the_body_is_reported():
    """It never sends 100."""
    wire = change_bytes(lambda _, data: data, handle_expect_100=lambda _: True)
    violations = run_checks("create_note", wire=wire, name="expect-100-continue")["expect-100-continue"].violations
    assert [violation.actual.startswith("no response within") for violation in violations] == [True]


def test_every_check_has_a_fault():
    """No check of the wire passes for every server."""
    tested_above = {"request-in-pieces"}
    assert {name for name, *_ in (*WIRE_FAULTS, *FAULTS)} | tested_above == {check.name for check in CHECKS}
