"""`meta`: the metadata of a call on responses, streams and exceptions."""

import copy
import json
import pickle
from dataclasses import FrozenInstanceError

import httpx
import pytest

from polargrid import NotFoundError, RateLimitError, ServerError
from polargrid.types import GenerateResponse, HealthResponse, ResponseMeta

CHAT = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hi"}]}
SPEECH = {"model": "tts-1", "input": "Hi", "voice": "alloy"}
STT = {"model": "whisper-1"}
HEADERS = {"x-request-id": "req_1", "X-RateLimit-Limit-Requests": "60", "x-ratelimit-remaining-requests": "59"}
EXPECTED = ("req_1", 200, 1, "ymq-01", "https://api.ymq-01.edge.polargrid.ai:55111")
EMPTY = (None, None, 0, None, None)


@pytest.fixture
def build(spec):
    """Build a response with an operation's example, or with other content."""

    def build_response(operation, content=None, media_type="application/json"):
        content = json.dumps(spec[operation].response).encode() if content is None else content
        return httpx.Response(200, headers={**HEADERS, "content-type": media_type}, content=content)

    return build_response


def events(*texts):
    """Return the event stream of a chat."""
    choices = [{"index": 0, "delta": {"content": text}, "finish_reason": None} for text in texts]
    fields = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    chunks = [f"data: {json.dumps({**fields, 'choices': [choice]})}\n\n" for choice in choices]
    return "".join([*chunks, "data: [DONE]\n\n"]).encode()


def fields_of(meta):
    return meta.request_id, meta.status_code, meta.attempts, meta.region, meta.base_url


KINDS = {
    "JSON": (HealthResponse, lambda client: client.health(), "health"),
    "generate": (GenerateResponse, lambda client: client.generate({"model": "m", "prompt": "Hi"}), "chat_completion"),
}


@pytest.fixture(params=KINDS)
def response(request, connect, build):
    """A response of each kind."""
    kind, call, operation = KINDS[request.param]
    result = call(connect(build(operation), region="ymq"))
    assert isinstance(result, kind)
    return result


# Responses


def test_meta_of_a_response(response):
    """It has the request id, status, attempts, region, base URL and duration."""
    assert fields_of(response.meta) == EXPECTED
    assert response.meta.elapsed > 0


def test_rate_limits(response):
    """They are the headers with such names; all headers are in lower case."""
    assert response.meta.rate_limits == {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "59",
    }
    assert response.meta.headers["x-request-id"] == "req_1"


def test_meta_is_not_a_field(response):
    """It is not part of JSON, repr or equality; copies have it."""
    for copied in (copy.copy(response), copy.deepcopy(response), pickle.loads(pickle.dumps(response))):  # noqa: S301
        assert (type(copied), copied) == (type(response), response)
        assert isinstance(copied.meta, ResponseMeta)
    assert type(response).model_validate(response.model_dump()) == response
    assert "meta" not in response.model_dump()
    assert "meta" not in response.model_dump_json()
    assert "req_1" not in repr(response)


def test_meta_is_immutable(response):
    """It states what happened."""
    with pytest.raises(FrozenInstanceError):
        response.meta.attempts = 7


def test_field_with_the_name_meta(connect, spec):
    """A server's field of that name is in `model_extra`."""
    fields = {**spec["health"].response, "meta": {"theirs": 1}}
    response = connect(httpx.Response(200, json=fields), region="ymq").health()
    assert response.meta.region == "ymq-01"
    assert response.model_extra["meta"] == {"theirs": 1}


def test_meta_without_a_call():
    """A model that was not received has an empty one."""
    response = HealthResponse.model_construct()
    assert fields_of(response.meta) == EMPTY
    assert response.meta.rate_limits == {}


def test_each_response_has_its_own_meta(connect, build):
    """Equal responses of two calls differ in it."""
    second_headers = {**HEADERS, "x-request-id": "req_2", "content-type": "application/json"}
    second_response = httpx.Response(200, content=build("health").content, headers=second_headers)
    client = connect(build("health"), second_response)
    first, second = client.health(), client.health()
    assert (first.meta.request_id, second.meta.request_id) == ("req_1", "req_2")
    assert first == second


# on_meta

BARE = {
    "audio": ("text_to_speech", b"ID3", "audio/mpeg", lambda c, **options: c.text_to_speech(SPEECH, **options)),
    "text": ("transcribe", "WEBVTT", "text/vtt", lambda c, **options: c.transcribe(b"RIFF", STT, **options)),
}


@pytest.mark.parametrize("kind", BARE)
def test_on_meta_of_a_call(connect, build, kind):
    """Bytes and strings have no attributes; the callback gets the metadata once."""
    operation, expected, media_type, call = BARE[kind]
    metas = []
    body = expected if isinstance(expected, bytes) else expected.encode()
    result = call(connect(build(operation, body, media_type), region="ymq"), on_meta=metas.append)
    assert (type(result), result) == (type(expected), expected)
    assert [fields_of(meta) for meta in metas] == [EXPECTED]


def test_on_meta_of_a_client(connect, build):
    """It is called for each call, also for those that fail."""
    metas = []
    client = connect(build("health"), httpx.Response(404), region="ymq", on_meta=metas.append)
    client.health()
    with pytest.raises(NotFoundError):
        client.health()
    assert [meta.status_code for meta in metas] == [200, 404]


@pytest.mark.parametrize("end", [list, lambda chunks: chunks.close()], ids=["read", "closed"])
def test_on_meta_of_a_stream(connect, build, end):
    """It is called once, when the stream ends or is closed, after any number of attempts."""
    metas = []
    stream = build("chat_completion", events("a", "b"), "text/event-stream")
    client = connect(httpx.Response(503, headers={"retry-after-ms": "0"}), stream, region="ymq", max_retries=1)
    chunks = client.chat_completion_stream(CHAT, on_meta=metas.append)
    next(iter(chunks))
    assert metas == []
    end(chunks)
    assert [(meta.status_code, meta.attempts) for meta in metas] == [(200, 2)]


# Streams


def test_meta_of_a_stream(connect, build):
    """It is empty before the first chunk; then the stream and each chunk have it."""
    client = connect(build("chat_completion", events("a", "b"), "text/event-stream"), region="ymq")
    chunks = client.chat_completion_stream(CHAT)
    assert fields_of(chunks.meta) == EMPTY
    for chunk in chunks:
        assert fields_of(chunk.meta) == fields_of(chunks.meta) == EXPECTED
    assert chunks.meta.rate_limits["x-ratelimit-remaining-requests"] == "59"
    assert chunks.meta.elapsed > 0


def test_meta_of_a_byte_stream(connect, build):
    """The stream has it; a chunk is bytes."""
    chunks = connect(build("text_to_speech", b"ID3", "audio/mpeg"), region="ymq").text_to_speech_stream(SPEECH)
    assert [type(chunk) for chunk in chunks] == [bytes]
    assert fields_of(chunks.meta) == EXPECTED


def test_chunk_can_be_copied(connect, build):
    """Copies are equal to it."""
    (chunk,) = connect(build("chat_completion", events("a"), "text/event-stream")).chat_completion_stream(CHAT)
    for copied in (copy.deepcopy(chunk), pickle.loads(pickle.dumps(chunk)), type(chunk)(**chunk.model_dump())):  # noqa: S301
        assert copied == chunk


def test_meta_of_a_stream_with_an_error_response(connect):
    """It has the status of the error."""
    chunks = connect(httpx.Response(503, headers=HEADERS), region="ymq").chat_completion_stream(CHAT)
    with pytest.raises(ServerError):
        next(chunks)
    assert fields_of(chunks.meta) == (EXPECTED[0], 503, *EXPECTED[2:])


# Attempts and exceptions


def test_attempts_are_counted(connect, build):
    """With the one that succeeds."""
    busy = httpx.Response(500, headers={"retry-after-ms": "0"})
    assert connect(busy, busy, build("health"), max_retries=2).health().meta.attempts == 3


@pytest.mark.parametrize(
    "call", [lambda client: client.health(), lambda client: next(client.chat_completion_stream(CHAT))]
)
def test_meta_of_an_exception(connect, call):
    """It is that of the last attempt."""
    client = connect(httpx.Response(429, headers={**HEADERS, "retry-after-ms": "0"}), region="ymq", max_retries=1)
    with pytest.raises(RateLimitError) as caught:
        call(client)
    assert fields_of(caught.value.meta) == ("req_1", 429, 2, *EXPECTED[3:])
    assert caught.value.meta.rate_limits["x-ratelimit-remaining-requests"] == "59"
    assert caught.value.request_id == "req_1"


def test_elapsed_includes_all_attempts(connect, build):
    """And the delays between them."""
    busy = httpx.Response(500, headers={"retry-after-ms": "20"})
    assert connect(busy, busy, build("health"), max_retries=2).health().meta.elapsed >= 0.04
