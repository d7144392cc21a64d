"""What a caller sends besides: `extra_headers`, `extra_query`, `extra_body`; and a client that goes elsewhere."""

from __future__ import annotations

import json
import logging

import httpx
import pytest

from polargrid import PolarGridError, ValidationError

CHAT = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
SECRET = "hunter2hunter2"  # what nobody may tell


@pytest.fixture
def edge(serve, spec):
    """A raw edge that answers chats, transcriptions and lists of models."""

    def script(connection):
        request = connection.request()
        name = {"chat": "chat_completion", "audio": "transcribe"}.get(request.line.split("/")[2], "list_models")
        connection.answer(json.dumps(spec[name].answer).encode(), "connection: close")

    return serve(script)


def body_of(edge) -> dict:
    return json.loads(edge.requests[-1].body)


# On the wire


def test_headers(connect, edge):
    """A header goes out as it was given, beside the SDK's own."""
    connect(base_url=edge.url).chat.completions.create(**CHAT, extra_headers={"X-Trace": "a: b,\tc", "x-empty": ""})
    headers = edge.requests[-1].headers
    assert (headers["x-trace"], headers["x-empty"]) == ("a: b,\tc", "")
    assert headers["authorization"].startswith("Bearer ")
    assert headers["content-type"] == "application/json"


def test_an_idempotency_key_of_ones_own(connect, edge):
    """It stands in place of the SDK's, whatever the case of its name."""
    client = connect(base_url=edge.url)
    client.chat.completions.create(**CHAT, extra_headers={"Idempotency-Key": "mine"})
    client.chat.completions.create(**CHAT)
    first, second = (request.headers["idempotency-key"] for request in edge.requests)
    assert first == "mine"
    assert second != "mine"


def test_an_idempotency_key_of_ones_own_is_that_of_every_try(connect, spec):
    """The edge knows a second try by it."""
    busy = httpx.Response(503, headers={"retry-after-ms": "0"})
    client = connect(busy, httpx.Response(200, json=spec["chat_completion"].answer), region="ymq")
    client.chat.completions.create(**CHAT, extra_headers={"idempotency-key": "mine"}, max_retries=1)
    assert [request.headers.get_list("idempotency-key") for request in client.requests] == [["mine"], ["mine"]]


def test_query(connect, edge):
    """Its fields are percent-encoded, a list's items one by one, truth values as JSON has them."""
    extra = {"a b": "c&d=é", "n": [1, 2.5], "t": True, "none": None}
    connect(base_url=edge.url).models.list(extra_query=extra)
    assert edge.requests[-1].line == "GET /v1/models?a+b=c%26d%3D%C3%A9&n=1&n=2.5&t=true&none= HTTP/1.1"


def test_query_and_none_alternate(connect, edge):
    """A call's query is its own: what is kept of a request's head is not."""
    client = connect(base_url=edge.url)
    for query in ({"a": 1}, None, {"a": 2}, {}):
        client.models.list(extra_query=query)
    targets = [request.line.split()[1] for request in edge.requests]
    assert targets == ["/v1/models?a=1", "/v1/models", "/v1/models?a=2", "/v1/models"]


def test_body(connect, edge):
    """An unknown field goes out as it is; one of the API's goes before the argument."""
    client = connect(base_url=edge.url)
    client.chat.completions.create(**CHAT, top_p=0.5, extra_body={"guided": {"é": [1, None]}, "top_p": 0.25})
    assert body_of(edge) == {**CHAT, "guided": {"é": [1, None]}, "top_p": 0.25}


def test_body_of_a_form(connect, edge):
    """A form has them as fields."""
    connect(base_url=edge.url).audio.transcriptions.create(
        file=b"RIFF", model="whisper-1", extra_body={"diarize": True, "hints": ["a", "b"], "prompt": "Names:"}
    )
    body = edge.requests[-1].body
    assert b'name="diarize"\r\n\r\ntrue\r\n' in body
    assert body.count(b'name="hints"') == 2
    assert b'name="prompt"\r\n\r\nNames:\r\n' in body


def test_a_form_has_headers_and_query(connect, edge):
    """As any other request."""
    connect(base_url=edge.url).audio.transcriptions.create(
        file=b"RIFF", model="whisper-1", extra_headers={"X-A": "1"}, extra_query={"b": 2}
    )
    assert edge.requests[-1].line == "POST /v1/audio/transcriptions?sync=true&b=2 HTTP/1.1"
    assert edge.requests[-1].headers["x-a"] == "1"


def test_the_flat_methods_take_them(connect, edge):
    """They are options of every method; a request that is a model is sent with them, too."""
    from polargrid.types import ChatCompletionRequest

    request = ChatCompletionRequest.model_validate(CHAT)
    connect(base_url=edge.url).chat_completion(request, extra_body={"x": 1}, extra_headers={"X-A": "1"})
    assert body_of(edge) == {**CHAT, "x": 1}
    assert edge.requests[-1].headers["x-a"] == "1"
    assert not request.model_extra


def test_those_of_the_client_and_of_the_call(connect, edge):
    """A call has the client's as well; where both name one, the call's is sent, once."""
    client = connect(
        base_url=edge.url,
        extra_headers={"X-App": "shop", "X-Team": "red"},
        extra_query={"a": 1, "b": 1},
        extra_body={"x": 1, "y": 1},
    )
    client.chat.completions.create(**CHAT, extra_headers={"x-team": "blue"}, extra_query={"b": 2}, extra_body={"y": 2})
    request = edge.requests[-1]
    assert (request.headers["x-app"], request.headers["x-team"]) == ("shop", "blue")
    assert request.line.split()[1] == "/v1/chat/completions?a=1&b=2"
    assert body_of(edge) == {**CHAT, "x": 1, "y": 2}
    client.chat.completions.create(**CHAT)
    assert edge.requests[-1].headers["x-team"] == "red"


def test_those_of_a_config(connect, edge):
    """A config may hold them, as every option."""
    config = {"base_url": edge.url, "extra_headers": {"X-App": "shop"}}
    client = connect(config=config)
    client.models.list()
    assert edge.requests[-1].headers["x-app"] == "shop"


# What is refused


@pytest.mark.parametrize(
    ("option", "told"),
    [
        (
            {"extra_headers": {"Authorization": "Bearer x"}},
            "authorization is said by the SDK; a key is given as api_key",
        ),
        ({"extra_headers": {"HOST": "evil"}}, "host is said by the SDK"),
        ({"extra_headers": {"Content-Length": "0"}}, "content-length is said"),
        ({"extra_headers": {"Transfer-Encoding": "chunked"}}, "transfer-encoding is said"),
        ({"extra_headers": {"X-A": "b\r\nX-C: d"}}, "x-a: a line of ASCII text"),
        ({"extra_headers": {"X-A": "b\n"}}, "x-a: a line of ASCII text"),
        ({"extra_headers": {"X-A": "b\0"}}, "x-a: a line of ASCII text"),
        ({"extra_headers": {"X-A": "é"}}, "x-a: a line of ASCII text"),
        ({"extra_headers": {"X-A": 7}}, "x-a: a line of ASCII text"),
        ({"extra_headers": {"X-A": None}}, "x-a: a line of ASCII text"),
        ({"extra_headers": {"X A": "b"}}, "'x a' is no name"),
        ({"extra_headers": {"X-A: b\r\nX-C": "d"}}, "is no name"),
        ({"extra_headers": {"": "b"}}, "is no name"),
        ({"extra_headers": {"X-Ä": "b"}}, "is no name"),
        ({"extra_headers": {7: "b"}}, "extra_headers: a mapping is needed"),
        ({"extra_headers": "X-A: b"}, "extra_headers: a mapping is needed"),
        ({"extra_query": [("a", 1)]}, "extra_query: a mapping is needed"),
        ({"extra_query": {"a": "\ud800"}}, "extra_query: 'a'"),
        ({"extra_query": {"a": {"b": 1}}}, "extra_query: 'a'"),
        ({"extra_body": "x=1"}, "extra_body: a mapping is needed"),
        ({"extra_body": {"stream": True}}, "stream: use chat_completion_stream"),
        ({"extra_body": {"top_p": 7}}, "top_p"),
        ({"extra_body": {"x": "\ud800"}}, "ChatCompletionRequest"),
        ({"extra_body": {"x": object()}}, "ChatCompletionRequest"),
    ],
)
def test_what_cannot_be_sent(connect, option, told):
    """It is told which, and nothing is sent: no header can be smuggled in, no request framed otherwise."""
    client = connect(httpx.Response(200))
    with pytest.raises(ValidationError) as fault:
        client.chat.completions.create(**CHAT, **option)
    assert told in str(fault.value)
    assert client.requests == []


@pytest.mark.parametrize("option", [{"extra_headers": {"Cookie\n": "a"}}, {"extra_query": 7}, {"extra_body": []}])
def test_a_client_refuses_them_when_it_is_made(connect, option):
    """Not with its first call."""
    with pytest.raises(ValidationError, match=next(iter(option))):
        connect(region="local", **option)


# What nobody is told


def test_a_secret_header_shows_nowhere(connect, edge, caplog):
    """No log, no repr, no error has what a caller sends besides."""
    caplog.set_level(logging.DEBUG, "polargrid")
    extra = {"extra_headers": {"X-Api-Token": SECRET}, "extra_query": {"token": SECRET}}
    client = connect(base_url=edge.url, **extra)
    client.chat.completions.create(**CHAT)
    assert SECRET in edge.requests[-1].line
    edge.join()
    with pytest.raises(PolarGridError) as fault:
        client.chat.completions.create(**CHAT, **extra)
    assert caplog.records
    shown = [repr(client.native), repr(client.native._settings), str(fault.value), repr(fault.value), caplog.text]
    assert [text for text in shown if SECRET in text] == []


# Elsewhere


def test_another_base_url(connect, serve, spec):
    """A copy goes to another edge; the first client stays where it is."""

    def models(connection):
        connection.request()
        connection.answer(json.dumps(spec["list_models"].answer).encode(), "connection: close")

    here, there = serve(models), serve(models)
    client = connect(base_url=here.url)
    copy = client.with_options(base_url=there.url)
    for each in (copy, client.native, copy):
        assert connect.run(each.models.list()).data
    assert (len(here.requests), len(there.requests)) == (1, 2)
    assert connect.run(copy.models.list()).meta.base_url == there.url


@pytest.mark.parametrize(
    ("place", "host"),
    [({"region": "was"}, "was-01"), ({"regions": ["yvr", "was"]}, "yvr-01")],
)
def test_another_region(connect, spec, place, host):
    """So it does by the name of a region, or of several; the first client's region is as it was."""
    client = connect(httpx.Response(200, json=spec["health"].answer), region="ymq")
    copy = client.with_options(**place)
    connect.run(copy.health())
    client.health()
    hosts = [request.url.host for request in client.requests]
    assert f".{host}." in hosts[0]
    assert ".ymq-01." in hosts[1]
    assert (copy.get_region_id(), client.get_region_id()) == (host, "ymq-01")


def test_regions_of_a_copy_stand_in_for_one_another(connect, spec):
    """The copy goes on to the next region; what it finds out is nothing to the first client."""

    def answer(request):
        up = ".yvr-01." not in request.url.host
        return httpx.Response(200, json=spec["health"].answer) if up else httpx.Response(503)

    client = connect(answer, region="yvr")
    copy = client.with_options(regions=["yvr", "was"])
    assert connect.run(copy.health()).meta.region == "was-01"
    with pytest.raises(PolarGridError):
        client.health()
    assert ".yvr-01." in client.requests[-1].url.host


def test_a_copy_of_a_copy(connect, spec):
    """Options add up, and a place is kept by a copy that names none."""
    client = connect(httpx.Response(200, json=spec["health"].answer), region="ymq")
    copy = client.with_options(region="was", extra_headers={"X-A": "1"}).with_options(extra_headers={"X-B": "2"})
    connect.run(copy.health())
    assert ".was-01." in client.requests[-1].url.host
    assert (client.requests[-1].headers["x-a"], client.requests[-1].headers["x-b"]) == ("1", "2")


@pytest.mark.parametrize(
    ("options", "kind", "told"),
    [
        ({"region": "mars"}, PolarGridError, "mars"),
        ({"base_url": "ftp://x"}, ValidationError, "base_url"),
        ({"region": "yvr", "regions": ["yvr"]}, ValidationError, "regions"),
        ({"api_key": "pg_other_key"}, TypeError, "api_key"),
        ({"transport": "httpx"}, TypeError, "transport"),
    ],
)
def test_a_place_that_there_is_not(connect, options, kind, told):
    """A copy that cannot be is refused when it is asked for: a key and connections stay the client's."""
    client = connect(httpx.Response(200), region="ymq")
    with pytest.raises(kind, match=told):
        client.with_options(**options)
