"""What the methods of both clients send."""

import json

import httpx
import pytest

import polargrid
from polargrid import ValidationError
from polargrid_generated.operations import OPERATIONS


@pytest.fixture
def health(spec):
    return httpx.Response(200, json=spec["health"].response)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_method(connect, spec, operation):
    """Each method sends the method and path of openapi.yaml, and returns its example as a model."""
    example = spec[operation.name]
    body = b"ID3" if example.response is None else json.dumps(example.response).encode()
    client = connect(httpx.Response(200, headers={"content-type": example.media_type}, content=body))
    has_file = operation.body is not None and bool(operation.body.files)
    arguments = [b"RIFF"] if has_file else []
    arguments += [example.request] if example.request is not None else []
    response = getattr(client, operation.name)(*arguments)
    (request,) = client.requests
    assert (request.method, request.url.path) == (example.method, example.path)
    if isinstance(example.request, dict) and not has_file:
        assert json.loads(request.content) == example.request
    assert body == response if example.response is None else response.model_dump(exclude_unset=True) == example.response


def test_every_operation_has_a_method(spec):
    """The operations are those of openapi.yaml."""
    assert {operation.name for operation in OPERATIONS} == set(spec)


def test_headers(connect, health, key):
    """Each request has the key, the user agent and the accepted types."""
    client = connect(health)
    client.health()
    headers = client.requests[0].headers
    assert headers["authorization"] == f"Bearer {key}"
    assert headers["user-agent"] == f"polargrid-python/{polargrid.__version__}"
    assert headers["accept"] == "application/json"
    assert headers["accept-encoding"] == "gzip, deflate"


@pytest.mark.parametrize(
    ("options", "url"),
    [
        ({"region": "montreal"}, "https://api.ymq-01.edge.polargrid.ai:55111/health"),
        ({"base_url": "https://proxy.example/edge/v1"}, "https://proxy.example/edge/health"),
    ],
)
def test_url(connect, health, options, url):
    """It is the base URL, with its path, and the path of the operation."""
    client = connect(health, **options)
    client.health()
    assert str(client.requests[0].url) == url


def test_query(connect):
    """A constant parameter of openapi.yaml is sent."""
    client = connect(httpx.Response(200, json={"text": "Hi"}))
    client.transcribe(b"RIFF", {"model": "whisper-1"})
    assert client.requests[0].url.query == b"sync=true"


def test_invalid_request_is_not_sent(connect, health):
    """It raises before sending, and the exception says so."""
    client = connect(health)
    with pytest.raises(ValidationError, match="messages") as caught:
        client.chat_completion({"model": "m"})
    assert caught.value.sent is False
    assert client.requests == []


@pytest.mark.parametrize("method", ["transcribe", "translate"])
@pytest.mark.parametrize(("media_type", "text"), [("text/plain", "Hello."), ("text/vtt", "WEBVTT\n")])
def test_transcript_as_text(connect, method, media_type, text):
    """It is returned as a string."""
    client = connect(httpx.Response(200, headers={"content-type": media_type}, content=text.encode()))
    assert getattr(client, method)(b"RIFF", {"model": "whisper-1", "response_format": "vtt"}) == text
