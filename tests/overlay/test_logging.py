"""The log: one line per request, bodies only on request, and POLARGRID_LOG."""

import json
import logging
import re
import subprocess
import sys
from textwrap import dedent

import httpx
import pytest

from polargrid import NetworkError, PolarGridError, ValidationError, _logging

CHAT = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "a question of mine"}]}
BUSY = httpx.Response(500, headers={"retry-after-ms": "0"})
TEAPOT = httpx.Response(418, text="short and stout")


@pytest.fixture
def health(spec):
    return httpx.Response(200, headers={"x-request-id": "req_1"}, json=spec["health"].response)


@pytest.fixture
def chat(spec):
    return httpx.Response(200, json=spec["chat_completion"].response)


@pytest.fixture(autouse=True)
def _restore_loggers():
    level, handlers, disabled = _logging.logger.level, list(_logging.logger.handlers), _logging.bodies.disabled
    yield
    _logging.logger.setLevel(level)
    _logging.logger.handlers[:] = handlers
    _logging.bodies.disabled = disabled


@pytest.fixture
def records(caplog):
    """Return the records of the SDK so far: (level, message)."""
    caplog.set_level(logging.DEBUG, "polargrid")
    return lambda: [
        (record.levelname, record.getMessage()) for record in caplog.records if record.name.startswith("polargrid")
    ]


# Requests


def test_line_of_a_request(connect, health, records):
    """It has the method, path, status, duration, attempt, request id and region."""
    connect(health, region="ymq").health()
    ((level, line),) = records()
    assert level == "DEBUG"
    assert re.fullmatch(r"GET /health 200 in \d+ ms \(attempt 1, request req_1, ymq-01\)", line)


def test_line_of_a_client_without_a_region(connect, records):
    """It has the base URL instead, and no query, which may hold a secret."""
    client = connect(httpx.Response(200, json={"text": "Hi"}), base_url="https://edge.example/behind")
    client.transcribe(b"RIFF", {"model": "whisper-1"})
    ((_, line),) = records()
    assert line.startswith("POST /v1/audio/transcriptions 200 in ")
    assert line.endswith("(attempt 1, request -, https://edge.example/behind)")


def test_lines_of_a_retry(connect, health, records):
    """One for each attempt, and between them one with the reason, at INFO."""
    connect(BUSY, health, region="ymq", max_retries=1).health()
    (_, first), (level, reason), (_, second) = records()
    assert re.match(r"GET /health 500 in \d+ ms \(attempt 1, request -, ymq-01\)", first)
    assert (level, reason) == ("INFO", "HTTP 500 with an empty body: retrying in 0.00 s")
    assert re.match(r"GET /health 200 in \d+ ms \(attempt 2, request req_1, ymq-01\)", second)


def test_lines_of_a_failover(connect, health, records):
    """The reason has the URL of the other endpoint."""
    connect(httpx.ConnectError("refused"), health, regions=["yvr", "ymq"]).health()
    first, reason, second = [line.partition(" in ")[0] for _, line in records()]
    assert (first, second) == ("GET /health NetworkError", "GET /health 200")
    assert reason.startswith("cannot connect: refused (https://api.yvr-01.")
    assert reason.endswith(": failing over to https://api.ymq-01.edge.polargrid.ai:55111")


@pytest.mark.parametrize(
    ("response", "outcome"),
    [(httpx.ConnectError("refused"), "NetworkError"), (httpx.ReadTimeout("slow"), "TimeoutError"), (BUSY, "500")],
)
def test_line_of_a_failed_request(connect, records, response, outcome):
    """Without a response, it has the name of the exception instead of a status."""
    with pytest.raises(PolarGridError):
        connect(response, region="ymq").health()
    ((level, line),) = records()
    assert (level, line.partition(" in ")[0]) == ("DEBUG", f"GET /health {outcome}")


def test_line_of_a_stream(connect, records):
    """It is one line, at the start."""
    choice = {"index": 0, "delta": {"content": "a"}, "finish_reason": None}
    data = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    content = f"data: {json.dumps(data)}\n\n".encode() * 3 + b"data: [DONE]\n\n"
    client = connect(httpx.Response(200, headers={"content-type": "text/event-stream"}, content=content))
    assert len(list(client.chat_completion_stream(CHAT))) == 3
    assert len(records()) == 1


def test_nothing_is_printed_by_default(connect, health, capfd):
    """Not even for an error."""
    client = connect(httpx.ConnectError("refused"), health)
    with pytest.raises(NetworkError):
        client.health()
    client.health()
    assert capfd.readouterr() == ("", "")


# Bodies


def test_bodies_are_not_logged_by_default(connect, chat, records):
    """At any level."""
    _logging.logger.setLevel(1)
    connect(chat).chat_completion(CHAT)
    lines = " ".join(line for _, line in records())
    assert "a question of mine" not in lines
    assert "How can I help you" not in lines


def test_bodies_of_a_call(connect, chat, records):
    """The logger `polargrid.bodies` logs requests and responses if it is enabled."""
    _logging.bodies.disabled = False
    connect(chat).chat_completion(CHAT)
    lines = [line for _, line in records()]
    assert any(line.startswith("POST /v1/chat/completions: {") and "a question of mine" in line for line in lines)
    assert any(line.startswith("response: {") and "How can I help you" in line for line in lines)


def test_body_of_an_error_response(connect, records):
    """It is logged as well."""
    _logging.bodies.disabled = False
    with pytest.raises(PolarGridError):
        connect(TEAPOT).health()
    assert ("DEBUG", "response: short and stout") in records()


def test_long_body_is_truncated(connect, records):
    """The line has its length."""
    _logging.bodies.disabled = False
    with pytest.raises(PolarGridError):
        connect(httpx.Response(418, text="x" * 10_000)).health()
    assert ("DEBUG", f"response: {'x' * 4000} … 10000 bytes in all") in records()


def test_binary_body_is_escaped(connect, records):
    """Bytes that are not UTF-8 do not break the log."""
    _logging.bodies.disabled = False
    client = connect(httpx.Response(200, headers={"content-type": "audio/mpeg"}, content=b"ID3\xff\xfb\x00"))
    client.text_to_speech({"model": "tts-1", "input": "Hi", "voice": "alloy"})
    assert any("ID3\\xff\\xfb" in line for _, line in records())


# POLARGRID_LOG

PROGRAM = """
    import logging, sys
    import httpx
    from polargrid import PolarGridSync

    if len(sys.argv) > 1:
        logging.basicConfig(level=sys.argv[1], format="root: %(message)s")
        logging.getLogger("httpx").setLevel(logging.WARNING)

    busy = httpx.Response(500, headers={"retry-after-ms": "0"}, text="oh")
    responses = iter([busy, httpx.Response(200, json=HEALTH)])
    http = httpx.Client(transport=httpx.MockTransport(lambda request: next(responses)))
    for _ in range(3):  # handlers are added once
        client = PolarGridSync(api_key="pg_test", region="ymq", http_client=http)
    client.health()
    http.close()
"""
LINES = [
    "polargrid DEBUG GET /health 500 (attempt 1, request -, ymq-01)",
    "polargrid INFO HTTP 500: oh: retrying in 0.00 s",
    "polargrid DEBUG GET /health 200 (attempt 2, request -, ymq-01)",
]


@pytest.fixture
def run(spec):
    """Run a program with this POLARGRID_LOG; return the lines of its stderr, without times."""

    def run_program(level, *arguments):
        script = dedent(PROGRAM).replace("HEALTH", repr(spec["health"].response))
        process = subprocess.run(
            [sys.executable, "-c", script, *arguments],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env={"POLARGRID_LOG": level, "PYTHONPATH": ":".join(sys.path)},
        )
        assert process.stdout == ""
        return [re.sub(r"^[-\d]+ [:,\d]+ |in \d+ ms ", "", line) for line in process.stderr.splitlines()]

    return run_program


@pytest.mark.parametrize(("level", "lines"), [("debug", LINES), (" INFO ", LINES[1:2]), ("warning", [])])
def test_level(run, level, lines):
    """It logs to stderr, each line once, for any number of clients."""
    assert run(level) == lines


def test_level_bodies(run):
    """It logs bodies as well."""
    lines = run("bodies")
    assert [line for line in lines if line.startswith("polargrid ")] == LINES
    assert "polargrid.bodies DEBUG response: oh" in lines


def test_program_with_handlers(run):
    """The lines go to its handlers, and not to stderr a second time."""
    assert run("debug", "DEBUG") == [f"root: {line.partition(' ')[2].partition(' ')[2]}" for line in LINES]


@pytest.mark.parametrize("level", ["loud", "debug,bodies", "10"])
def test_unknown_level(connect, monkeypatch, level):
    """It is rejected when the client is created; the message lists the levels."""
    monkeypatch.setenv("POLARGRID_LOG", level)
    message = f"POLARGRID_LOG: unknown level '{level}'; expected one of: bodies, debug, info, warning"
    with pytest.raises(ValidationError, match=f"^{message}$") as caught:
        connect.kind(api_key="pg_test")
    assert caught.value.param == "POLARGRID_LOG"
