"""The exit status of each kind of failure, and what is said of it."""

import json

import pytest

from tests.cli.edges import chat_answer, refuses
from tests.overlay.faults.edges import answer, calm, chunk, closes, says, streams

KEY = "pg_test_0123456789abcdef"


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        ("400 Bad Request", "invalid_value", 2),
        ("401 Unauthorized", "invalid_api_key", 3),
        ("402 Payment Required", "no_credit", 3),
        ("403 Forbidden", "not_allowed", 3),
        ("404 Not Found", "model_not_found", 1),
        ("418 I'm a teapot", "teapot", 1),
        ("422 Unprocessable", "invalid_value", 2),
        ("429 Too Many Requests", "too_many", 4),
        ("500 Internal Server Error", "internal", 1),
        ("503 Service Unavailable", "busy", 1),
    ],
)
def test_a_refusal(invoke, serve, status, code, expected):
    """The exit status tells its kind; one line tells the rest, with the request's id."""
    edge = serve(refuses(status, code))
    told = invoke("chat", "Hi", "--max-retries", "0", url=edge.url)
    assert (told.exit_code, told.stdout) == (expected, "")
    assert told.stderr.startswith("polargrid chat: No. (")
    assert "req_cli" in told.stderr
    assert told.stderr.count("\n") == 1


def test_when_to_come_back(invoke, serve):
    """A rate limit that says how long it lasts is passed on."""
    edge = serve(refuses("429 Too Many Requests", "too_many", "retry-after: 7"))
    assert "try again in 7 s" in invoke("chat", "Hi", "--max-retries", "0", url=edge.url).stderr


def test_it_is_tried_again(invoke, serve):
    """--max-retries is the client's."""
    edge = serve(refuses("503 Service Unavailable", "busy", "retry-after-ms: 0"))
    invoke("health", "--max-retries", "2", url=edge.url)
    assert len([request for request in edge.requests if request.line]) == 3


def test_nobody_listens(invoke):
    """A local edge that is not there: how to start one."""
    told = invoke("chat", "Hi", "--max-retries", "0", url="http://127.0.0.1:9")
    assert told.exit_code == 1
    assert "`polargrid serve` starts one" in told.stderr


def test_a_stream_that_breaks_off(command, serve):
    """What came stands on stdout, what happened on stderr, without a traceback."""
    edge = serve(calm(streams(chunk("It was a"), then=closes)))
    told = command("chat", "Hi", url=edge.url)
    assert (told.returncode, told.stdout) == (1, b"It was a\n")
    assert told.stderr.decode().startswith("polargrid chat: chat_completion: ")
    assert b"Traceback" not in told.stderr


def test_an_error_inside_a_stream(invoke, serve):
    """Its kind is that of the error, though the status was 200."""
    fault = {"error": {"message": "Slow down.", "type": "rate_limit_error", "code": "too_many"}}
    edge = serve(calm(streams(chunk("It"), f"data: {json.dumps(fault)}\n\n".encode())))
    told = invoke("chat", "Hi", url=edge.url)
    assert (told.exit_code, told.stdout) == (4, "It\n")


def test_a_key_that_is_said_back(invoke, serve):
    """The key is in nothing that is printed, whoever repeats it."""
    edge = serve(says(answer({"error": {"message": f"{KEY} is no key"}}, status="401 Unauthorized")))
    told = invoke("chat", "Hi", url=edge.url, POLARGRID_API_KEY=KEY)
    assert told.exit_code == 3
    assert KEY not in told.output


def test_a_key_that_is_given(invoke, serve):
    """`--api-key` is sent, before that of the environment."""
    edge = serve(chat_answer("Hi"))
    invoke("chat", "Hi", "--api-key", KEY, url=edge.url, POLARGRID_API_KEY="pg_another_0123456789")
    assert edge.requests[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("environ", [{"POLARGRID_REGION": "nowhere"}, {"url": "no-url"}, {"POLARGRID_LOG": "loud"}])
def test_a_setting_that_cannot_be(invoke, environ):
    """Wrong usage, which names the setting."""
    told = invoke("health", POLARGRID_API_KEY=KEY, **environ)
    assert told.exit_code == 2
    assert any(name in told.stderr for name in ("region:", "base_url:", "POLARGRID_LOG:"))


def test_controls_in_an_error(invoke, serve):
    """An edge's sentence cannot drive the terminal that it is shown in, nor spread over several lines."""
    body = {"error": {"message": "\x1b]0;owned\x07one\r\ntwo\u202e"}}
    edge = serve(says(answer(body, status="404 Not Found")))
    told = invoke("chat", "Hi", url=edge.url).stderr
    assert told == "polargrid chat: \\u001b]0;owned\\u0007one two\\u202e (404)\n"
