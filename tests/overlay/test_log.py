"""What the SDK tells: one line a request, no bodies unless somebody asks."""

import json
import logging
import re
import subprocess
import sys
from textwrap import dedent

import httpx
import pytest

from polargrid import NetworkError, PolarGridError, ValidationError, log

CHAT = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "a question of mine"}]}
BUSY = httpx.Response(500, headers={"retry-after-ms": "0"})


@pytest.fixture
def health(spec):
    return httpx.Response(200, headers={"x-request-id": "req_1"}, json=spec["health"].answer)


@pytest.fixture
def chat(spec):
    return httpx.Response(200, json=spec["chat_completion"].answer)


@pytest.fixture
def told(caplog, monkeypatch):
    """What the SDK's loggers told so far: (level, sentence)."""
    monkeypatch.setattr(log.bodies, "disabled", True)
    caplog.set_level(logging.DEBUG, "polargrid")
    return lambda: [
        (record.levelname, record.getMessage()) for record in caplog.records if record.name.startswith("polargrid")
    ]


@pytest.fixture(autouse=True)
def _loggers_as_they_were():
    level, handlers, disabled = log.logger.level, list(log.logger.handlers), log.bodies.disabled
    yield
    log.logger.setLevel(level)
    log.logger.handlers[:] = handlers
    log.bodies.disabled = disabled


# One line a request


def test_a_line_a_request(connect, health, told):
    """A request is one line: method, path, status, milliseconds, attempt, request id, region."""
    connect(health, region="ymq").health()
    ((level, line),) = told()
    assert level == "DEBUG"
    assert re.fullmatch(r"GET /health 200 in \d+ ms \(attempt 1, request req_1, ymq-01\)", line)


def test_url_in_place_of_a_region(connect, health, told):
    """Where there is no region its URL stands; a query is not told."""
    client = connect(httpx.Response(200, json={"text": "Hi"}), base_url="https://edge.example/behind")
    client.transcribe(b"RIFF", {"model": "whisper-1"})
    ((_, line),) = told()
    assert line.startswith("POST /v1/audio/transcriptions 200 in ")
    assert line.endswith("(attempt 1, request -, https://edge.example/behind)")


def test_a_line_a_try(connect, health, told):
    """A call that is tried again is a line a try, and one between them that says why."""
    connect(BUSY, health, region="ymq", max_retries=1).health()
    (_, first), (level, why), (_, second) = told()
    assert re.match(r"GET /health 500 in \d+ ms \(attempt 1, request -, ymq-01\)", first)
    assert (level, why) == ("INFO", "The edge answered 500 with nothing in it: trying again in 0.00 s")
    assert re.match(r"GET /health 200 in \d+ ms \(attempt 2, request req_1, ymq-01\)", second)


def test_going_elsewhere(connect, health, told):
    """Going on to another edge is told with its URL."""
    connect(httpx.ConnectError("refused"), health, regions=["yvr", "ymq"]).health()
    assert [line.partition(" in ")[0] for _, line in told()] == [
        "GET /health NetworkError",
        "The edge cannot be reached: refused: going on to https://api.ymq-01.edge.polargrid.ai:55111",
        "GET /health 200",
    ]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [(httpx.ConnectError("refused"), "NetworkError"), (httpx.ReadTimeout("slow"), "TimeoutError"), (BUSY, "500")],
)
def test_a_request_that_fails(connect, told, answer, outcome):
    """A request without an answer is a line with the error's name in place of a status."""
    with pytest.raises(PolarGridError):
        connect(answer, region="ymq").health()
    ((level, line),) = told()
    assert (level, line.partition(" in ")[0]) == ("DEBUG", f"GET /health {outcome}")


def test_a_stream_is_a_line(connect, told):
    """A stream is one line, when it begins."""
    choice = {"index": 0, "delta": {"content": "a"}, "finish_reason": None}
    data = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    content = f"data: {json.dumps(data)}\n\n".encode() * 3 + b"data: [DONE]\n\n"
    client = connect(httpx.Response(200, headers={"content-type": "text/event-stream"}, content=content))
    assert len(list(client.chat_completion_stream(CHAT))) == 3
    assert len(told()) == 1


def test_nothing_is_told_by_itself(connect, health, capfd):
    """Where nobody asks, nothing is told, not of an error either."""
    client = connect(httpx.ConnectError("refused"), health)
    with pytest.raises(NetworkError):
        client.health()
    client.health()
    assert capfd.readouterr() == ("", "")


# Bodies


def test_no_bodies(connect, chat, told):
    """Bodies are not told at any level."""
    log.logger.setLevel(1)
    connect(chat).chat_completion(CHAT)
    lines = " ".join(line for _, line in told())
    assert "a question of mine" not in lines
    assert "How can I help you" not in lines


def test_bodies(connect, chat, told):
    """They are where they are asked for: what was sent, and what came."""
    log.bodies.disabled = False
    connect(chat).chat_completion(CHAT)
    lines = [line for _, line in told()]
    assert any(line.startswith("POST /v1/chat/completions: {") and "a question of mine" in line for line in lines)
    assert any(line.startswith("answer: {") and "How can I help you" in line for line in lines)


def test_body_of_an_error(connect, told):
    """So is the body of an error."""
    log.bodies.disabled = False
    with pytest.raises(PolarGridError):
        connect(httpx.Response(418, text="short and stout")).health()
    assert ("DEBUG", "answer: short and stout") in told()


def test_long_body(connect, told):
    """Of a long body the beginning is told, and how long it was."""
    log.bodies.disabled = False
    with pytest.raises(PolarGridError):
        connect(httpx.Response(418, text="x" * 10_000)).health()
    assert ("DEBUG", f"answer: {'x' * 4000} … 10000 bytes in all") in told()


def test_body_of_bytes(connect, told):
    """A body that is no text is told as what it is, and breaks nothing."""
    log.bodies.disabled = False
    client = connect(httpx.Response(200, headers={"content-type": "audio/mpeg"}, content=b"ID3\xff\xfb\x00"))
    client.text_to_speech({"model": "tts-1", "input": "Hi", "voice": "alloy"})
    assert any("ID3\\xff\\xfb" in line for _, line in told())


# POLARGRID_LOG

PROGRAM = """
    import logging, sys
    import httpx
    from polargrid import PolarGridSync

    if len(sys.argv) > 1:
        logging.basicConfig(level=sys.argv[1], format="root: %(message)s")
        logging.getLogger("httpx").setLevel(logging.WARNING)

    answers = iter([httpx.Response(500, headers={"retry-after-ms": "0"}, text="oh"), httpx.Response(200, json=HEALTH)])
    http = httpx.Client(transport=httpx.MockTransport(lambda request: next(answers)))
    for _ in range(3):  # as often as somebody likes
        client = PolarGridSync(api_key="pg_test", region="ymq", http_client=http)
    client.health()
    http.close()
"""


@pytest.fixture
def run(spec):
    """Run a program with this POLARGRID_LOG; the lines of its stderr, without their time."""

    def program(level, *arguments):
        script = dedent(PROGRAM).replace("HEALTH", repr(spec["health"].answer))
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={"POLARGRID_LOG": level, "PYTHONPATH": ":".join(sys.path)},
        )
        assert done.stdout == ""
        return [re.sub(r"^[-\d]+ [:,\d]+ |in \d+ ms ", "", line) for line in done.stderr.splitlines()]

    return program


LINES = [
    "polargrid DEBUG GET /health 500 (attempt 1, request -, ymq-01)",
    "polargrid INFO The edge answered 500: oh: trying again in 0.00 s",
    "polargrid DEBUG GET /health 200 (attempt 2, request -, ymq-01)",
]


def test_level_debug(run):
    """`debug` tells every line on stderr, each once, however many clients were made."""
    assert run("debug") == LINES


def test_level_info(run):
    """`info` tells the retries, in capitals too."""
    assert run(" INFO ") == LINES[1:2]


def test_level_warning(run):
    """`warning` tells nothing of this."""
    assert run("warning") == []


def test_level_bodies(run):
    """`bodies` tells the bodies besides."""
    lines = run("bodies")
    assert [line for line in lines if line.startswith("polargrid ")] == LINES
    assert "polargrid.bodies DEBUG answer: oh" in lines


def test_a_program_with_its_own_log(run):
    """In a program that has a log of its own the lines go there, and not to stderr a second time."""
    assert run("debug", "DEBUG") == [f"root: {line.partition(' ')[2].partition(' ')[2]}" for line in LINES]


@pytest.mark.parametrize("level", ["loud", "debug,bodies", "10"])
def test_unknown_level(connect, monkeypatch, level):
    """What is no level is refused when the client is made, with those that there are."""
    monkeypatch.setenv("POLARGRID_LOG", level)
    with pytest.raises(ValidationError, match="bodies, debug, info, warning") as caught:
        connect.kind(api_key="pg_test")
    assert caught.value.param == "POLARGRID_LOG"
