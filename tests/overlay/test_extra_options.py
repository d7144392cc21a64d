"""`extra_headers`, `extra_query` and `extra_body`, and copies of a client with other options."""

from __future__ import annotations

import json
import logging

import httpx
import pytest

from polargrid import PolarGridError, ValidationError
from polargrid.types import ChatCompletionRequest
from polargrid_testing.steps import ReceiveRequest, Send
from tests.overlay.faults.scripts import response

CHAT = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
SECRET = "hunter2hunter2"  # it must not be shown


@pytest.fixture
def server(serve, spec):
    """A server for chats, transcriptions and the list of models."""

    def script():
        request = yield ReceiveRequest()
        name = {"chat": "chat_completion", "audio": "transcribe"}.get(request.line.split("/")[2], "list_models")
        yield Send(response(json.dumps(spec[name].response).encode(), "connection: close"))

    return serve(script)


def last_body(server) -> dict:
    return json.loads(server.requests[-1].body)


# Requests


def test_headers(connect, server):
    """They are added to those of the SDK."""
    connect(base_url=server.url).chat.completions.create(**CHAT, extra_headers={"X-Trace": "a: b,\tc", "x-empty": ""})
    headers = server.requests[-1].headers
    assert (headers["x-trace"], headers["x-empty"]) == ("a: b,\tc", "")
    assert headers["authorization"].startswith("Bearer ")
    assert headers["content-type"] == "application/json"


def test_idempotency_key(connect, server):
    """It replaces that of the SDK, for one call."""
    client = connect(base_url=server.url)
    client.chat.completions.create(**CHAT, extra_headers={"Idempotency-Key": "mine"})
    client.chat.completions.create(**CHAT)
    first, second = (request.headers["idempotency-key"] for request in server.requests)
    assert first == "mine"
    assert second != "mine"


def test_idempotency_key_of_each_attempt(connect, spec):
    """A retry has the same one."""
    busy = httpx.Response(503, headers={"retry-after-ms": "0"})
    client = connect(busy, httpx.Response(200, json=spec["chat_completion"].response), region="ymq")
    client.chat.completions.create(**CHAT, extra_headers={"idempotency-key": "mine"}, max_retries=1)
    assert [request.headers.get_list("idempotency-key") for request in client.requests] == [["mine"], ["mine"]]


def test_query(connect, server):
    """It is percent-encoded; a list is a repeated name, a boolean is in lower case, None is empty."""
    extra = {"a b": "c&d=é", "n": [1, 2.5], "t": True, "none": None}
    connect(base_url=server.url).models.list(extra_query=extra)
    assert server.requests[-1].line == "GET /v1/models?a%20b=c%26d%3D%C3%A9&n=1&n=2.5&t=true&none= HTTP/1.1"


def test_query_applies_to_one_call(connect, server):
    """The next call does not have it."""
    client = connect(base_url=server.url)
    for query in ({"a": 1}, None, {"a": 2}, {}):
        client.models.list(extra_query=query)
    targets = [request.line.split()[1] for request in server.requests]
    assert targets == ["/v1/models?a=1", "/v1/models", "/v1/models?a=2", "/v1/models"]


def test_body(connect, server):
    """Unknown fields are sent; known ones override the arguments."""
    client = connect(base_url=server.url)
    client.chat.completions.create(**CHAT, top_p=0.5, extra_body={"guided": {"é": [1, None]}, "top_p": 0.25})
    assert last_body(server) == {**CHAT, "guided": {"é": [1, None]}, "top_p": 0.25}


def test_form(connect, server):
    """The body is fields of the form; headers and query are those of any request."""
    connect(base_url=server.url).audio.transcriptions.create(
        file=b"RIFF",
        model="whisper-1",
        extra_body={"diarize": True, "hints": ["a", "b"], "prompt": "Names:"},
        extra_headers={"X-A": "1"},
        extra_query={"b": 2},
    )
    (request,) = server.requests
    assert b'name="diarize"\r\n\r\ntrue\r\n' in request.body
    assert request.body.count(b'name="hints"') == 2
    assert b'name="prompt"\r\n\r\nNames:\r\n' in request.body
    assert request.line == "POST /v1/audio/transcriptions?sync=true&b=2 HTTP/1.1"
    assert request.headers["x-a"] == "1"


def test_methods_of_the_client(connect, server):
    """They take the options as well, with a model that stays unchanged."""
    request = ChatCompletionRequest.model_validate(CHAT)
    connect(base_url=server.url).chat_completion(request, extra_body={"x": 1}, extra_headers={"X-A": "1"})
    assert last_body(server) == {**CHAT, "x": 1}
    assert server.requests[-1].headers["x-a"] == "1"
    assert not request.model_extra


def test_options_of_the_client_and_of_a_call(connect, server):
    """They are merged; the call overrides the client, for itself only."""
    client = connect(
        base_url=server.url,
        extra_headers={"X-App": "shop", "X-Team": "red"},
        extra_query={"a": 1, "b": 1},
        extra_body={"x": 1, "y": 1},
    )
    client.chat.completions.create(**CHAT, extra_headers={"x-team": "blue"}, extra_query={"b": 2}, extra_body={"y": 2})
    request = server.requests[-1]
    assert (request.headers["x-app"], request.headers["x-team"]) == ("shop", "blue")
    assert request.line.split()[1] == "/v1/chat/completions?a=1&b=2"
    assert last_body(server) == {**CHAT, "x": 1, "y": 2}
    client.chat.completions.create(**CHAT)
    assert server.requests[-1].headers["x-team"] == "red"


def test_options_of_a_config(connect, server):
    """A config has every option."""
    client = connect(config={"base_url": server.url, "extra_headers": {"X-App": "shop"}})
    client.models.list()
    assert server.requests[-1].headers["x-app"] == "shop"


# Invalid options

RESERVED = "is set by the SDK and cannot be overridden"


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"extra_headers": {"Authorization": "x"}}, f"header 'authorization' {RESERVED}; pass the key as api_key"),
        ({"extra_headers": {"HOST": "evil"}}, f"header 'host' {RESERVED}"),
        ({"extra_headers": {"Content-Length": "0"}}, f"header 'content-length' {RESERVED}"),
        ({"extra_headers": {"Transfer-Encoding": "chunked"}}, f"header 'transfer-encoding' {RESERVED}"),
        ({"extra_headers": {"X-A": "b\r\nX-C: d"}}, "invalid value of header 'x-a'; expected printable ASCII"),
        ({"extra_headers": {"X-A": "b\0"}}, "invalid value of header 'x-a'"),
        ({"extra_headers": {"X-A": "é"}}, "invalid value of header 'x-a'"),
        ({"extra_headers": {"X-A": 7}}, "invalid value of header 'x-a'"),
        ({"extra_headers": {"X-A": None}}, "invalid value of header 'x-a'"),
        ({"extra_headers": {"X A": "b"}}, "invalid header name 'x a'"),
        ({"extra_headers": {"X-A: b\r\nX-C": "d"}}, "invalid header name"),
        ({"extra_headers": {"": "b"}}, "invalid header name"),
        ({"extra_headers": {"X-Ä": "b"}}, "invalid header name"),
        ({"extra_headers": {7: "b"}}, "extra_headers: expected a mapping"),
        ({"extra_headers": "X-A: b"}, "extra_headers: expected a mapping"),
        ({"extra_query": [("a", 1)]}, "extra_query: expected a mapping"),
        ({"extra_query": {"a": "\ud800"}}, "extra_query: invalid value of 'a'"),
        ({"extra_query": {"a": {"b": 1}}}, "extra_query: invalid value of 'a'"),
        ({"extra_body": "x=1"}, "extra_body: expected a mapping"),
        ({"extra_body": {"stream": True}}, "stream: call chat_completion_stream"),
        ({"extra_body": {"top_p": 7}}, "top_p"),
        ({"extra_body": {"x": "\ud800"}}, "x: text with a lone surrogate"),
        ({"extra_body": {"x": object()}}, "x: object has no JSON form"),
    ],
)
def test_invalid_option(connect, option, message):
    """It is rejected before sending: no header can be injected, and no request framed differently."""
    client = connect(httpx.Response(200))
    with pytest.raises(ValidationError) as caught:
        client.chat.completions.create(**CHAT, **option)
    assert message in str(caught.value)
    assert client.requests == []


@pytest.mark.parametrize("option", [{"extra_headers": {"Cookie\n": "a"}}, {"extra_query": 7}, {"extra_body": []}])
def test_invalid_option_of_a_client(connect, option):
    """It is rejected when the client is created."""
    with pytest.raises(ValidationError, match=next(iter(option))):
        connect(region="local", **option)


def test_extra_values_are_not_shown(connect, server, caplog):
    """Not in a log, a repr or an exception: they may be secrets."""
    caplog.set_level(logging.DEBUG, "polargrid")
    extra = {"extra_headers": {"X-Api-Token": SECRET}, "extra_query": {"token": SECRET}}
    client = connect(base_url=server.url, **extra)
    client.chat.completions.create(**CHAT)
    assert SECRET in server.requests[-1].line
    server.join()
    with pytest.raises(PolarGridError) as caught:
        client.chat.completions.create(**CHAT, **extra)
    assert caplog.records
    texts = [repr(client.native), repr(client.native._settings), str(caught.value), repr(caught.value), caplog.text]
    assert [text for text in texts if SECRET in text] == []
