"""`with_streaming_response`: responses whose body is read when it is needed, and what HTTP says of a stream."""

from __future__ import annotations

import json

import httpx
import pytest

from polargrid import NotFoundError, PolarGridError, ServerError, StreamInterruptedError
from polargrid.types import ChatCompletionResponse
from polargrid_testing.steps import AwaitClose, ReceiveRequest, Send, render_chunk
from tests.overlay.faults.scripts import EVENT_STREAM, response_head
from tests.overlay.test_text_stream import CHAT, HELLO, USAGE, encode, response

BODY = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Grüße"}, "finish_reason": "stop"}],
    "usage": USAGE,
}
TEXT = json.dumps(BODY, indent=1, ensure_ascii=False)


def chat(client, **arguments):
    return client.chat.completions.with_streaming_response.create(**CHAT, **arguments)


@pytest.fixture
def client(connect):
    """A client whose server sends a chat."""
    headers = {"content-type": "application/json", "x-request-id": "req_1"}
    return connect(httpx.Response(200, headers=headers, content=TEXT.encode()))


def test_body(client):
    """It can be read in each form, again and again."""
    with chat(client) as response:
        assert (response.status_code, response.request_id, response.method) == (200, "req_1", "POST")
        assert response.url.path == "/v1/chat/completions"
        assert response.headers["Content-Type"] == "application/json"
        assert (response.read(), response.text(), response.json()) == (TEXT.encode(), TEXT, BODY)
        assert response.parse() == ChatCompletionResponse.model_validate(BODY)
        assert response.parse(to=dict) == BODY
        assert response.parse().meta.request_id == "req_1"
        assert b"".join(response.iter_bytes(5)) == TEXT.encode()


@pytest.mark.parametrize("size", [None, 1, 3])
def test_pieces(client, size):
    """A character is not divided between two of them."""
    with chat(client) as response:
        assert "".join(response.iter_text(size)) == TEXT
    with chat(client) as response:
        assert list(response.iter_lines()) == TEXT.splitlines()


def test_parse_helper(connect):
    """It returns objects, as the method does."""
    body = {**BODY, "choices": [{**BODY["choices"][0], "message": {"role": "assistant", "content": "[1, 2]"}}]}
    completions = connect(httpx.Response(200, json=body)).chat.completions
    with completions.with_streaming_response.parse(**CHAT, response_format=list[int]) as response:
        assert response.parse().parsed == [1, 2]
    assert completions.with_raw_response.parse(**CHAT, response_format=list[int]).parse().parsed == [1, 2]


def test_body_that_does_not_match(connect):
    """`parse` raises; the body can be read."""
    with chat(connect(httpx.Response(200, json={"choices": 1}))) as response:
        with pytest.raises(ServerError, match="chat_completion: response does not match ChatCompletionResponse"):
            response.parse()
        assert response.json() == {"choices": 1}


def test_error_response(connect):
    """`with` raises it, after the retries."""
    busy = httpx.Response(503, headers={"retry-after-ms": "0"})
    missing = httpx.Response(404, json={"error": {"message": "no such model"}})
    with pytest.raises(NotFoundError, match="no such model") as caught, chat(connect(busy, missing, max_retries=1)):
        pass
    assert caught.value.meta.attempts == 2


def test_lines_of_a_stream(connect):
    """They are the events as they are received."""
    with chat(connect(response(*HELLO)), stream=True) as streamed:
        assert "\n".join(streamed.iter_lines()) + "\n" == encode(*HELLO).decode()


def test_parse_of_a_stream(connect):
    """It is the stream of the method; with a body that was read, an error."""
    with chat(connect(response(*HELLO)), stream=True) as streamed:
        stream = streamed.parse()
        assert [item.choices[0].delta.content for item in stream if item.choices] == ["", "Hel", "lo", None]
    with chat(connect(response(*HELLO)), stream=True) as streamed:
        streamed.read()
        with pytest.raises(PolarGridError, match=r"the body of the stream was read already; call parse\(\) first"):
            streamed.parse()


def test_closed_at_the_end_of_the_block(connect, serve):
    """Also the stream that `parse` returned."""
    closed = []

    def script():
        yield ReceiveRequest()
        yield Send(response_head("transfer-encoding: chunked", media_type=EVENT_STREAM))
        yield Send(render_chunk(encode(*HELLO[:2], end=b"")))
        closed.append((yield AwaitClose()))

    server = serve(script)
    client = connect(base_url=server.url)
    with chat(client, stream=True) as streamed:
        next(iter(streamed.parse()))
    server.join()
    assert closed == [True]


def test_interrupted_body(connect, serve):
    """It is an error, not a part of the body."""

    def script():
        yield ReceiveRequest()
        yield Send(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{")

    with chat(connect(base_url=serve(script).url)) as streamed, pytest.raises(StreamInterruptedError):
        streamed.read()


def test_response_of_a_stream(connect):
    """It has status, headers and URL, before the first chunk; closing it closes the stream."""
    stream = connect(response(*HELLO)).chat.completions.create(**CHAT, stream=True)
    facts = stream.response
    assert (facts.status_code, facts.headers["X-Request-ID"], facts.is_closed) == (200, "req_1", False)
    assert (facts.url.path, facts.method, facts.http_version) == ("/v1/chat/completions", "POST", "HTTP/1.1")
    connect.run(facts.aclose() if connect.name == "async" else facts.close())
    assert facts.is_closed
    assert list(stream) == []


def test_response_of_a_text_stream(connect):
    """The same, when `with` has sent the request."""
    with connect(response(*HELLO)).chat.completions.stream(**CHAT) as stream:
        assert (stream.response.status_code, stream.response.request_id) == (200, "req_1")
    with pytest.raises(PolarGridError), connect(httpx.Response(400, json={})).chat.completions.stream(**CHAT):
        pass


def test_close_by_the_name_of_openai(connect):
    """Both clients have `close`."""
    for stream in (
        connect(response(*HELLO)).chat.completions.create(**CHAT, stream=True),
        connect(response(*HELLO)).chat.completions.stream(**CHAT),
    ):
        connect.run(stream.native.close() if connect.name == "async" else stream.close())
        assert list(stream) == []


def test_idle_stream_is_closed_by_the_collector(connect):
    """A stream that was opened and dropped holds no connection: the next call succeeds."""
    client = connect(response(*HELLO))
    client.chat.completions.create(**CHAT, stream=True)
    assert len(list(client.chat.completions.create(**CHAT, stream=True))) == len(HELLO)
