"""What the methods of both clients send."""

import json
from urllib.parse import parse_qs

import httpx
import pytest

import polargrid
from polargrid import ValidationError
from polargrid_generated.operations import OPERATIONS
from polargrid_testing.samples import EVENT_STREAM, FILE, load_samples, read_path


@pytest.fixture
def health(spec):
    return httpx.Response(200, json=spec["health"].response)


@pytest.mark.parametrize("sample", load_samples(), ids=str)
def test_every_method(connect, sample, key):
    """Each method sends method, path, query and key of openapi.yaml, and returns its example as a model."""
    client = connect(httpx.Response(sample.status, headers={"content-type": sample.media_type}, content=sample.body))
    arguments = sample.arguments if sample.request is None else {**sample.arguments, "request": sample.request}
    response = getattr(client, sample.name)(**arguments)
    chunks = list(response) if sample.media_type == EVENT_STREAM else None
    (request,) = client.requests
    assert (request.method, read_path(request.url.raw_path)) == (sample.method, sample.url)
    assert str(request.url).startswith(sample.server or "https://api.yvr-01.edge.polargrid.ai:55111")
    assert parse_qs(request.url.query.decode()) == sample.full_query
    assert request.headers.get("authorization") == (f"Bearer {key}" if sample.requires_key else None)
    if sample.request_type == "application/json":
        streamed = {"stream": True} if chunks and "stream" in sample.operation.request_type.model_fields else {}
        assert json.loads(request.content) == {**sample.request, **streamed}
    assert all(FILE in request.content for _ in sample.files)
    if chunks is None:
        assert to_json(response) == (sample.response if sample.media_type == "application/json" else sample.body)
    else:
        assert [to_json(chunk) for chunk in chunks] == [json.loads(data) for data in sample.events if data[:1] == "{"]


def to_json(response):
    return response.model_dump(mode="json", exclude_unset=True) if hasattr(response, "model_dump") else response


def test_every_operation_has_a_method():
    """The operations are those of openapi.yaml."""
    assert [operation.name for operation in OPERATIONS] == [sample.name for sample in load_samples()]


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
