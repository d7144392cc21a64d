"""An edge in front of other servers keeps its own contract: ids, errors, usage, and the end of a stream."""

import json
import re
import socket
import threading

import pytest

from polargrid_edge.models.pool import ModelPool
from polargrid_edge.settings import EdgeSettings
from polargrid_edge.sources import UpstreamSource
from polargrid_edge.upstream.pool import UpstreamSettingsError
from tests.edge.scripted import TIMEOUT
from tests.edge.upstreams import (
    DONE,
    HELLO,
    MODEL,
    USAGE,
    ScriptedUpstream,
    check,
    delta,
    event,
    models,
    reset,
    respond,
    run_edge,
    stream,
    usage,
)

CHAT = "/v1/chat/completions"
BODY = {"model": MODEL, "messages": [{"role": "user", "content": "Hi"}]}


@pytest.fixture(scope="module")
def upstream():
    """A server of an unknown kind."""
    return ScriptedUpstream()


@pytest.fixture(scope="module")
def client(upstream):
    """A client of an edge in front of it."""
    with run_edge(upstream, timeout=2.0) as (_, opened):
        yield opened


@pytest.fixture
def answer(upstream):
    """Set what the server answers to a chat."""
    upstream.requests.clear()
    return lambda script, path=CHAT: upstream.answers.__setitem__(path, script)


def send(client, **fields):
    """Send a chat, and return the response."""
    return client.post(CHAT, json=BODY | fields)


def read_events(response):
    """The events of a stream."""
    return [line.removeprefix("data: ") for line in response.text.split("\n\n") if line]


CRLF = tuple(item.replace(b"\n", b"\r\n") for item in HELLO)


@pytest.mark.parametrize(
    "events",
    [
        HELLO,
        (b": ping\n\n", *HELLO[:3], b"event: message\nid: 1\nretry: 5\n", *HELLO[3:]),
        CRLF,
        HELLO[:-1],
        HELLO[:-2],
        (*HELLO[:3], DONE),
        (HELLO[0], delta("Hello", "eos_token"), usage(), DONE),
        (event({"choices": [], "prompt_filter_results": []}), *HELLO),
    ],
    ids=["as it is", "comments", "CRLF", "no DONE", "no DONE, no usage", "no reason", "TGI's reason", "empty chunk"],
)
@pytest.mark.parametrize("streamed", [False, True])
def test_text(client, answer, events, streamed):
    """Each of these is a whole response: with its text, one id, a finish_reason, usage, and [DONE]."""
    answer(stream(*events))
    response = send(client, stream=streamed, stream_options={"include_usage": True} if streamed else None)
    assert response.status_code == 200, response.text
    has_usage = any(b"total_tokens" in item for item in events)
    if streamed:
        *chunks, end = read_events(response)
        assert end == "[DONE]"
        chunks = [json.loads(chunk) for chunk in chunks]
        assert len({(chunk["id"], chunk["created"], chunk["model"]) for chunk in chunks}) == 1
        parts = [choice for chunk in chunks for choice in chunk["choices"]]
        assert "".join(part["delta"].get("content") or "" for part in parts) == "Hello"
        assert [part["finish_reason"] for part in parts if part["finish_reason"]] == ["stop"]
        final = chunks[-1]
        assert final["choices"] == []
    else:
        final = response.json()
        assert final["choices"][0]["message"]["content"] == "Hello"
        assert final["choices"][0]["finish_reason"] == "stop"
    assert final["model"] == MODEL
    assert final["id"].startswith("chatcmpl-")
    assert (final["usage"]["completion_tokens"] > 0) if not has_usage else (final["usage"]["total_tokens"] == 7)


def test_the_request(client, answer, upstream):
    """It has the id of the request to the edge, asks for a stream with usage, and has the name of the model there."""
    answer(stream(*HELLO))
    response = send(client, max_tokens=9)
    path, body, headers = upstream.requests[-1]
    assert path == CHAT
    assert headers["x-request-id"] == response.headers["x-request-id"]
    assert body["model"] == MODEL
    assert body["stream_options"] == {"include_usage": True}
    assert body["max_tokens"] == 9
    assert not {"cache_prompt", "timings_per_token"} & set(body)


def test_max_tokens_beyond_the_context(client, answer, upstream):
    """Servers reject a limit that exceeds what is left of the context; the edge asks again without one."""
    message = "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens"

    def script(body):
        rejected = respond({"object": "error", "message": message, "code": 400}, "400 Bad Request")
        return (rejected if "max_tokens" in body else stream(*HELLO))(body)

    answer(script)
    assert send(client, max_tokens=5000).json()["choices"][0]["message"]["content"] == "Hello"
    assert ["max_tokens" in body for body in upstream.bodies(CHAT)] == [True, False]


ERRORS = {
    "OpenAI": (
        {"error": {"message": "Bad.", "type": "x", "param": "top_p", "code": "invalid_value"}},
        (400, "invalid_value", "Bad."),
    ),
    "vLLM": (
        {"object": "error", "message": "Bad.", "type": "BadRequestError", "code": 400},
        (400, "invalid_value", "Bad."),
    ),
    "FastAPI": ({"detail": "Bad."}, (400, "invalid_value", "Bad.")),
    "TGI": ({"error": "Bad.", "error_type": "validation"}, (400, "invalid_value", "Bad.")),
    "text": (b"Bad.", (400, "invalid_value", "Bad.")),
    "context": (
        {
            "error": {
                "code": 400,
                "type": "exceed_context_size_error",
                "message": "the request exceeds the context size",
            }
        },
        (400, "context_length_exceeded", "the request exceeds the context size"),
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors(client, answer, name):
    """They have the envelope of the edge, and a text as their code."""
    body, expected = ERRORS[name]
    answer(respond(body, "400 Bad Request"))
    response = send(client)
    error = response.json()["error"]
    assert (response.status_code, error["code"], error["message"]) == expected
    assert error["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        ("429 Too Many Requests", ["retry-after: 7"], (429, "rate_limit_exceeded", "7")),
        ("503 Service Unavailable", ["retry-after: 9"], (503, "model_unavailable", "9")),
        ("503 Service Unavailable", [], (503, "model_unavailable", None)),
        ("500 Internal Server Error", [], (503, "model_unavailable", None)),
        ("401 Unauthorized", [], (503, "model_unavailable", None)),
        ("404 Not Found", [], (404, "model_not_found", None)),
    ],
)
def test_statuses(client, answer, status, headers, expected):
    """Retry-After is passed on; the key of the edge and a failure of the server are no fault of the client."""
    answer(respond({"error": {"message": "No.", "code": 1}}, status, *headers))
    for streamed in (False, True):
        response = send(client, stream=streamed)
        error = response.json()["error"]
        assert (response.status_code, error["code"], response.headers.get("retry-after")) == expected
        assert "No." in error["message"]


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (reset, "does not respond"),
        (stream(), "ended its stream"),
        (stream(*HELLO[:3]), "ended its stream"),
        (stream(*HELLO[:3], chunked=True), "does not respond"),
        (stream(*HELLO[:3], b"data: {nonsense\n\n"), "invalid JSON"),
        (stream(*HELLO[:3], event({"error": {"message": "Out of memory", "code": 500}})), "Out of memory"),
        (respond({"choices": []}), "application/json for a stream"),
        (respond("<html>", media_type="text/html"), "invalid JSON"),
    ],
    ids=["reset", "nothing", "cut", "cut in chunks", "bad JSON", "error in the stream", "no stream", "HTML"],
)
@pytest.mark.parametrize("streamed", [False, True])
def test_failures(client, answer, script, message, streamed):
    """A failure before the first event is 503; after it, the last event of the stream, never a silent end."""
    answer(script)
    response = send(client, stream=streamed)
    if response.status_code == 200:
        events = read_events(response)
        assert "[DONE]" not in events
        error = json.loads(events[-1])["error"]
    else:
        assert response.status_code == 503
        error = response.json()["error"]
    assert (error["type"], error["code"]) == ("server_error", "model_unavailable")
    assert message in error["message"]


def test_a_server_that_sends_nothing(client, answer, upstream):
    """It has a timeout; then its connection is closed."""
    answer(upstream.hang())
    response = send(client)
    assert response.status_code == 503
    assert "sent nothing for 2 s" in response.json()["error"]["message"]
    assert upstream.closed.acquire(timeout=TIMEOUT)


def open_requests(client, count, **fields):
    """Send requests without waiting for their responses, each on a connection of its own."""
    body = json.dumps(BODY | fields).encode()
    key = client.headers["authorization"]
    head = f"POST {CHAT} HTTP/1.1\r\nHost: {client.base_url.netloc.decode()}\r\nAuthorization: {key}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    connections = [socket.create_connection((client.base_url.host, client.base_url.port)) for _ in range(count)]
    for connection in connections:
        connection.sendall(head.encode() + body)
    return connections


@pytest.mark.parametrize("events", [(), HELLO[:2]], ids=["before", "after"])
@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
def test_a_client_that_leaves_ends_the_request_to_the_server(client, answer, upstream, events, streamed):
    """Before the first token, and after it."""
    answer(upstream.hang(*events))
    (connection,) = open_requests(client, 1, stream=streamed)
    assert upstream.waiting.acquire(timeout=TIMEOUT)
    connection.close()
    assert upstream.closed.acquire(timeout=TIMEOUT)


def test_requests_that_wait_need_no_threads(client, answer, upstream):
    """They wait on the event loop of the edge."""
    answer(upstream.hang(*HELLO[:2]))
    connections = open_requests(client, 5, stream=True)
    for _ in connections:
        assert upstream.waiting.acquire(timeout=TIMEOUT)
    edge_threads = [thread.name for thread in threading.enumerate() if thread.name.startswith("edge-upstream_")]
    for connection in connections:
        connection.close()
    for _ in connections:
        assert upstream.closed.acquire(timeout=TIMEOUT)
    assert len(edge_threads) < len(connections)


LONG = "x" * 100_000
FORMAT = {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "string"}}}


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    "fields",
    [{"messages": [{"role": "user", "content": LONG}]}, {"response_format": FORMAT}],
    ids=["a long body", "a schema"],
)
def test_what_takes_long(client, answer, upstream, fields, streamed):
    """It arrives as it is, and the text is checked."""
    answer(stream(delta('"Hel'), delta('lo"', "stop"), usage(), DONE))
    response = send(client, stream=streamed, **fields)
    assert response.status_code == 200, response.text
    assert 'lo\\"' in response.text
    for name, value in fields.items():
        assert upstream.bodies(CHAT)[-1][name] == value


def test_a_text_that_does_not_match_its_schema(client, answer):
    """Of a stream the last event says it, behind the text; a plain response is requested again first."""
    answer(stream(delta("1"), delta("2", "stop"), usage(), DONE))
    first, *_, last = read_events(send(client, response_format=FORMAT, stream=True))
    assert json.loads(first)["choices"][0]["delta"]["role"] == "assistant"
    assert json.loads(last)["error"]["code"] == "schema_mismatch"
    assert send(client, response_format=FORMAT).json()["error"]["code"] == "schema_mismatch"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"messages": [{"role": "nobody", "content": "a"}]}, "messages"),
        ({"n": 9}, "n"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"modalities": ["audio"], "audio": {"voice": "alloy", "format": "wav"}}, "modalities"),
        ({"top_k": 5}, "top_k"),
        ({"structured_outputs": {"regex": "a+"}}, "structured_outputs.regex"),
    ],
)
def test_what_the_edge_rejects(client, answer, upstream, fields, param):
    """The request does not reach the server; a field that it would drop in silence is named."""
    answer(stream(*HELLO))
    response = send(client, **fields)
    assert response.status_code == 400
    assert response.json()["error"]["param"].startswith(param)
    assert upstream.bodies(CHAT) == []


TOOL = {"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}


def test_tool_calls_in_fragments(client, answer):
    """They are sent complete, each with an id of its own, and the reason is that of a call."""
    calls = [
        {"index": 0, "id": "a", "function": {"name": "add", "arguments": ""}},
        {"index": 0, "function": {"arguments": '{"a":'}},
        {"index": 0, "function": {"arguments": "1}"}},
        {"index": 1, "id": "a", "function": {"name": "add", "arguments": "{}"}},
    ]
    answer(stream(*(delta(tool_calls=[call]) for call in calls), delta(reason="stop"), usage(), DONE))
    choice = send(client, tools=[TOOL]).json()["choices"][0]
    functions = [call["function"] for call in choice["message"]["tool_calls"]]
    assert functions == [{"name": "add", "arguments": '{"a":1}'}, {"name": "add", "arguments": "{}"}]
    assert len({call["id"] for call in choice["message"]["tool_calls"]}) == 2
    assert choice["finish_reason"] == "tool_calls"


def test_choices_are_requests(client, answer, upstream):
    """So that they work with servers that know no `n`; the usage has the prompt once."""
    answer(stream(*HELLO))
    response = send(client, n=2).json()
    assert [choice["index"] for choice in response["choices"]] == [0, 1]
    assert response["usage"]["prompt_tokens"] == USAGE["prompt_tokens"]
    assert len(upstream.bodies(CHAT)) == 2


def test_reasoning_is_not_dropped(client, answer):
    """It is a field of the message."""
    answer(stream(delta(reasoning_content="Hm."), *HELLO[1:]))
    message = send(client).json()["choices"][0]["message"]
    assert (message["reasoning_content"], message["content"]) == ("Hm.", "Hello")


def test_a_completion(client, answer, upstream):
    """It has the default of the API for max_tokens, and log probabilities of the older form."""
    logprobs = {"tokens": ["a"], "token_logprobs": [-1.0], "top_logprobs": [{"a": -1.0, "b": -2.0}], "text_offset": [0]}
    choice = {"index": 0, "text": "a", "logprobs": logprobs, "finish_reason": "length"}
    answer(stream(event({"choices": [choice]}), usage(), DONE), "/v1/completions")
    response = client.post("/v1/completions", json={"model": MODEL, "prompt": "x", "logprobs": 2})
    assert response.json()["choices"][0]["logprobs"] == logprobs
    assert upstream.bodies("/v1/completions")[0]["max_tokens"] == 100


def test_names(client):
    """The models of the server are in the list, beside those of the edge; an unknown one is 404."""
    listed = {model["id"]: model for model in client.get("/v1/models").json()["data"]}
    assert listed[MODEL]["owned_by"] == "someone"
    assert "whisper-base" in listed
    response = client.post(CHAT, json=BODY | {"model": "none-such"})
    assert (response.status_code, response.json()["error"]["code"]) == (404, "model_not_found")


def test_load_and_unload(client):
    """A server without such functions keeps its models: loading succeeds, unloading is an honest 409."""
    assert client.post("/v1/models/load", json={"model_name": MODEL}).json()["message"] == "already loaded"
    response = client.post("/v1/models/unload", json={"model_name": MODEL})
    assert (response.status_code, response.json()["error"]["code"]) == (409, "not_supported")
    assert client.get("/v1/models/status").json()["loading_status"][MODEL] == "loaded"
    response = client.post("/v1/models/unload-all").json()
    assert response["status"] == "failed"
    assert response["errors"][0].startswith(f"{MODEL}: upstream http://127.0.0.1:")


def test_several_servers_share_a_model():
    """One that fails before the first token is replaced, the next request goes to the other at once."""
    down, up = ScriptedUpstream(), ScriptedUpstream()
    down.answers[CHAT], up.answers[CHAT] = reset, stream(*HELLO)
    with run_edge(down, up) as (edge, client):
        for _ in range(3):
            assert send(client).json()["choices"][0]["message"]["content"] == "Hello"
        down.close()
        assert send(client).status_code == 200
        for server in edge.services.pool.upstreams._servers:
            assert server.active == 0


def test_the_least_loaded_server_is_chosen():
    """While one has a request, the next one goes to the other."""
    servers = ScriptedUpstream(), ScriptedUpstream()
    servers[0].answers[CHAT] = servers[0].hang(*HELLO[:2])
    servers[1].answers[CHAT] = stream(*HELLO)
    with run_edge(*servers) as (_, client), client.stream("POST", CHAT, json=BODY | {"stream": True}) as response:
        chunks = response.iter_raw()
        next(chunks)
        for _ in range(3):
            assert send(client).status_code == 200
        assert len(servers[1].bodies(CHAT)) == 3


def test_a_server_that_is_down_at_the_start():
    """The message says what to do; with the names of its models the edge starts, and says that they have failed."""
    server = ScriptedUpstream()
    server.close()
    with pytest.raises(
        UpstreamSettingsError, match=re.escape(f"upstream {server.url} does not respond") + ".*start it"
    ):
        ModelPool(EdgeSettings(upstreams=(UpstreamSource(url=server.url),)))
    with run_edge(server, models={"mine": "theirs"}) as (_, client):
        assert client.get("/v1/models/status").json()["loading_status"]["mine"] == "failed"
        assert send(client, model="mine").status_code == 503


def test_an_edge_whose_upstream_does_not_respond_is_not_ready():
    """/readyz names the models without a server, and not where the servers are, for it needs no key."""
    down, up = ScriptedUpstream(models("someone", "a", "b")), ScriptedUpstream(models("someone", "b"))
    with run_edge(down, up) as (edge, client):
        assert client.get("/readyz").status_code == 200
        listed, down.answers["/v1/models"] = down.answers["/v1/models"], reset
        check(edge.services.pool.upstreams)
        response = client.get("/readyz", headers={"Authorization": ""})
        reason = "model 'a': none of its upstream servers responds"
        assert (response.status_code, response.json()) == (503, {"status": "unavailable", "reasons": [reason]})
        assert client.get("/livez").status_code == 200
        down.answers["/v1/models"] = listed
        check(edge.services.pool.upstreams)
        assert client.get("/readyz").json() == {"status": "ready"}


def test_embeddings():
    """They are in the order of the inputs, whatever the order of the response, and in the encoding of the request."""
    data = [{"index": 1, "embedding": [2.0, 0.0]}, {"index": 0, "embedding": [1.0, 0.0]}]
    server = ScriptedUpstream(models("someone", "bge-m3"))
    server.answers["/v1/embeddings"] = respond({"data": data, "usage": {"prompt_tokens": 3, "total_tokens": 3}})
    with run_edge(server) as (_, client):
        body = {"model": "bge-m3", "input": ["a", "b"]}
        response = client.post("/v1/embeddings", json=body).json()
        assert [item["embedding"][0] for item in response["data"]] == [1.0, 2.0]
        assert response["usage"]["total_tokens"] == 3
        encoded = client.post("/v1/embeddings", json=body | {"encoding_format": "base64"}).json()
        assert encoded["data"][0]["embedding"] == "AACAPwAAAAA="
        response = client.post("/v1/embeddings", json=body | {"input": ["a"]})
        assert (response.status_code, "2 embeddings for 1 inputs" in response.text) == (503, True)


def test_speech_and_transcripts():
    """The audio is passed on as it comes; a recording is decoded here, and its transcript has all formats."""
    server = ScriptedUpstream(models("someone", "kokoro-x", "whisper-x"))
    server.answers["/v1/audio/speech"] = respond(b"RIFFx", media_type="audio/wav")
    segments = [{"start": 0.0, "end": 0.05, "text": " Hello."}]
    transcript = {"text": "Hello.", "language": "en", "segments": segments}
    server.answers["/v1/audio/transcriptions"] = respond(transcript)
    with run_edge(server) as (_, client):
        body = {"model": "kokoro-x", "input": "Hello.", "voice": "anna", "response_format": "wav"}
        response = client.post("/v1/audio/speech", json=body)
        assert (response.content, response.headers["content-type"]) == (b"RIFFx", "audio/wav")
        assert server.bodies("/v1/audio/speech")[0]["voice"] == "anna"
        server.answers["/v1/audio/speech"] = respond({"error": {"message": "no voice"}}, "400 Bad Request")
        assert client.post("/v1/audio/speech", json=body).status_code == 400
        files = {"file": ("a.wav", _silence(), "audio/wav")}
        form = {"model": "whisper-x", "response_format": "srt"}
        response = client.post("/v1/audio/transcriptions", data=form, files=files)
        assert response.text == "1\n00:00:00,000 --> 00:00:00,050\nHello.\n"


def _silence():
    """A tenth of a second of silence."""
    size = 3200
    fields = b"".join(
        value.to_bytes(length, "little")
        for value, length in [(16, 4), (1, 2), (1, 2), (16000, 4), (32000, 4), (2, 2), (16, 2)]
    )
    return (
        b"RIFF"
        + (36 + size).to_bytes(4, "little")
        + b"WAVEfmt "
        + fields
        + b"data"
        + size.to_bytes(4, "little")
        + bytes(size)
    )
