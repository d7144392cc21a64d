"""Saved exchanges, and curl commands that repeat them."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from email import message_from_bytes
from pathlib import Path

import httpx
import pytest

from polargrid_contract.client import ServerClient, TargetServer
from polargrid_contract.curl import build_curl
from polargrid_contract.exchange import Exchange, TimedBytes, Upload
from polargrid_contract.raw_command import KEY_VARIABLE
from polargrid_contract.redaction import redact_outcome
from polargrid_contract.report import html, junit, terminal
from polargrid_contract.results import OperationResult, Outcome, Report, Violation
from polargrid_contract.saving import INDEX, FolderInUseError, check_folder, plan_files, write_files
from polargrid_contract.wire.exchange import WireExchange
from polargrid_contract.wire.request import RawRequest
from tests.contract.curl_commands import parse, send
from tests.contract.serve import serve

KEY = "pg_live_0123456789abcdef"
VARIABLES = {"POLARGRID_API_KEY": KEY, "SOME_OTHER_KEY": "pg_other"}
JSON = {"content-type": "application/json"}
UPLOAD = Upload('odd "name"; x.ogg', bytes(range(256)), "audio/ogg")
FORM = {"model": "whisper", "prompt": "@file", "language": "en;type=text/html", "text": "two\nlines"}
REQUESTS = {
    "short JSON": {"operation": "chat_completion", "body": {"model": "m", "text": "it's “good”"}},
    "long JSON": {"operation": "chat_completion", "body": {"model": "m" * 20_000}},
    "binary": {"operation": "chat_completion", "content": bytes(range(256)), "headers": JSON},
    "control characters": {"operation": "chat_completion", "content": b'{"a": "\x1b[31m\r\n"}', "headers": JSON},
    "at sign": {"operation": "chat_completion", "content": b"@/etc/hostname", "headers": JSON},
    "no type": {"operation": "chat_completion", "content": b"{}"},
    "empty header": {"operation": "chat_completion", "body": {}, "headers": {"idempotency-key": ""}},
    "wrong key": {"operation": "chat_completion", "body": {}, "key": "pg_other"},
    "no key": {"operation": "chat_completion", "body": {}, "key": None},
    "no body": {"operation": "purge_gpu"},
    "HEAD": {"operation": "list_models", "method": "HEAD"},
    "brackets": {"operation": "list_models", "path": "/v1/models?a[0]={x}"},
    "dots": {"operation": "list_models", "path": "/v1/models/../x"},
    "upload": {"operation": "transcribe", "form": FORM, "uploads": [UPLOAD]},
    "two uploads": {"operation": "transcribe", "form": {}, "uploads": [UPLOAD, Upload("b.wav", b"RIFF", "audio/wav")]},
    "long field": {"operation": "transcribe", "form": {"prompt": "x" * 9000}, "uploads": [UPLOAD]},
}


def build_report(*violations: Violation, results: tuple[OperationResult, ...] = ()) -> Report:
    outcome = Outcome("behaviour", "usage-adds-up", "Why.", "Source", ("completion",), "failed", violations)
    outcomes = (replace(outcome, results=results),)
    return Report("http://edge.test", "polargrid", "2026-11-20T09:12:44+00:00", 2.0, outcomes, 7, "0.1.0", ())


def read_request(request: httpx.Request) -> tuple[object, ...]:
    """What a server sees of a request, apart from the boundary of a form and the names of clients."""
    content_type, body = request.headers.get("content-type", ""), request.content
    if content_type.startswith("multipart/"):
        message = message_from_bytes(b"content-type: " + content_type.encode() + b"\n\n" + body)
        parts = [(part.items(), part.get_payload(decode=True)) for part in message.walk() if part is not message]
        content_type, body = "multipart/form-data", repr(parts).encode()
    others = {name: request.headers.get(name) for name in ("authorization", "content-length", "idempotency-key")}
    if content_type == "multipart/form-data":
        del others["content-length"]
    return request.method, request.url.raw_path, content_type, body, others


@pytest.mark.parametrize("name", REQUESTS)
def test_a_curl_command_repeats_the_request(tmp_path: Path, name: str):
    """The server sees the same method, path, headers and body, whatever the body contains."""
    requests: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, json={})

    with serve(respond) as url, closing(ServerClient(TargetServer(url, KEY))) as client:
        exchange = client.send(**REQUESTS[name])
        violation = client.violation(exchange, expected="x", actual="y")
        report, files = plan_files(build_report(violation), "saved")
        write_files(tmp_path, files)
        (saved,) = report.outcomes[0].violations
        send(parse(saved.curl, tmp_path, VARIABLES))
        script = (tmp_path / saved.saved / "repeat.sh").read_text("utf-8").partition("\n")[2]
        send(parse(script, tmp_path / saved.saved, VARIABLES))
    original, *repeated = map(read_request, requests)
    assert repeated == [original, original]


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("long JSON", "the body of 20013 bytes"),
        ("binary", "the body of 256 bytes"),
        ("upload", 'the file odd "name"; x.ogg of 256 bytes'),
        ("long field", "the field prompt of 9000 characters"),
    ],
)
def test_a_command_that_is_not_complete_says_so(name: str, note: str):
    """Without --save it ends with a comment: what is missing and how to get it."""
    with serve(lambda _: httpx.Response(200)) as url, closing(ServerClient(TargetServer(url, KEY))) as client:
        curl = build_curl(client.send(**REQUESTS[name]))
    comment = curl.partition("  # ")[2]
    assert note in comment
    assert "--save DIR" in comment


def test_a_complete_command_has_no_note():
    """Nor has one that reads saved files."""
    exchange = Exchange("x", "POST", "http://edge.test/x", JSON, b"{}", None)
    assert "#" not in build_curl(exchange)
    report, _ = plan_files(build_report(Violation("x", "", "", replace(exchange, content=b"\0"))), "saved")
    assert "#" not in report.outcomes[0].violations[0].curl


EXCHANGE = Exchange(
    "completion",
    "POST",
    "http://edge.test/v1/completions",
    JSON,
    b'{"prompt": "x"}',
    None,
    status=200,
    response_headers={"content-type": "application/json", "x-request-id": "req_1"},
    chunks=(TimedBytes(0.1, b'{"a":'), TimedBytes(0.2, b" 1}")),
)
VIOLATION = Violation("completion", "total_tokens = 3", "total_tokens = 4", EXCHANGE, build_curl(EXCHANGE))


def test_the_files_of_a_violation():
    """Their names are the same in each run; two violations of one operation are numbered."""
    report, files = plan_files(build_report(VIOLATION, VIOLATION), "saved")
    assert [violation.saved for violation in report.outcomes[0].violations] == [
        "usage-adds-up/completion-1",
        "usage-adds-up/completion-2",
    ]
    assert {name.rpartition("/")[2] for name in files} == {
        "request-body.json",
        "response-head.txt",
        "response-body.json",
        "violation.txt",
        "repeat.sh",
    }
    assert files["usage-adds-up/completion-1/request-body.json"] == EXCHANGE.content
    assert files["usage-adds-up/completion-1/response-body.json"] == b'{"a": 1}'
    assert b"x-request-id: req_1" in files["usage-adds-up/completion-1/response-head.txt"]
    assert plan_files(build_report(VIOLATION, VIOLATION), "saved")[1] == files


def test_names_from_a_server_stay_in_the_folder():
    """An operation may be the label of a path."""
    violation = Violation("GET /../../etc/x", "", "", EXCHANGE)
    _, files = plan_files(build_report(violation), "saved")
    assert all(name.startswith("usage-adds-up/GET-..-..-etc-x-1/") for name in files)


def test_exchanges_that_could_not_be_judged_are_saved():
    """They show what the check stumbled over."""
    result = OperationResult("completion", "error", "KeyError: 'x'", exchanges=(replace(EXCHANGE, content=b"\0"),))
    report, files = plan_files(build_report(results=(result,)), "saved")
    assert "usage-adds-up/completion-not-judged-1/request-body.json" in files
    (saved,) = report.outcomes[0].results
    assert "@usage-adds-up/completion-not-judged-1/request-body.json" in saved.commands[0]
    assert saved.commands[0] in terminal.render(report)


@pytest.mark.parametrize("renderer", [junit, html, terminal])
def test_reports_say_where_the_files_are(renderer):
    """The commands read them by their path in the folder."""
    violation = Violation("completion", "", "", replace(EXCHANGE, content=b"\0"), "curl")
    report, _ = plan_files(build_report(violation), "evidence")
    text = renderer.render(report)
    assert "@usage-adds-up/completion-1/request-body.json" in text
    assert "evidence" in text


def test_no_file_contains_the_key():
    """It may be in any part of a request or a response, and split between chunks."""
    exchange = Exchange(
        "transcribe",
        "POST",
        f"http://edge.test/{KEY}",
        {"x-key": KEY},
        f'{{"key": "{KEY}"}}'.encode() + b"\xff",
        {KEY: KEY, "long": "\0" + KEY},
        (Upload(KEY, b"\0" + KEY.encode(), "audio/wav"),),
        status=200,
        response_headers={"x-echo": KEY},
        chunks=(TimedBytes(0.0, b"\xfe" + KEY[:9].encode()), TimedBytes(0.1, KEY[9:].encode())),
    )
    violation = Violation(KEY, KEY, KEY, exchange, build_curl(exchange))
    result = OperationResult("transcribe", "error", KEY, exchanges=(exchange,))
    outcome = redact_outcome(build_report(violation, results=(result,)).outcomes[0], KEY)
    report, files = plan_files(build_report(*outcome.violations, results=outcome.results), "saved")
    assert len(files) >= 14
    for name, data in files.items():
        assert KEY not in name
        assert KEY[:12].encode() not in data, name
    assert KEY not in repr(report)


def test_bytes_that_no_library_sends_are_saved():
    """As they were sent, on one connection, with a placeholder for the key that the command replaces."""
    headers = (("Host", "edge.test"), ("AUTHORIZATION", f"bearer {KEY}"))
    request = RawRequest("POST", "/v1/completions", headers, b"\0" * 10)
    wire = WireExchange("completion", "http://edge.test", (request, request), b"", is_closed=True, key=KEY)
    violation = wire.violation(expected="x", actual="y")
    assert "more bytes; run again with --save DIR" in violation.curl
    outcome = redact_outcome(build_report(violation).outcomes[0], KEY)
    report, files = plan_files(build_report(*outcome.violations), "saved")
    data = files["usage-adds-up/completion-1/request.http"]
    assert KEY.encode() not in data
    assert data.replace(KEY_VARIABLE, KEY.encode()) == request.encode() * 2
    command = report.outcomes[0].violations[0].curl
    assert command.endswith("usage-adds-up/completion-1/request.http | nc edge.test 80")
    assert "POLARGRID_API_KEY" in command


# The folder


def test_a_later_run_replaces_the_files(tmp_path: Path):
    """Files of an earlier run that are no longer written are removed, and nothing else is."""
    folder = tmp_path / "saved"
    check_folder(folder)
    write_files(folder, {"old/x-1/a.txt": b"1", "both/x-1/a.txt": b"1"})
    (folder / "notes.txt").write_text("mine")
    check_folder(folder)
    write_files(folder, {"both/x-1/a.txt": b"2"})
    assert sorted(str(it.relative_to(folder)) for it in folder.rglob("*") if it.is_file()) == [
        "both/x-1/a.txt",
        "notes.txt",
        INDEX,
    ]
    assert not (folder / "old").exists()
    assert (folder / "both/x-1/a.txt").read_bytes() == b"2"


def test_an_index_cannot_remove_other_files(tmp_path: Path):
    """It may have been edited."""
    other = tmp_path / "other.txt"
    other.write_text("mine")
    folder = tmp_path / "saved"
    folder.mkdir()
    (folder / INDEX).write_text(json.dumps({"files": ["../other.txt", 3, str(other)]}))
    write_files(folder, {})
    assert other.exists()


def test_a_folder_with_other_files_is_refused(tmp_path: Path):
    """So is a file."""
    (tmp_path / "x").write_text("mine")
    for folder in (tmp_path, tmp_path / "x"):
        with pytest.raises(FolderInUseError, match="--save needs"):
            check_folder(folder)
