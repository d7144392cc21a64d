"""The operations by the names that OpenAI's SDK gives them: the same requests, with a keyword argument a field."""

from __future__ import annotations

import json
import re
from importlib import resources

import httpx
import pytest

from polargrid import PolarGridError, ValidationError
from polargrid.types import ChatCompletionResponse, ListModelsResponse, Message, ResponseFormat, StreamOptions
from polargrid_runtime.response import Headers

CHAT = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 9, "stop": ["\n", "."]}
TEXT = {"model": "m", "prompt": ["Once", "Twice"], "n": 2}
SPEECH = {"model": "tts-1", "input": "Hi", "voice": "alloy", "speed": 1.5}
RECORDING = ("one.wav", b"RIFF", "audio/wav")
SPOKEN = {"model": "whisper-1", "language": "de", "prompt": "Names: \u00c5"}
STT = {"model": "whisper-1", "temperature": 0.5}
CALLS = {
    "chat.completions.create": (lambda c: c.chat_completion(CHAT), lambda c: c.chat.completions.create(**CHAT)),
    "completions.create": (lambda c: c.completion(TEXT), lambda c: c.completions.create(**TEXT)),
    "audio.speech.create": (lambda c: c.text_to_speech(SPEECH), lambda c: c.audio.speech.create(**SPEECH)),
    "audio.transcriptions.create": (
        lambda c: c.transcribe(RECORDING, SPOKEN),
        lambda c: c.audio.transcriptions.create(file=RECORDING, **SPOKEN),
    ),
    "audio.translations.create": (
        lambda c: c.translate(RECORDING, STT),
        lambda c: c.audio.translations.create(file=RECORDING, **STT),
    ),
    "models.list": (lambda c: c.list_models(), lambda c: c.models.list()),
    "models.load": (lambda c: c.load_model({"model_name": "m"}), lambda c: c.models.load(model_name="m")),
    "models.unload": (lambda c: c.unload_model({"model_name": "m"}), lambda c: c.models.unload(model_name="m")),
    "models.unload_all": (lambda c: c.unload_all_models(), lambda c: c.models.unload_all()),
    "models.status": (lambda c: c.get_model_status(), lambda c: c.models.status()),
    "gpu.status": (lambda c: c.get_gpu_status(), lambda c: c.gpu.status()),
    "gpu.memory": (lambda c: c.get_gpu_memory(), lambda c: c.gpu.memory()),
    "gpu.purge": (lambda c: c.purge_gpu({"force": True}), lambda c: c.gpu.purge(force=True)),
}
STREAMS = {
    "chat.completions.create": (
        lambda c: c.chat_completion_stream(CHAT),
        lambda c: c.chat.completions.create(**CHAT, stream=True),
    ),
    "completions.create": (
        lambda c: c.completion_stream(TEXT),
        lambda c: c.completions.create(**TEXT, stream=True),
    ),
    "audio.speech.create": (
        lambda c: c.text_to_speech_stream(SPEECH),
        lambda c: c.audio.speech.create(**SPEECH, stream=True),
    ),
    "audio.speech.stream": (lambda c: c.text_to_speech_stream(SPEECH), lambda c: c.audio.speech.stream(**SPEECH)),
    "chat.completions.stream": (
        lambda c: c.chat_completion_stream({**CHAT, "stream_options": {"include_usage": True}}),
        lambda c: c.chat.completions.stream(**CHAT),
    ),
}


@pytest.fixture
def edge(serve, spec):
    """A raw edge that answers every operation by its example, and streams by their ends."""
    by_path = {operation.path: operation for operation in spec.values()}

    def script(connection):
        request = connection.request()
        operation = by_path[request.line.split()[1].partition("?")[0]]
        if b'"stream":true' in request.body and operation.media_type == "application/json":
            connection.answer(b"data: [DONE]\n\n", "connection: close", media_type="text/event-stream")
            return
        body = b"ID3" if operation.answer is None else json.dumps(operation.answer).encode()
        connection.answer(body, "connection: close", "X-Request-Id: req_1", media_type=operation.media_type)

    return serve(script)


def sent(request) -> tuple[str, dict[str, str], bytes]:
    """A request without what is random in it: its idempotency key, the boundary of its form."""
    boundary = re.search("boundary=(.*)", request.headers.get("content-type", ""))
    headers = {name: value for name, value in request.headers.items() if name != "idempotency-key"}
    if boundary:
        headers["content-type"] = "a form"
    return request.line, headers, request.body.replace(boundary[1].encode() if boundary else b"\0", b"BOUNDARY")


def twice(edge, client, flat, call):
    """What both calls come to, and that both sent the same."""
    first, second = flat(client), call(client)
    one, other = edge.requests
    assert sent(one) == sent(other)
    return first, second


def body_of(edge) -> dict:
    return json.loads(edge.requests[-1].body)


# What is sent


@pytest.mark.parametrize("name", CALLS)
def test_a_call_by_its_other_name(connect, edge, name):
    """It sends the same bytes as the flat method, and its answer is the same."""
    flat, named = twice(edge, connect(base_url=edge.url), *CALLS[name])
    assert (bytes(named), bytes(flat)) == (b"ID3", b"ID3") if name == "audio.speech.create" else named == flat


@pytest.mark.parametrize("name", STREAMS)
def test_a_streamed_call_by_its_other_name(connect, edge, name):
    """So does a stream."""
    flat, call = STREAMS[name]
    client = connect(base_url=edge.url)
    pieces, named = twice(edge, client, lambda c: list(flat(c)), lambda c: list(call(c)))
    assert pieces == named


def test_every_name_is_tested():
    """What openapi.yaml names stands above."""
    document = json.loads(resources.files("polargrid_generated").joinpath("openapi.json").read_text("utf-8"))
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    assert {operation["x-call"] for operation in operations if "x-call" in operation} == CALLS.keys()


def test_what_is_not_given_is_not_sent(connect, edge):
    """Only the fields that the caller names travel."""
    connect(base_url=edge.url).chat.completions.create(model="m", messages=CHAT["messages"])
    assert body_of(edge) == {"model": "m", "messages": CHAT["messages"]}


def test_none_is_sent_as_null(connect, edge):
    """None is a value: the edge is told null."""
    connect(base_url=edge.url).chat.completions.create(**CHAT | {"stop": None}, temperature=None)
    assert body_of(edge) == {**CHAT, "stop": None, "temperature": None}


@pytest.mark.parametrize("stream", [False, None])
def test_a_stream_that_is_declined(connect, edge, stream):
    """With False or None the answer is whole, and the edge is told which."""
    answer = connect(base_url=edge.url).chat.completions.create(**CHAT, stream=stream)
    assert isinstance(answer, ChatCompletionResponse)
    assert body_of(edge) == {**CHAT, "stream": stream}


def test_a_stream_is_sent_when_it_is_read(connect, edge):
    """As with the flat method, nothing is sent before the first chunk is asked for."""
    stream = connect(base_url=edge.url).chat.completions.create(**CHAT, stream=True)
    assert edge.requests == []
    assert list(stream) == []
    assert len(edge.requests) == 1


def test_models_as_arguments(connect, edge):
    """A field takes a model of `polargrid.types` as well as a mapping, and any sequence for a list."""
    connect(base_url=edge.url).chat.completions.create(
        model="m",
        messages=(Message(role="user", content="Hi"), {"role": "assistant", "content": "Hello"}),
        response_format=ResponseFormat(type="json_object"),
    )
    assert body_of(edge)["messages"] == [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    assert body_of(edge)["response_format"] == {"type": "json_object"}


@pytest.mark.parametrize(
    ("given", "asked"),
    [({}, {"include_usage": True}), ({"stream_options": StreamOptions(include_usage=False)}, {"include_usage": False})],
)
def test_usage_of_a_stream(connect, edge, given, asked):
    """`stream` asks for the usage, where the caller says nothing of it."""
    connect(base_url=edge.url).chat.completions.stream(**CHAT, **given).until_done()
    assert body_of(edge)["stream_options"] == asked


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda c: c.chat.completions.create(model="m", messages="Hi"), "messages"),
        (lambda c: c.chat.completions.create(**CHAT, top_p=7), "top_p"),
        (lambda c: c.chat.completions.create(**CHAT, stream=True, top_p=7), "top_p"),
        (lambda c: c.audio.transcriptions.create(file=7, model="whisper-1"), "file"),
    ],
)
def test_a_malformed_request(connect, edge, call, field):
    """It names the field, and nothing is sent."""
    with pytest.raises(ValidationError, match=field):
        call(connect(base_url=edge.url))
    assert edge.requests == []


@pytest.mark.parametrize("wrong", [{"max_token": 1}, {"request": CHAT}, {"api_key": "pg_other"}])
def test_an_argument_that_there_is_not(connect, edge, wrong):
    """A misspelt argument is a TypeError that names it: it never travels as an unknown field."""
    with pytest.raises(TypeError, match=next(iter(wrong))):
        connect(base_url=edge.url).chat.completions.create(**CHAT, **wrong)
    assert edge.requests == []


# Answers


def test_an_answer_as_a_dict_and_as_json(connect, edge):
    """What the edge sent, under the names that it has there, and nothing else."""
    answer = connect(base_url=edge.url).chat.completions.create(**CHAT)
    assert answer.to_dict() == json.loads(answer.to_json()) == answer.model_dump(exclude_unset=True)
    assert "\n" in answer.to_json()
    assert "\n" not in answer.to_json(indent=None)


def test_the_request_id_of_an_answer(connect, edge):
    """It stands where OpenAI's SDK has it, too."""
    assert connect(base_url=edge.url).chat.completions.create(**CHAT)._request_id == "req_1"


RAW = {
    "chat.completions": lambda c: c.chat.completions.with_raw_response.create(**CHAT),
    "audio.speech": lambda c: c.audio.speech.with_raw_response.create(**SPEECH),
    "audio.transcriptions": lambda c: c.audio.transcriptions.with_raw_response.create(file=RECORDING, **SPOKEN),
    "models": lambda c: c.models.with_raw_response.list(),
}


@pytest.mark.parametrize("name", RAW)
def test_with_raw_response(connect, edge, name):
    """An answer of any kind comes with its status, its headers by names in any case, and the request's id."""
    raw = RAW[name](connect(base_url=edge.url))
    assert (raw.status_code, raw.request_id, raw.meta.attempts) == (200, "req_1", 1)
    assert raw.headers["X-Request-ID"] == raw.headers["x-request-id"] == raw.headers.get("x-ReQuest-id") == "req_1"
    assert "CONTENT-TYPE" in dict.fromkeys(name.upper() for name in raw.headers)
    assert "X-Nothing" not in raw.headers
    assert sent(edge.requests[-1])[0].startswith(("POST /v1/", "GET /v1/"))


def test_headers_by_names_in_any_case():
    """However the edge wrote them, and however they are asked for."""
    headers = Headers({"X-A": "1", "x-b": "2"})
    assert (headers["x-a"], headers["X-B"], headers.get("x-c")) == ("1", "2", None)
    assert (dict(headers), len(headers)) == ({"x-a": "1", "x-b": "2"}, 2)
    assert repr(headers) == "Headers({'x-a': '1', 'x-b': '2'})"


def test_the_answer_of_a_raw_response(connect, edge, spec):
    """`parse` gives what the method gives without it."""
    client = connect(base_url=edge.url)
    raw = client.models.with_raw_response.list()
    assert raw.parse() == client.models.list()
    assert raw.parse().meta.request_id == "req_1"


def test_a_raw_response_has_no_stream(connect, edge):
    """A streamed answer has `meta`; the raw response of one is refused, not ignored."""
    with pytest.raises(TypeError, match="stream"):
        connect(base_url=edge.url).chat.completions.with_raw_response.create(**CHAT, stream=True)


def test_a_list_is_iterated_for_its_items(connect, edge, spec):
    """`for model in client.models.list()` gives the models."""
    models = connect(base_url=edge.url).models.list()
    assert [model.id for model in models] == [item["id"] for item in spec["list_models"].answer["data"]]
    assert [*models] == models.data


def test_a_list_is_an_answer_as_any(spec):
    """As a mapping, dumped, and compared it has its fields, unknown ones included."""
    given = {**spec["list_models"].answer, "has_more": False}
    answer = ListModelsResponse.model_validate(given)
    assert dict(answer) == {"object": "list", "data": answer.data, "has_more": False}
    assert answer.model_dump(exclude_unset=True, mode="json") == given
    assert list(answer.model_dump()) == ["object", "data", "has_more"]
    assert json.loads(answer.model_dump_json(exclude_unset=True)) == given
    assert answer == ListModelsResponse.model_validate(given)
    assert answer != ListModelsResponse.model_validate({**given, "data": []})
    assert bool(ListModelsResponse(object="list", data=[]))  # an answer came, though it is empty


# The client that a resource belongs to


def test_a_resource_of_a_copy_uses_the_copy(connect, edge):
    """Resources of the client of `with_options` have its options, and those of the first client do not."""
    client = connect(base_url=edge.url)
    copy = client.with_options(extra_headers={"X-Team": "red"})
    connect.run(copy.chat.completions.create(**CHAT))
    client.chat.completions.create(**CHAT)
    assert [request.headers.get("x-team") for request in edge.requests] == ["red", None]


def test_options_of_a_call(connect):
    """They hold for a call by this name as well."""
    told = []
    client = connect(httpx.Response(503, headers={"retry-after-ms": "0"}), region="ymq")
    with pytest.raises(PolarGridError):
        client.chat.completions.create(**CHAT, max_retries=2, on_meta=told.append)
    assert (len(client.requests), told[0].attempts) == (3, 3)


def test_a_closed_client(connect, edge):
    """A resource that was taken before sends nothing afterwards."""
    client = connect(base_url=edge.url)
    completions = client.chat.completions
    client.close()
    with pytest.raises(PolarGridError, match="closed"):
        completions.create(**CHAT)
