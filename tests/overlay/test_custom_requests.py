"""`client.get`, `post`, `put`, `patch` and `delete`: requests that the document does not describe."""

from __future__ import annotations

import io
import json

import httpx
import pydantic
import pytest

from polargrid import NotFoundError, ServerError, StreamInterruptedError, ValidationError
from polargrid.types import AsyncStream, Audio, ChatCompletionChunk, ModelInfo, Stream
from tests.overlay.test_text_stream import DONE, HELLO, encode

MODEL = {"id": "m", "object": "model", "created": 1, "owned_by": "polargrid"}


class Thing(pydantic.BaseModel):
    name: str


@pytest.fixture
def connect_to_thing(connect):
    """Create a client whose server sends a thing."""
    return lambda **options: connect(
        httpx.Response(200, json={"name": "box"}, headers={"x-request-id": "req_1"}), **options
    )


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Thing, Thing(name="box")),
        (dict, {"name": "box"}),
        (dict[str, str], {"name": "box"}),
        (object, {"name": "box"}),
        (str, '{"name":"box"}'),
        (bytes, b'{"name":"box"}'),
        (None, None),
    ],
)
def test_cast_to(connect_to_thing, kind, expected):
    """It is the type of the response."""
    assert connect_to_thing().get("/things/1", cast_to=kind) == expected


def test_models_of_the_sdk_have_metadata(connect):
    """As those of the methods."""
    model = connect(httpx.Response(200, json=MODEL, headers={"x-request-id": "req_1"})).get(
        "/models/m", cast_to=ModelInfo
    )
    assert (model.id, model.meta.request_id) == ("m", "req_1")


def test_response_of_httpx(connect_to_thing):
    """Status, headers, URL and body are there; the key is not."""
    response = connect_to_thing().get("/things/1", cast_to=httpx.Response)
    assert (response.status_code, response.json(), response.url.path) == (200, {"name": "box"}, "/v1/things/1")
    assert "authorization" not in response.request.headers


def test_text_as_an_object(connect):
    """A response that is no JSON is its text."""
    assert connect(httpx.Response(200, text="pong")).get("/ping", cast_to=object) == "pong"


def test_no_content(connect):
    """It is None of any type."""
    assert connect(httpx.Response(204)).delete("/things/1", cast_to=dict) is None


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/things", "/v1/things"),
        ("things", "/v1/things"),
        ("/v1/things", "/v1/things"),
        ("/health", "/health"),
        ("/things?a=1&b=x%20y", "/v1/things?a=1&b=x%20y"),
        ("/things/{id}", "/v1/things/%7Bid%7D"),
        ("https://edge.example/v1/things", "/v1/things"),
        ("https://edge.example/other", "/other"),
    ],
)
def test_path(connect_to_thing, path, target):
    """It is below `/v1`, as OpenAI's SDK has it, unless the document has it without."""
    client = connect_to_thing(base_url="https://edge.example")
    client.get(path, cast_to=dict)
    assert client.requests[-1].url.raw_path.decode() == target


def test_path_of_another_server(connect_to_thing):
    """The key is not sent there."""
    client = connect_to_thing()
    with pytest.raises(ValidationError, match=r"path: .* is not below the base URL of the client"):
        client.get("https://other.example/v1/things", cast_to=dict)
    assert client.requests == []


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("body", [{"a": 1}, [1, "b"], "text", Thing(name="box")])
def test_body(connect_to_thing, method, body):
    """It is sent as JSON."""
    client = connect_to_thing()
    getattr(client, method)("/things", cast_to=dict, body=body)
    request = client.requests[-1]
    expected = {"name": "box"} if isinstance(body, Thing) else body
    assert (request.method, json.loads(request.content)) == (method.upper(), expected)
    assert request.headers["content-type"] == "application/json"


def test_binary_content(connect_to_thing):
    """Bytes are sent as they are; they are the whole body."""
    client = connect_to_thing()
    client.post("/things", cast_to=dict, content=b"\0\1")
    assert client.requests[-1].content == b"\0\1"
    with pytest.raises(ValidationError, match="content: it is the whole body"):
        client.post("/things", cast_to=dict, content=b"\0", body={})


@pytest.mark.parametrize("files", [lambda: {"file": ("a.txt", b"data")}, lambda: [("file", io.BytesIO(b"data"))]])
def test_files(connect_to_thing, files):
    """They are sent as a form, with the fields of the body."""
    client = connect_to_thing()
    client.post("/things", cast_to=dict, body={"kind": "note"}, files=files())
    content = client.requests[-1].content
    assert b"data" in content
    assert b'name="kind"\r\n\r\nnote' in content


def test_options(connect_to_thing):
    """Those of a call, and the names of OpenAI's SDK."""
    client = connect_to_thing()
    options = {"headers": {"X-Team": "red"}, "params": {"a": "1"}, "extra_json": {"b": 2}, "timeout": 5}
    length = client.post("/things", cast_to=dict, body={"c": 3}, options={**options, "post_parser": len})
    request = client.requests[-1]
    assert (request.headers["x-team"], request.url.query, json.loads(request.content), length) == (
        "red",
        b"a=1",
        {"b": 2, "c": 3},
        1,
    )
    with pytest.raises(TypeError, match="unknown option 'timeuot'"):
        client.get("/things", cast_to=dict, options={"timeuot": 1})


def test_retries_and_errors(connect):
    """As of any call."""
    busy = httpx.Response(503, headers={"retry-after-ms": "0"})
    client = connect(busy, httpx.Response(404, json={"error": {"message": "no such thing"}}), max_retries=1)
    with pytest.raises(NotFoundError, match="no such thing") as caught:
        client.get("/things/1", cast_to=dict)
    assert caught.value.meta.attempts == 2


def test_response_of_another_type(connect_to_thing):
    """The message names the type and the field."""
    with pytest.raises(ServerError, match=r"response does not match dict \(name: .*, not 'box'\)"):
        connect_to_thing().get("/things/1", cast_to=dict[str, int])


def stream_of(connect, kind):
    return (AsyncStream if connect.name == "async" else Stream)[kind]


def event_stream(*chunks, end=DONE):
    return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=encode(*chunks, end=end))


@pytest.mark.parametrize("end", [DONE, b""])
def test_stream(connect, end):
    """Its chunks are of the type of the stream; [DONE] or the body ends it."""
    client = connect(event_stream({"name": "a"}, {"name": "b"}, end=end))
    stream = client.post("/things", cast_to=dict, body={}, stream=True, stream_cls=stream_of(connect, Thing))
    assert stream.response.status_code == 200
    assert list(stream) == [Thing(name="a"), Thing(name="b")]


def test_stream_of_a_known_operation(connect):
    """It ends as the document says: without its end it is interrupted."""
    kind = stream_of(connect, ChatCompletionChunk)
    arguments = {"cast_to": ChatCompletionChunk, "body": {"stream": True}, "stream": True, "stream_cls": kind}
    chunks = list(connect(event_stream(*HELLO)).post("/chat/completions", **arguments))
    assert chunks[1].choices[0].delta.content == "Hel"
    with pytest.raises(StreamInterruptedError):
        list(connect(event_stream(*HELLO[:2], end=b"")).post("/chat/completions", **arguments))


def test_audio(connect):
    """A binary response has its own type."""
    audio = connect(httpx.Response(200, content=b"ID3", headers={"content-type": "audio/mpeg"})).get(
        "/audio/1", cast_to=Audio
    )
    assert audio.content == b"ID3"
