"""Operations by the names of OpenAI's SDK: the same requests, with a keyword argument for each field."""

from __future__ import annotations

import asyncio
import json
import re
from functools import partial
from operator import attrgetter

import httpx
import pytest

from polargrid import PolarGridError, PolarGridSync, ServerError, ValidationError
from polargrid.types import ChatCompletionResponse, Message, ResponseFormat, StreamOptions
from polargrid_runtime._sync.stream import Stream
from polargrid_runtime.audio import Audio
from polargrid_testing.samples import EVENT_STREAM, find_sample, load_samples
from polargrid_testing.steps import ReceiveRequest, Send
from tests.overlay.conftest import BlockingStream
from tests.overlay.faults.scripts import response

CHAT = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 9, "stop": ["\n", "."]}
TEXT = {"model": "m", "prompt": ["Once", "Twice"], "n": 2}
SPEECH = {"model": "tts-1", "input": "Hi", "voice": "alloy", "speed": 1.5}
FILE = ("one.wav", b"RIFF", "audio/wav")
TRANSCRIPTION = {"model": "whisper-1", "language": "de", "prompt": "Names: \u00c5"}
TRANSLATION = {"model": "whisper-1", "temperature": 0.5}
SAMPLES = [sample for sample in load_samples() if sample.call]
STREAMED = [sample for sample in SAMPLES if hasattr(PolarGridSync, f"{sample.name}_stream")]
HELPERS = {
    "audio.speech.stream": (lambda c: c.text_to_speech_stream(SPEECH), lambda c: c.audio.speech.stream(**SPEECH)),
    "chat.completions.stream": (
        lambda c: c.chat_completion_stream({**CHAT, "stream_options": {"include_usage": True}}),
        lambda c: (event.chunk for event in c.chat.completions.stream(**CHAT) if event.type == "chunk"),
    ),
}


@pytest.fixture
def server(serve):
    """A server that responds to each operation with its example, and with a stream of one empty chunk."""

    def script():
        request = yield ReceiveRequest()
        method, target, _ = request.line.split()
        sample = find_sample(method, target)
        media_type, body = sample.media_type, sample.body
        if b'"stream":true' in request.body and sample.events:
            media_type, body = EVENT_STREAM, sample.stream
        headers, status = ("connection: close", "X-Request-Id: req_1"), f"{sample.status} Success"
        yield Send(response(body, *headers, status=status, media_type=media_type))

    return serve(script)


def normalize(request) -> tuple[str, dict[str, str], bytes]:
    """Return a request without its random parts: the idempotency key, the boundary of a form."""
    boundary = re.search("boundary=(.*)", request.headers.get("content-type", ""))
    headers = {name: value for name, value in request.headers.items() if name != "idempotency-key"}
    if boundary:
        headers["content-type"] = "a form"
    return request.line, headers, request.body.replace(boundary[1].encode() if boundary else b"\0", b"BOUNDARY")


def call_both(server, client, flat, named):
    """Return the results of both calls, which must have sent the same request."""
    results = flat(client), named(client)
    first, second = server.requests
    assert normalize(first) == normalize(second)
    return results


def last_body(server) -> dict:
    return json.loads(server.requests[-1].body)


# Requests


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.call)
def test_call(connect, server, sample):
    """It sends the same bytes as the method of the client, and returns an equal response."""
    client = connect(base_url=server.url)
    flat, named = call_both(
        server, client, lambda c: to_value(call_flat(c, sample)), lambda c: to_value(call_named(c, sample))
    )
    assert named == flat


@pytest.mark.parametrize("sample", STREAMED, ids=lambda sample: sample.call)
def test_streamed_call(connect, server, sample):
    """It sends the same bytes as the method of the client, and returns equal chunks."""
    flat = partial(call_flat, sample=sample, suffix="_stream")
    named = partial(call_named, sample=sample, stream=True)
    chunks, named_chunks = call_both(server, connect(base_url=server.url), read(flat), read(named))
    assert chunks == named_chunks != []


@pytest.mark.parametrize("name", HELPERS)
def test_streaming_helper(connect, server, name):
    """It sends the same bytes as the method of the client, and returns equal chunks."""
    chunks, named_chunks = call_both(server, connect(base_url=server.url), *map(read, HELPERS[name]))
    assert chunks == named_chunks != []


def call_flat(client, sample, suffix=""):
    """Call the method of the client with the example of an operation."""
    request = {} if sample.request is None else {"request": sample.request}
    return getattr(client, sample.name + suffix)(**sample.arguments, **request)


def call_named(client, sample, **arguments):
    """Call the method by its dotted name, with a keyword argument for each field."""
    name, _, stream = sample.call.partition("(")
    streamed = {"stream": True} if stream else {}  # another operation serves the call without it
    return attrgetter(name)(client)(**sample.arguments, **sample.request or {}, **streamed, **arguments)


def read(call):
    """Return a function that reads the stream of a call."""
    return lambda client: list(call(client))


def to_value(response):
    """Return a response that can be compared: the bytes of audio, the chunks of a stream."""
    if isinstance(response, BlockingStream | Stream):
        return list(response)
    return bytes(response) if isinstance(response, Audio) else response


def test_omitted_argument_is_not_sent(connect, server):
    """The body has the fields of the call."""
    connect(base_url=server.url).chat.completions.create(model="m", messages=CHAT["messages"])
    assert last_body(server) == {"model": "m", "messages": CHAT["messages"]}


def test_none_is_sent_as_null(connect, server):
    """None is a value."""
    connect(base_url=server.url).chat.completions.create(**CHAT | {"stop": None}, temperature=None)
    assert last_body(server) == {**CHAT, "stop": None, "temperature": None}


@pytest.mark.parametrize("stream", [False, None])
def test_stream_false(connect, server, stream):
    """The response is not streamed; the value is sent."""
    response = connect(base_url=server.url).chat.completions.create(**CHAT, stream=stream)
    assert isinstance(response, ChatCompletionResponse)
    assert last_body(server) == {**CHAT, "stream": stream}


def test_create_sends_the_request_of_a_stream(connect, server):
    """As OpenAI's: the headers are there, and errors are raised, before the first iteration."""
    stream = connect(base_url=server.url).chat.completions.create(**CHAT, stream=True)
    assert len(server.requests) == 1
    assert stream.meta.status_code == 200
    assert [len(chunk.choices) for chunk in stream] == [1]
    assert len(server.requests) == 1


def test_models_as_arguments(connect, server):
    """A field accepts a model or a mapping, and any sequence for a list."""
    connect(base_url=server.url).chat.completions.create(
        model="m",
        messages=(Message(role="user", content="Hi"), {"role": "assistant", "content": "Hello"}),
        response_format=ResponseFormat(type="json_object"),
    )
    body = last_body(server)
    assert body["messages"] == [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    assert body["response_format"] == {"type": "json_object"}


@pytest.mark.parametrize(
    ("options", "expected"),
    [({}, {"include_usage": True}), ({"stream_options": StreamOptions(include_usage=False)}, {"include_usage": False})],
)
def test_usage_of_a_stream(connect, server, options, expected):
    """`stream` requests it by default."""
    connect(base_url=server.url).chat.completions.stream(**CHAT, **options).until_done()
    assert last_body(server)["stream_options"] == expected


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda c: c.chat.completions.create(model="m", messages="Hi"), "messages"),
        (lambda c: c.chat.completions.create(**CHAT, top_p=7), "top_p"),
        (lambda c: c.chat.completions.create(**CHAT, stream=True, top_p=7), "top_p"),
        (lambda c: c.audio.transcriptions.create(file=7, model="whisper-1"), "file"),
    ],
)
def test_invalid_request(connect, server, call, field):
    """The message names the field, and nothing is sent."""
    with pytest.raises(ValidationError, match=field):
        call(connect(base_url=server.url))
    assert server.requests == []


@pytest.mark.parametrize("arguments", [{"max_token": 1}, {"request": CHAT}, {"api_key": "pg_other"}])
def test_unknown_argument(connect, server, arguments):
    """It is a TypeError that names it; it is not sent as an unknown field."""
    with pytest.raises(TypeError, match=next(iter(arguments))):
        connect(base_url=server.url).chat.completions.create(**CHAT, **arguments)
    assert server.requests == []


# Raw responses


@pytest.mark.parametrize("sample", [s for s in SAMPLES if s.media_type != EVENT_STREAM], ids=lambda sample: sample.call)
def test_with_raw_response(connect, server, sample):
    """It has the status, the headers and the request id."""
    resource, _, name = sample.call.rpartition(".")
    method = getattr(attrgetter(resource)(connect(base_url=server.url)).with_raw_response, name)
    raw = method(**sample.arguments, **sample.request or {})
    assert (raw.status_code, raw.request_id, raw.meta.attempts) == (sample.status, "req_1", 1)
    assert raw.headers["X-Request-ID"] == raw.headers["x-request-id"] == raw.headers.get("x-ReQuest-id") == "req_1"
    assert "X-Nothing" not in raw.headers


def test_parse_of_a_raw_response(connect, server):
    """It returns the response of the method."""
    client = connect(base_url=server.url)
    raw = client.models.with_raw_response.list()
    assert raw.parse() == client.models.list()
    assert raw.parse().meta.request_id == "req_1"


def test_body_of_a_raw_response(connect, server):
    """It has the body, and what was sent, under the names of OpenAI's SDK."""
    raw = connect(base_url=server.url).models.with_raw_response.list()
    assert raw.json() == json.loads(raw.text) == json.loads(raw.content) == raw.http_response.json()
    assert raw.parse(to=dict) == raw.json()
    assert raw.parse(to=type(raw.parse())) == raw.parse()
    assert (str(raw.url), raw.method, raw.http_version) == (f"{server.url}/v1/models", "GET", "HTTP/1.1")
    assert (raw.retries_taken, raw.is_closed) == (0, True)
    assert raw.elapsed.total_seconds() == pytest.approx(raw.meta.elapsed, abs=1e-5)
    assert raw.http_response.request.headers.get("authorization") is None


def test_body_of_another_type(connect, server):
    """It is a ServerError that quotes nothing."""
    raw = connect(base_url=server.url).models.with_raw_response.list()
    with pytest.raises(ServerError, match=r"^response does not match int \(Input should be a valid integer\)"):
        raw.parse(to=int)


@pytest.mark.parametrize("sample", STREAMED, ids=lambda sample: sample.call)
def test_raw_response_of_a_stream(connect, server, sample):
    """It has the headers before the first chunk; `parse` returns the stream."""
    resource, _, name = sample.call.rpartition(".")
    client = connect(base_url=server.url)
    method = getattr(attrgetter(resource)(client).with_raw_response, name)
    raw = method(**{**sample.arguments, **sample.request, "stream": True})
    assert (raw.status_code, raw.request_id, raw.content) == (200, "req_1", b"")
    assert raw.headers["content-type"] == raw.parse().response.headers["content-type"]
    assert to_value(client._wrap(raw.parse())) == to_value(call_named(client, sample, stream=True))


@pytest.mark.parametrize("sample", [s for s in SAMPLES if s.media_type != EVENT_STREAM], ids=lambda sample: sample.call)
def test_with_streaming_response(connect, server, sample):
    """Every method is a context manager, whose response is read when it is needed, and parsed as by the method."""
    resource, _, name = sample.call.rpartition(".")
    client = connect(base_url=server.url)
    method = getattr(attrgetter(resource)(client).with_streaming_response, name)
    with method(**sample.arguments, **sample.request or {}) as response:
        assert (response.status_code, response.request_id, response.is_closed) == (sample.status, "req_1", False)
        assert response.read() == response.http_response.content
        assert to_value(response.parse()) == to_value(call_named(client, sample))
    assert response.is_closed


def test_resources_with_raw_responses(connect, server):
    """The client and a resource without methods have `with_raw_response`, as OpenAI's."""
    client = connect(base_url=server.url)
    for chat in (client.with_raw_response.chat, client.chat.with_raw_response):
        assert chat.completions.create(**CHAT).status_code == 200


def test_list_is_awaited_or_iterated(connect, server):
    """As OpenAI's: `async for model in client.models.list()`."""
    client = connect(base_url=server.url)

    async def collect():
        task = asyncio.create_task(client.native.models.list())
        return [model async for model in client.native.models.list()], list(await task)

    models = list(client.models.list())
    if connect.name == "async":
        assert connect.run(collect()) == (models, models)
    assert models


def test_beta(connect, server):
    """It has the same resources as the client."""
    client = connect(base_url=server.url)
    named, beta = client.chat.completions, client.beta.chat.completions
    assert beta.native.parse.__func__ is named.native.parse.__func__
    assert beta.native.stream.__func__ is named.native.stream.__func__
    call_both(server, client, lambda _: named.create(**CHAT), lambda _: beta.create(**CHAT))


def test_raw_response_of_a_call_that_says_so(connect, server):
    """`stream=False` and `stream_options` are accepted."""
    raw = connect(base_url=server.url).chat.completions.with_raw_response.create(**CHAT, stream=False)
    assert isinstance(raw.parse(), ChatCompletionResponse)


# Clients of a resource


def test_resource_of_a_copy(connect, server):
    """It has the options of the copy."""
    client = connect(base_url=server.url)
    copy = client.with_options(extra_headers={"X-Team": "red"})
    connect.run(copy.chat.completions.create(**CHAT))
    client.chat.completions.create(**CHAT)
    assert [request.headers.get("x-team") for request in server.requests] == ["red", None]


def test_replaced_methods_and_resources(connect, server):
    """Tools that trace calls replace methods of resources: a client has one object for each, a copy its own."""
    client = connect(base_url=server.url).native
    assert client.chat.completions is client.chat.completions
    client.chat.completions.create = lambda **_: "replaced"
    assert client.chat.completions.create(**CHAT) == "replaced"
    copy = client.with_options(timeout=3)
    client.audio = "replaced"
    assert client.audio == "replaced"
    assert copy.audio != "replaced"
    response = connect.run(copy.chat.completions.create(**CHAT))
    assert isinstance(response, ChatCompletionResponse)


def test_options_that_are_set_later(connect, server):
    """Resources with other responses have them, too."""
    client = connect(base_url=server.url)
    models = client.models.with_raw_response
    client.native.organization = "org_1"
    connect.run(models.list())
    assert server.requests[0].headers["openai-organization"] == "org_1"


def test_options_of_a_call(connect):
    """They are those of the method of the client."""
    metas = []
    client = connect(httpx.Response(503, headers={"retry-after-ms": "0"}), region="ymq")
    with pytest.raises(PolarGridError):
        client.chat.completions.create(**CHAT, max_retries=2, on_meta=metas.append)
    assert (len(client.requests), metas[0].attempts) == (3, 3)


def test_resource_of_a_closed_client(connect, server):
    """It raises before sending."""
    client = connect(base_url=server.url)
    completions = client.chat.completions
    client.close()
    with pytest.raises(PolarGridError, match="the client is closed"):
        completions.create(**CHAT)
