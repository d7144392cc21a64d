"""What every answer tells of how its call went."""

import copy
import json
import pickle
from dataclasses import FrozenInstanceError

import httpx
import pytest

from polargrid import NotFoundError, RateLimitError, ServerError, ValidationError
from polargrid.types import GenerateResponse, HealthResponse, Meta

CHAT = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hi"}]}
SPEECH = {"model": "tts-1", "input": "Hi", "voice": "alloy"}
STT = {"model": "whisper-1"}
DONE = b"data: [DONE]\n\n"
HEADERS = {"x-request-id": "req_1", "X-RateLimit-Limit-Requests": "60", "x-ratelimit-remaining-requests": "59"}


@pytest.fixture
def answer(spec):
    """An answer of an operation's example, or of this content."""

    def make(operation, content=None, media_type="application/json"):
        content = json.dumps(spec[operation].answer).encode() if content is None else content
        return httpx.Response(200, headers={**HEADERS, "content-type": media_type}, content=content)

    return make


def events(*texts):
    """The events of a streamed chat."""
    for text in texts:
        choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
        data = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
        yield f"data: {json.dumps(data)}\n\n".encode()
    yield DONE


def facts(meta):
    return meta.request_id, meta.status_code, meta.attempts, meta.region, meta.base_url


SERVED = ("req_1", 200, 1, "ymq-01", "https://api.ymq-01.edge.polargrid.ai:55111")

KINDS = {
    "JSON": (HealthResponse, lambda client: client.health(), ("health",)),
    "generate": (
        GenerateResponse,
        lambda client: client.generate({"model": "m", "prompt": "Hi"}),
        ("chat_completion",),
    ),
}


@pytest.fixture(params=KINDS)
def answered(request, connect, answer):
    """An answer of each kind."""
    kind, call, what = KINDS[request.param]
    given = call(connect(answer(*what), region="ymq"))
    assert isinstance(given, kind)
    return given


# Every kind of answer


def test_answer(answered):
    """An answer says its request, status, tries, region and URL."""
    assert facts(answered.meta) == SERVED
    assert answered.meta.elapsed > 0


def test_rate_limits(answered):
    """It says what is left of the rate limits, and every header, by names in lower case."""
    assert answered.meta.rate_limits == {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "59",
    }
    assert answered.meta.headers["x-request-id"] == "req_1"


def test_answer_is_what_it_was(answered):
    """Beside `meta` an answer is as it would be without: equal, pickled, copied."""
    for twin in (copy.copy(answered), copy.deepcopy(answered), pickle.loads(pickle.dumps(answered))):  # noqa: S301
        assert (type(twin), twin) == (type(answered), answered)
        assert isinstance(twin.meta, Meta)
    assert type(answered).model_validate(answered.model_dump()) == answered
    assert "meta" not in answered.model_dump()
    assert "meta" not in answered.model_dump_json()
    assert "req_1" not in repr(answered)


def test_meta_does_not_change(answered):
    """What a call was cannot be changed afterwards."""
    with pytest.raises(FrozenInstanceError):
        answered.meta.attempts = 7


def test_field_of_that_name(connect, spec):
    """A field that an edge calls `meta` stays a field, beside the SDK's."""
    given = connect(httpx.Response(200, json={**spec["health"].answer, "meta": {"theirs": 1}}), region="ymq").health()
    assert given.meta.region == "ymq-01"
    assert given.model_extra["meta"] == {"theirs": 1}


def test_answer_of_no_call():
    """What no call brought says nothing."""
    made = HealthResponse.model_construct()
    assert facts(made.meta) == (None, None, 0, None, None)
    assert made.meta.rate_limits == {}


BARE = {
    "audio": (b"ID3", lambda client, **more: client.text_to_speech(SPEECH, **more), "audio/mpeg"),
    "text": ("WEBVTT", lambda client, **more: client.transcribe(b"RIFF", STT, **more), "text/vtt"),
}


@pytest.mark.parametrize("kind", BARE)
def test_on_meta(connect, answer, kind):
    """Bytes and text are no more than that; `on_meta` is told how their call went, once."""
    expected, call, media_type = BARE[kind]
    told = []
    name = {"audio": "text_to_speech", "text": "transcribe"}[kind]
    body = expected if isinstance(expected, bytes) else expected.encode()
    given = call(connect(answer(name, body, media_type), region="ymq"), on_meta=told.append)
    assert (type(given), given) == (type(expected), expected)
    assert [facts(meta) for meta in told] == [SERVED]


def test_on_meta_of_a_client(connect, answer):
    """A client's own is told of every call, those that fail too."""
    told = []
    client = connect(answer("health"), httpx.Response(404), region="ymq", on_meta=told.append)
    client.health()
    with pytest.raises(NotFoundError):
        client.health()
    assert [meta.status_code for meta in told] == [200, 404]


@pytest.mark.parametrize("way", ["read", "left"])
def test_on_meta_of_a_stream(connect, answer, way):
    """A stream is told of once, when it is over: read to its end or left, after however many tries."""
    told = []
    stream = answer("chat_completion", b"".join(events("a", "b")), "text/event-stream")
    client = connect(httpx.Response(503, headers={"retry-after-ms": "0"}), stream, region="ymq", max_retries=1)
    chunks = client.chat_completion_stream(CHAT, on_meta=told.append)
    next(iter(chunks))
    assert told == []
    list(chunks) if way == "read" else chunks.close()
    assert [(meta.status_code, meta.attempts) for meta in told] == [(200, 2)]


def test_on_meta_that_is_none(connect):
    """What cannot be called is refused by name."""
    with pytest.raises(ValidationError, match="on_meta: a function"):
        connect(httpx.Response(200), on_meta=7)


def test_answers_do_not_share(connect, answer):
    """Two answers have each their own."""
    client = connect(
        answer("health"),
        httpx.Response(
            200,
            content=answer("health").content,
            headers=HEADERS | {"x-request-id": "req_2", "content-type": "application/json"},
        ),
    )
    first, second = client.health(), client.health()
    assert (first.meta.request_id, second.meta.request_id) == ("req_1", "req_2")
    assert first == second


# Streams


def test_stream(connect, answer):
    """A stream says how its call went from its first chunk on, and each chunk says the same."""
    client = connect(answer("chat_completion", b"".join(events("a", "b")), "text/event-stream"), region="ymq")
    chunks = client.chat_completion_stream(CHAT)
    assert facts(chunks.meta) == (None, None, 0, None, None)
    for each in chunks:
        assert facts(each.meta) == facts(chunks.meta) == SERVED
    assert chunks.meta.rate_limits["x-ratelimit-remaining-requests"] == "59"
    assert chunks.meta.elapsed > 0


def test_stream_of_bytes(connect, answer):
    """A stream of bytes says it, too; a piece of it is bytes and nothing else."""
    client = connect(answer("text_to_speech", b"ID3", "audio/mpeg"), region="ymq")
    pieces = client.text_to_speech_stream(SPEECH)
    assert [type(piece) for piece in pieces] == [bytes]
    assert facts(pieces.meta) == SERVED


def test_chunk_is_what_it_was(connect, answer):
    """A chunk is equal, pickled and copied as without `meta`."""
    client = connect(answer("chat_completion", b"".join(events("a")), "text/event-stream"))
    (only,) = client.chat_completion_stream(CHAT)
    for twin in (copy.deepcopy(only), pickle.loads(pickle.dumps(only)), type(only)(**only.model_dump())):  # noqa: S301
        assert twin == only


def test_stream_that_fails_to_begin(connect):
    """A stream whose request was refused says by whom."""
    chunks = connect(httpx.Response(503, headers=HEADERS), region="ymq").chat_completion_stream(CHAT)
    with pytest.raises(ServerError):
        next(chunks)
    assert facts(chunks.meta) == (SERVED[0], 503, *SERVED[2:])


# Tries and errors


def test_attempts(connect, answer):
    """The tries are counted, the one that succeeded too."""
    busy = httpx.Response(500, headers={"retry-after-ms": "0"})
    assert connect(busy, busy, answer("health"), max_retries=2).health().meta.attempts == 3


@pytest.mark.parametrize("use", ["call", "stream"])
def test_error(connect, use):
    """An error says it all, too."""
    client = connect(httpx.Response(429, headers={**HEADERS, "retry-after-ms": "0"}), region="ymq", max_retries=1)
    with pytest.raises(RateLimitError) as caught:
        client.health() if use == "call" else next(client.chat_completion_stream(CHAT))
    assert facts(caught.value.meta) == ("req_1", 429, 2, *SERVED[3:])
    assert caught.value.meta.rate_limits["x-ratelimit-remaining-requests"] == "59"
    assert caught.value.request_id == "req_1"


def test_elapsed_covers_all_tries(connect, answer):
    """The time is that of the whole call, its waits and tries."""
    busy = httpx.Response(500, headers={"retry-after-ms": "20"})
    assert connect(busy, busy, answer("health"), max_retries=2).health().meta.elapsed >= 0.04
