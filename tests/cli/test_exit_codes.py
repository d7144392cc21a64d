"""The exit status of each kind of failure, and its message."""

import json

import pytest

from tests.cli.servers import (
    chunk,
    close,
    count_requests,
    reject,
    respond,
    response,
    send,
    stream,
    stream_chat,
)

KEY = "pg_test_0123456789abcdef"


@pytest.mark.parametrize(
    ("status", "code", "exit_code"),
    [
        ("400 Bad Request", "invalid_value", 2),
        ("401 Unauthorized", "invalid_api_key", 3),
        ("402 Payment Required", "no_credit", 3),
        ("403 Forbidden", "not_allowed", 3),
        ("404 Not Found", "model_not_found", 7),
        ("418 I'm a teapot", "teapot", 1),
        ("422 Unprocessable", "invalid_value", 2),
        ("429 Too Many Requests", "too_many", 4),
        ("500 Internal Server Error", "internal", 1),
        ("503 Service Unavailable", "busy", 1),
    ],
)
def test_the_http_status_decides_the_exit_status(invoke, start_server, status, code, exit_code):
    """The message is one line with the id of the request."""
    server = start_server(reject(status, code))
    result = invoke("chat", "Hi", "--max-retries", "0", url=server.url)
    assert (result.exit_code, result.stdout) == (exit_code, "")
    assert result.stderr.startswith("polargrid chat: No. (")
    assert "req_cli" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_rate_limit_message_has_the_delay(invoke, start_server):
    """The delay is that of the Retry-After header."""
    server = start_server(reject("429 Too Many Requests", "too_many", "retry-after: 7"))
    assert "retry in 7 s" in invoke("chat", "Hi", "--max-retries", "0", url=server.url).stderr


def test_max_retries_limits_the_attempts(invoke, start_server):
    """Two retries are three requests."""
    server = start_server(reject("503 Service Unavailable", "busy", "retry-after-ms: 0"))
    invoke("health", "--max-retries", "2", url=server.url)
    assert count_requests(server) == 3


def test_a_refused_connection_names_serve(invoke, closed_url):
    """For a server on this machine the message says how to start one."""
    result = invoke("chat", "Hi", "--max-retries", "0", url=closed_url)
    assert result.exit_code == 8
    assert result.stderr.count("`polargrid serve`") == 1


def test_json_failures_are_json(invoke, start_server):
    """One line on stderr with what is known of the failure; stdout is empty."""
    server = start_server(reject("404 Not Found", "model_not_found"))
    result = invoke("chat", "Hi", "--json", url=server.url)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (7, "", 1)
    expected = {"type": "NotFoundError", "status_code": 404, "code": "model_not_found", "request_id": "req_cli"}
    failure = json.loads(result.stderr)
    assert failure["exit_status"] == 7
    assert failure["error"].pop("message").startswith("No. (")
    assert failure["error"] == expected


@pytest.mark.parametrize(
    ("words", "exit_code"),
    [
        (["health", "--json", "--modl", "x"], 2),
        (["helth", "--json"], 2),
        (["--modl", "--json"], 2),
        (["models", "unload", "--json"], 2),
        (["health", "--json"], 8),
        (["regions", "--timeout", "0", "--json"], 2),
    ],
    ids=str,
)
def test_json_failures_of_every_kind_are_json(invoke, closed_url, words, exit_code):
    """Also if the line is wrong."""
    result = invoke(*words, url=closed_url)
    assert (result.exit_code, json.loads(result.stderr)["exit_status"]) == (exit_code, exit_code)


def test_a_variable_makes_failures_json(invoke, closed_url):
    """As the option does; what follows `--` is no option."""
    assert json.loads(invoke("health", url=closed_url, POLARGRID_HEALTH_JSON_OUTPUT="1").stderr)["exit_status"] == 8
    assert invoke("chat", "--", "--json", url=closed_url).stderr.startswith("polargrid chat: ")


def test_a_broken_stream_keeps_the_text(run_process, start_server):
    """The text is on stdout, the error on stderr, without a traceback."""
    server = start_server(stream(chunk("It was a"), then=close))
    result = run_process("chat", "Hi", url=server.url)
    assert (result.returncode, result.stdout) == (1, b"It was a\n")
    assert result.stderr.decode().startswith("polargrid chat: chat_completion: ")
    assert b"Traceback" not in result.stderr


def test_an_error_event_decides_the_exit_status(invoke, start_server):
    """A stream may report an error after the HTTP status 200."""
    error = {"error": {"message": "Slow down.", "type": "rate_limit_error", "code": "too_many"}}
    server = start_server(stream(chunk("It"), f"data: {json.dumps(error)}\n\n".encode()))
    result = invoke("chat", "Hi", url=server.url)
    assert (result.exit_code, result.stdout) == (4, "It\n")


def test_a_key_in_an_error_message_is_not_printed(invoke, start_server):
    """A server may repeat the key."""
    server = start_server(respond({"error": {"message": f"{KEY} is no key"}}, status="401 Unauthorized"))
    result = invoke("chat", "Hi", url=server.url, POLARGRID_API_KEY=KEY)
    assert result.exit_code == 3
    assert KEY not in result.output


def test_the_option_precedes_the_variable(invoke, start_server):
    """`--api-key` is sent instead of POLARGRID_API_KEY."""
    server = start_server(stream_chat("Hi"))
    invoke("chat", "Hi", "--api-key", KEY, url=server.url, POLARGRID_API_KEY="pg_another_0123456789")
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("variables", "name"),
    [
        ({"POLARGRID_REGION": "nowhere"}, "region"),
        ({"url": "no-url"}, "base_url"),
        ({"POLARGRID_LOG": "loud"}, "POLARGRID_LOG"),
    ],
)
def test_an_invalid_setting_is_wrong_usage(invoke, variables, name):
    """The message names the setting."""
    result = invoke("health", POLARGRID_API_KEY=KEY, **variables)
    assert result.exit_code == 2
    assert name in result.stderr


def test_control_characters_in_an_error_are_escaped(invoke, start_server):
    """The message stays on one line."""
    body = {"error": {"message": "\x1b]0;owned\x07one\r\ntwo\u202e"}}
    server = start_server(send(response(body, status="404 Not Found")))
    message = invoke("chat", "Hi", url=server.url).stderr
    assert message.startswith("polargrid chat: \\u001b]0;owned\\u0007one two\\u202e (")
    assert message.count("\n") == 1
