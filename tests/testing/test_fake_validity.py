"""Answers and requests that are not valid by openapi.yaml."""

import httpx
import pydantic
import pytest

import polargrid
from polargrid_testing import Answer, InvalidAnswerError

CHAT = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hi"}]}
KEY = {"authorization": "Bearer pg_x"}


@pytest.mark.parametrize(
    ("script", "path", "expected", "actual"),
    [
        (
            lambda fake, **options: fake.chat("a", finish_reason="end", **options),
            "choices[0].finish_reason",
            'one of "stop", "length"',
            '"end"',
        ),
        (
            lambda fake, **options: fake.chat({"tool_calls": [{"name": 3}]}, **options),
            "choices[0].message.tool_calls[0].function.name",
            "of type string",
            "3",
        ),
        (
            lambda fake, **options: fake.chat("a", usage={"prompt_tokens": -1}, **options),
            "usage",
            "a field 'completion_tokens'",
            '{"prompt_tokens": -1}',
        ),
        (
            lambda fake, **options: fake.on("list_models", **options).respond({"object": "list", "data": [{}]}),
            "data[0]",
            "a field",
            "{}",
        ),
        (
            lambda fake, **options: fake.on("health", **options).respond(Answer(200, {"content-type": "text/html"})),
            "content-type",
            "'application/json'",
            "'text/html'",
        ),
        (lambda fake, **options: fake.on("health", **options).respond({}, status=299), "status", "a status", "299"),
        (
            lambda fake, **options: fake.on("health", **options).respond(
                Answer(200, {"content-type": "application/json"}, b"{")
            ),
            "",
            "JSON",
            "{",
        ),
    ],
)
def test_invalid_answer(fake, script, path, expected, actual):
    """It is rejected where it is scripted: with the path, what is expected, and the value; or sent on purpose."""
    with pytest.raises(InvalidAnswerError) as caught:
        script(fake)
    error = caught.value
    assert error.path == path
    assert expected in error.expected
    assert actual in str(error.actual)
    assert "validate=False" in str(error)
    script(fake, validate=False)


def test_invalid_answer_of_a_function(client, fake):
    """The program gets an error, and `check` raises what is wrong, once."""
    fake.on("list_models").respond(lambda _request: {"object": "list", "data": 3})
    with pytest.raises(Exception, match="the script of this test failed: InvalidAnswerError") as caught:
        client.models.list()
    assert caught.value.meta.attempts == 1
    with pytest.raises(InvalidAnswerError, match="data: expected of type array, got 3"):
        fake.check()
    fake.check()


def test_exception_of_a_function(client, fake):
    """`check` raises it."""
    fake.chat("x", when=lambda request: request.json["nothing"])
    fake.completion(lambda _request: 1 / 0)
    with pytest.raises(Exception, match="unscripted"):
        client.chat_completion(CHAT)
    with pytest.raises(Exception, match="ZeroDivisionError"):
        client.completion({"model": "m", "prompt": "x"})
    with pytest.raises(KeyError):
        fake.check()


def test_invalid_event(client, fake):
    """An event of a stream is checked as well."""
    data = b'data: {"type": "transcript.text.delta"}\n\n'
    fake.on("stream_transcription").respond(lambda _: Answer(200, {"content-type": "text/event-stream"}, data))
    with pytest.raises(Exception, match="event 1"):
        list(client.stream_transcription(b"RIFF", {"model": "whisper-1"}))


def post(fake, path="/v1/chat/completions", **options):
    with fake.http_client() as client:
        return client.post(path, **{"headers": KEY, **options})


@pytest.mark.parametrize(
    ("options", "status", "code", "text"),
    [
        ({"headers": {}}, 401, "invalid_api_key", "Invalid API key"),
        ({"headers": {"authorization": "Basic eA=="}}, 401, "invalid_api_key", "Invalid API key"),
        ({"path": "/v1/nothing"}, 404, "not_found", "unknown path /v1/nothing"),
        ({"path": "/v1/models"}, 405, "method_not_allowed", "method POST not allowed; expected one of: GET"),
        ({}, 400, "missing_body", "missing body; expected application/json"),
        ({"content": b"x"}, 415, "unsupported_media_type", "unsupported Content-Type ''"),
        ({"data": {"a": "b"}}, 415, "unsupported_media_type", "expected application/json"),
        ({"content": b"{", "headers": KEY | {"content-type": "application/json"}}, 400, "invalid_json", "invalid JSON"),
        ({"json": {}}, 400, "invalid_value", "invalid body: expected a field 'model'"),
        ({"json": CHAT | {"n": 99}}, 400, "invalid_value", "n: expected at most"),
        ({"json": CHAT | {"messages": [{"role": "x"}]}}, 400, "invalid_value", "messages[0].role: expected one of"),
    ],
)
def test_invalid_request(fake, options, status, code, text):
    """The answer is an error as of the edge, and valid by openapi.yaml; it is recorded, and no failure of the test."""
    fake.use_examples()
    response = post(fake, **options)
    assert response.status_code == status
    error = response.json()["error"]
    assert (error["code"], text in error["message"]) == (code, True), error
    assert "x-request-id" in response.headers
    assert len(fake.requests) == 1
    fake.check()


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"data": {"model": "m"}, "files": {"other": b"x"}}, "expected a field 'file'"),
        ({"data": {"model": "m", "temperature": "7"}, "files": {"file": b"x"}}, "temperature: expected at most 1"),
        ({"data": {"model": "m", "temperature": "x"}, "files": {"file": b"x"}}, "temperature: expected of type number"),
        ({"content": b"x", "headers": KEY | {"content-type": "multipart/form-data"}}, "invalid form"),
        ({"content": b"x", "headers": KEY | {"content-type": "multipart/form-data; boundary=x"}}, "closing boundary"),
    ],
)
def test_invalid_form(fake, options, text):
    """The fields of a form are checked as those of an object."""
    fake.use_examples()
    response = post(fake, "/v1/audio/transcriptions", **options)
    assert response.status_code == 400
    assert text in response.json()["error"]["message"]


def test_invalid_query(fake):
    """The parameters of a query are checked."""
    fake.use_examples()
    with fake.http_client(headers=KEY) as client:
        assert client.get("/v1/usage", params={"start_date": "yesterday"}).status_code == 400
        assert (
            client.get("/v1/usage", params={"start_date": "2026-11-01"}).json()["period"]["start_date"] == "2026-11-01"
        )


def test_key_of_the_fake(connect):
    """A fake with a key accepts that one only."""
    from polargrid_testing import FakeEdge

    with FakeEdge(api_key="pg_right") as fake:
        fake.use_examples()
        assert connect(base_url=fake.url, api_key=fake.api_key).health()
        with pytest.raises(Exception, match="Invalid API key"):
            connect(base_url=fake.url, api_key="pg_wrong").health()


def test_proxy(fake):
    """A request to a proxy has the whole URL, and is the same."""
    fake.use_examples()
    with httpx.Client(proxy=fake.url, headers=KEY) as client:
        assert client.get("http://edge.invalid/health").json()["status"] == "healthy"


@pytest.mark.parametrize("path", ["/v1/mod%65ls", "/%76%31/models"])
def test_path_in_another_spelling(fake, path):
    """Characters that need no escape are the same escaped."""
    fake.use_examples()
    with fake.http_client(headers=KEY) as client:
        assert client.get(path).json()["object"] == "list"


@pytest.mark.parametrize("path", ["/health", "/v1/chat/completions"])
def test_head(fake, path):
    """The response to HEAD has no body, and the connection is used again."""
    with httpx.Client(base_url=fake.url, headers=KEY) as client:
        for _ in range(2):
            response = client.head(path)
            assert (response.status_code, response.content) == (405, b"")
    assert fake._server.connections == 1


def test_http_1_0(fake):
    """A stream is sent without chunks."""
    import json
    import socket

    fake.chat("Hello there")
    body = json.dumps(CHAT | {"stream": True}).encode()
    head = (
        f"POST /v1/chat/completions HTTP/1.0\r\nHost: x\r\nAuthorization: Bearer x\r\nContent-Length: {len(body)}\r\n"
    )
    with socket.create_connection(("127.0.0.1", fake._server.port)) as sock:
        sock.sendall(head.encode() + b"Content-Type: application/json\r\n\r\n" + body)
        response = b"".join(iter(lambda: sock.recv(65536), b""))
    assert b"content-length" in response
    assert response.endswith(b"data: [DONE]\n\n")


CHAT_OF = '{"model": "m", "messages": [{"role": "user", "content": "Hi"}], %s}'


@pytest.mark.parametrize(
    "body",
    [
        CHAT_OF % r'"\ud800": 1',
        CHAT_OF.replace('"m"', r'"\ud800"') % '"n": 1',
        '{"model": "m", "messages": ' + "[" * 900 + "]" * 900 + "}",
        CHAT_OF % '"max_tokens": NaN',
        CHAT_OF % ('"max_tokens": ' + "9" * 5000),
        CHAT_OF % '"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {"$ref": "#/b"}}}',
    ],
)
def test_hostile_json(fake, body):
    """It is rejected, in the process and on a connection, which goes on."""
    fake.use_examples()
    headers = {"authorization": "Bearer x", "content-type": "application/json"}
    with fake.http_client(headers=headers) as inside, httpx.Client(base_url=fake.url, headers=headers) as outside:
        for client in (inside, outside):
            response = client.post("/v1/chat/completions", content=body)
            assert (response.status_code, response.json()["error"]["type"]) == (400, "invalid_request_error")
            assert client.get("/health").status_code == 200
    assert fake._server.connections == 1
    fake.check()


def test_form_of_an_operation_without_one(fake):
    """A broken form that nobody reads is no error of the test's script."""
    headers = {"authorization": "Bearer x", "content-type": "multipart/form-data; boundary=a"}
    with fake.http_client(headers=headers) as client:
        response = client.request("GET", "/v1/models", content=b"x")
    assert response.json()["error"]["code"] == "unscripted_request"


def test_large_vectors(client, fake):
    """A request cannot use up the memory of the test."""
    fake.embedding()
    with pytest.raises(polargrid.PolarGridError, match="dimensions: 10000000 is out of range; expected at most 65536"):
        client.embeddings.create(model="m", input="x", dimensions=10_000_000)
    fake.check()


class Node(pydantic.BaseModel):
    """A schema with an end only where it is optional, and with limits."""

    name: str = pydantic.Field(min_length=6, max_length=8)
    numbers: list[int] = pydantic.Field(min_length=2)
    above: float = pydantic.Field(gt=3)
    below: float = pydantic.Field(lt=0)
    next: "Node | None"
    children: list["Node"]


def test_example_of_a_schema(client, fake):
    """The example of a structured output is one that the program can read."""
    fake.use_examples()
    messages = [{"role": "user", "content": "Hi"}]
    response = client.chat.completions.parse(model="m", messages=messages, response_format=Node)
    assert isinstance(response.parsed, Node)
