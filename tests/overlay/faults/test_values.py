"""What users hand in: it stays theirs, and goes where it belongs."""

import copy
import json
import math

import pytest

from polargrid import PolarGridError, ValidationError
from tests.overlay.faults.edges import (
    BUSY,
    CHAT,
    DONE,
    FINE,
    answer,
    chunk,
    heard,
    in_turn,
    says,
    streams,
)
from tests.overlay.faults.registry import fault
from tests.overlay.faults.test_answers import COMPLETION


@fault("use", "You use the dict of a request again", then="it was not changed, whatever happened")
def test_own_dict(against, fails):
    request = {**CHAT, "stop": ["a"], "metadata": {"a": "b"}}
    before = copy.deepcopy(request)
    client = against(in_turn(BUSY, answer(COMPLETION)), max_retries=1)
    client.chat_completion(request)
    list(against(streams(chunk("a"), DONE)).chat_completion_stream(request))
    assert request == before


@pytest.mark.parametrize("name", ["temperature", "top_p", "presence_penalty", "seed"])
@fault("use", "A number is 0", then="0 is sent, not left out")
def test_zero(against, name):
    client = against(says(answer(COMPLETION)))
    client.chat_completion({**CHAT, name: 0})
    (request,) = heard(client.edge)
    assert json.loads(request.body) == {**CHAT, name: 0}


STRANGE = ["../../admin", "a/b", "a@evil.example", "a#b", "a?b=c", "a\r\nX-Evil: 1", "//evil.example", "%2e%2e", "\0"]


@pytest.mark.parametrize("name", STRANGE, ids=ascii)
@fault("use", "A model id holds `/`, `..`, `@`, `#` or a line end", then="it is sent as it is; host and path stay")
def test_model_id(against, name):
    client = against(in_turn(answer(COMPLETION), answer({"error": "no"}, status="404 Not Found")))
    client.chat_completion({**CHAT, "model": name})
    with pytest.raises(PolarGridError):
        client.load_model({"model_name": name})
    first, second = heard(client.edge)
    assert first.line == "POST /v1/chat/completions HTTP/1.1"
    assert second.line == "POST /v1/models/load HTTP/1.1"
    assert json.loads(first.body)["model"] == name
    assert "x-evil" not in first.headers


@pytest.mark.parametrize("name", [*STRANGE, "yvr-01.evil.example", "yvr-01/", "evil.example:1#"], ids=ascii)
@fault("use", "A region's name holds `/`, `..`, `@`, `#` or a line end", then="`ValidationError`; nobody is asked")
def test_region(connect, fails, name):
    with fails(ValidationError, "region: .* is none", param="region"):
        connect(region=name)
    with fails(ValidationError, "region: .* is none|base_url"):
        connect(regions=[name])


@pytest.mark.parametrize(
    "url",
    [
        "ftp://edge.example",
        "edge.example",
        "http://",
        "http://a@b",
        "http://a/#b",
        "http://a/?b",
        "http://a\r\nb",
        "http://[::1",
    ],
    ids=ascii,
)
@fault("use", "A base URL is none, or names more than an edge", then="`ValidationError`; nobody is asked")
def test_base_url(connect, fails, url):
    with fails(ValidationError, "base_url: an http or https URL is needed", param="base_url"):
        connect(base_url=url)


@pytest.mark.parametrize("end", ["\r\nX-Evil: 1", "\n", "\0", " and more", "é"], ids=ascii)
@fault("use", "The key holds a line end, or what no key holds", then="`ValidationError` that does not show it")
def test_key(connect, fails, key, end):
    with fails(ValidationError, "api_key: it holds characters that no key has", param="api_key"):
        connect(base_url="http://127.0.0.1:9", api_key=key + end)


@pytest.mark.parametrize(
    "change",
    [{"messages": []}, {"temperature": "hot"}, {"temperature": math.nan}, {"max_tokens": -1}, {"model": None}],
    ids=repr,
)
@fault("use", "A field of a request cannot be", then="`ValidationError` that names it; nothing is sent")
def test_malformed(against, fails, change):
    client = against(says(FINE))
    with fails(ValidationError, next(iter(change))):
        client.chat_completion({**CHAT, **change})
    assert client.edge.connections == 0


@fault("use", "A text holds half a character, which UTF-8 has not", then="`ValidationError`; nothing is sent")
def test_lone_surrogate(against, fails):
    client = against(says(FINE))
    with fails(ValidationError):
        client.chat_completion({**CHAT, "messages": [{"role": "user", "content": "\ud800"}]})
    assert client.edge.connections == 0
