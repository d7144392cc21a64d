"""Arguments of the user: they are not changed, and cannot change where a request goes."""

import copy
import json
import math

import pytest
from pydantic import BaseModel, SecretStr

from polargrid import NotFoundError, ValidationError
from tests.overlay.faults.registry import fault
from tests.overlay.faults.scripts import (
    BUSY,
    CHAT,
    COMPLETION,
    DONE,
    HEALTHY,
    chunk,
    response,
    send,
    send_in_turn,
    stream,
)


@fault("usage", "You use the dict of a request again", result="it is unchanged, also after a failure", line=None)
def test_request_is_not_changed(connect_to):
    request = {**CHAT, "stop": ["a"], "metadata": {"a": "b"}}
    original = copy.deepcopy(request)
    client = connect_to(send_in_turn(BUSY, response(COMPLETION)), max_retries=1)
    client.chat_completion(request)
    list(connect_to(stream(chunk("a"), DONE)).chat_completion_stream(request))
    assert request == original


@pytest.mark.parametrize("name", ["temperature", "top_p", "presence_penalty", "seed"])
@fault("usage", "A number is 0", result="0 is sent, not omitted", line=None)
def test_zero(connect_to, name):
    client = connect_to(send(response(COMPLETION)))
    client.chat_completion({**CHAT, name: 0})
    (request,) = client.server.requests
    assert json.loads(request.body) == {**CHAT, name: 0}


STRANGE = ["../../admin", "a/b", "a@evil.example", "a#b", "a?b=c", "a\r\nX-Evil: 1", "//evil.example", "%2e%2e", "\0"]


@pytest.mark.parametrize("name", STRANGE, ids=ascii)
@fault(
    "usage",
    "A model id holds `/`, `..`, `@`, `#` or a line break",
    result="it is sent as it is, in the body",
    line=None,
)
def test_model_id(connect_to, expect_error, name):
    client = connect_to(send_in_turn(response(COMPLETION), response({"error": "no"}, status="404 Not Found")))
    client.chat_completion({**CHAT, "model": name})
    with expect_error(NotFoundError):
        client.load_model({"model_name": name})
    first, second = client.server.requests
    assert first.line == "POST /v1/chat/completions HTTP/1.1"
    assert second.line == "POST /v1/models/load HTTP/1.1"
    assert json.loads(first.body)["model"] == name
    assert "x-evil" not in first.headers


@pytest.mark.parametrize("name", [*STRANGE, "yvr-01.evil.example", "yvr-01/", "evil.example:1#"], ids=ascii)
@fault("usage", "The name of a region holds `/`, `..`, `@`, `#` or a line break", result="`ValidationError`", line=None)
def test_region(connect, expect_error, name):
    with expect_error(ValidationError, "unknown region", param="region"):
        connect(region=name)
    with expect_error(ValidationError, "unknown region"):
        connect(regions=[name])


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("ftp://server.example", ", like"),
        ("server.example", ", like"),
        ("http://", ", like"),
        ("http://a@b", " without a user name"),
        ("http://a/#b", " without a fragment"),
        ("http://a/?b", " without a query"),
        ("http://a\r\nb", r" without '\\r'"),
        ("http://a b", " without ' '"),
        ("http://[::1", " with a port from 1 to 65535, and an IPv6 address in brackets"),
        ("http://a:b", " with a port"),
        ("http://a..b", " with a valid host, not 'a..b'"),
        ("http://{host}:80", " with a valid host, not '{host}:80'"),
        (f"http://{'a' * 64}.example", " with a valid host, not 'aaa"),
        ("http://[::1]x:80", r" with a (valid host, not '\[::1\]x:80'|port .* and an IPv6 address in brackets)"),
        ("http://a/v1/chat/completions", " without the path of an operation; use 'http://a'"),
    ],
    ids=ascii,
)
@fault(
    "usage",
    "A base URL is invalid, has no valid host, or holds a user name, a query, a fragment, a space or the path of an "
    "operation",
    result="`ValidationError` that names the part and what to do",
    line=None,
)
def test_base_url(connect, expect_error, url, fault):
    with expect_error(ValidationError, f"^base_url: expected an http or https URL{fault}", param="base_url"):
        connect(base_url=url)


@fault(
    "usage",
    "You pass `base_url` and `region`",
    result="`base_url` is used; the client names its region only if it is one",
    line=None,
)
def test_base_url_with_a_region(connect_to, connect):
    client = connect_to(send(HEALTHY), region="ymq")
    assert (client.get_region_id(), client.get_region_name(), client.health().meta.region) == (None, None, None)
    assert client.server.url in repr(client.native)
    assert connect(region="ymq", base_url="https://api.ymq-01.edge.polargrid.ai:55111").get_region_id() == "ymq-01"


@pytest.mark.parametrize("end", ["\r\nX-Evil: 1", "\n", "\0", " and more", "é"], ids=ascii)
@fault(
    "usage",
    "The key holds a line break or another invalid character",
    result="`ValidationError` without the key",
    line=None,
)
def test_key(connect, expect_error, key, end):
    with expect_error(ValidationError, "api_key: invalid characters in the key", param="api_key"):
        connect(base_url="http://127.0.0.1:9", api_key=key + end)


@pytest.mark.parametrize(
    "change",
    [{"messages": []}, {"temperature": "hot"}, {"temperature": math.nan}, {"max_tokens": -1}, {"model": None}],
    ids=repr,
)
@fault("usage", "A field of a request is invalid", result="`ValidationError` that names it; nothing is sent", line=None)
def test_invalid_field(connect_to, expect_error, change):
    client = connect_to(send(HEALTHY))
    with expect_error(ValidationError, next(iter(change))):
        client.chat_completion({**CHAT, **change})
    assert client.server.connections == 0


@fault(
    "usage",
    "A string holds a lone surrogate, which UTF-8 cannot encode",
    result="`ValidationError` that names it",
    line=None,
)
def test_lone_surrogate(connect_to, expect_error):
    client = connect_to(send(HEALTHY))
    with expect_error(ValidationError, "^messages.0.content: "):
        client.chat_completion({**CHAT, "messages": [{"role": "user", "content": "\ud800"}]})
    with expect_error(ValidationError, "^labels.a.0: text with a lone surrogate", param="labels.a.0"):
        client.chat_completion({**CHAT, "labels": {"a": ["\ud800"]}})
    assert client.server.connections == 0


class Session(BaseModel):
    """An object of the user."""

    name: str = "default"
    token: SecretStr | None = None


@pytest.mark.parametrize("form", ["request", "extra_body", "keyword"])
@fault(
    "usage", "A field holds an object of yours", result="it is sent as it dumps itself, with its defaults", line=None
)
def test_object(connect_to, form):
    client = connect_to(send(response(COMPLETION)))
    fields = {"labels": {"session": Session()}}
    if form == "request":
        client.chat_completion({**CHAT, **fields})
    elif form == "extra_body":
        client.chat_completion(CHAT, extra_body=fields)
    else:
        client.chat.completions.create(**CHAT, extra_body=fields)
    sent = json.loads(client.server.requests[0].body)
    assert sent == {**CHAT, "labels": {"session": {"name": "default", "token": None}}}


@pytest.mark.parametrize("value", [SecretStr("hidden"), Session(token=SecretStr("hidden"))], ids=["secret", "model"])
@fault(
    "usage", "A field holds a secret (`SecretStr`)", result="`ValidationError` that names it, not asterisks", line=None
)
def test_secret(connect_to, expect_error, value):
    client = connect_to(send(HEALTHY))
    with expect_error(ValidationError, "^labels.0.*: secrets are not sent"):
        client.chat_completion(CHAT, extra_body={"labels": [value]})
    with expect_error(ValidationError, "^hint.*: secrets are not sent"):
        client.transcribe(b"RIFF", {"model": "whisper-1", "hint": {"a": value}})
    assert client.server.connections == 0


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, object(), b"\xff", {(1, 2): 3}], ids=["nan", "inf", "object", "bytes", "keys"]
)
@fault(
    "usage",
    "A field holds what JSON does not have",
    result="`ValidationError` that names it; nothing is sent",
    line=None,
)
def test_no_json_form(connect_to, expect_error, value):
    client = connect_to(send(HEALTHY))
    with expect_error(ValidationError, "^labels.a: ", param="labels.a"):
        client.chat_completion(CHAT, extra_body={"labels": {"a": value}})
    assert client.server.connections == 0


CONTENT_PARTS = [
    (
        {"type": "image", "text": "Hi"},
        "type: unknown 'image'; expected one of: image_url, text, refusal, input_audio, file",
    ),
    ({"type": "text"}, "text: Field required"),
    ({"type": "image_url", "image_url": {}}, "image_url.url: Field required"),
]


@pytest.mark.parametrize(("part", "message"), CONTENT_PARTS, ids=repr)
@fault(
    "usage",
    "A part of a message is invalid",
    result="`ValidationError` about the kind that its `type` names",
    line=None,
)
def test_content_part(connect_to, expect_error, part, message):
    client = connect_to(send(HEALTHY))
    with expect_error(ValidationError, f"^messages.0.content.0.{message}$"):
        client.chat_completion({**CHAT, "messages": [{"role": "user", "content": [part]}]})
    assert client.server.connections == 0


@fault(
    "usage",
    "The name of an argument or an option is misspelt",
    result="`TypeError` with the name that is meant",
    line=None,
)
def test_misspelt_name(connect_to, connect, expect_error):
    client = connect_to(send(HEALTHY))
    with expect_error(TypeError, "unknown option 'max_token' .did you mean 'max_tokens'"):
        client.chat.completions.create(**CHAT, max_token=5)
    with expect_error(TypeError, "unknown option 'timeouts' .did you mean 'timeout'"):
        connect(timeouts=5)
    assert client.server.connections == 0


@pytest.mark.parametrize("value", [7, b"pg_hidden", ["pg_hidden"], object()], ids=lambda value: type(value).__name__)
@fault("usage", "The key is no text", result="`ValidationError` that names its type, without the key", line=None)
def test_key_type(connect, expect_error, value):
    with expect_error(
        ValidationError, f"api_key: expected text, not {type(value).__name__}$", param="api_key"
    ) as caught:
        connect(base_url="http://127.0.0.1:9", api_key=value)
    assert "hidden" not in repr(caught.value)
