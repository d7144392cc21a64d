"""What both clients do with a request and its answer; streams stand in test_streams.py."""

import io
import json
import logging
import threading
import traceback

import httpx
import pytest

import polargrid
from polargrid import (
    AuthenticationError,
    NetworkError,
    NotFoundError,
    PolarGridError,
    RateLimitError,
    ServerError,
    ValidationError,
)
from polargrid_generated.operations import OPERATIONS

CHAT = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hi"}]}
BUSY = httpx.Response(503, headers={"retry-after-ms": "1"}, json={"error": {"message": "busy"}})
WAV = b"RIFF" + bytes(range(256)) * 1000


@pytest.fixture
def health(spec):
    return httpx.Response(200, json=spec["health"].answer)


@pytest.fixture
def chat(spec):
    return httpx.Response(200, json=spec["chat_completion"].answer)


TRANSCRIPT = httpx.Response(200, json={"text": "Hello from the edge."})


class Once(io.RawIOBase):
    """A stream that can be read once."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        return self._data.readinto(buffer)


# Every method


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_method(connect, spec, operation):
    """Each method sends the method and path of openapi.yaml, and answers the spec's example as a model."""
    told = spec[operation.name]
    body = b"ID3" if told.answer is None else json.dumps(told.answer).encode()
    client = connect(httpx.Response(200, headers={"content-type": told.media_type}, content=body))
    arguments = [b"RIFF"] if operation.file else []
    answer = getattr(client, operation.name)(*arguments, *([told.request] if told.request is not None else []))
    (request,) = client.requests
    assert (request.method, request.url.path) == (told.method, told.path)
    if isinstance(told.request, dict) and not operation.file:
        assert json.loads(request.content) == told.request
    assert body == answer if told.answer is None else answer.model_dump(exclude_unset=True) == told.answer


def test_every_operation_is_in_the_spec(spec):
    """The methods are those of openapi.yaml, all of them."""
    assert {operation.name for operation in OPERATIONS} == set(spec)


def test_headers(connect, health, key):
    """A request carries the key, and says who asks."""
    client = connect(health)
    client.health()
    headers = client.requests[0].headers
    assert headers["authorization"] == f"Bearer {key}"
    assert headers["user-agent"] == f"polargrid-python/{polargrid.__version__}"
    assert headers["accept"] == "application/json"


def test_url(connect, health):
    """A request goes to the region of the client."""
    client = connect(health, region="montreal")
    client.health()
    assert str(client.requests[0].url) == "https://api.ymq-01.edge.polargrid.ai:55111/health"


def test_url_behind_a_path(connect, health):
    """An edge behind a path is asked behind that path."""
    client = connect(health, base_url="https://proxy.example/edge/v1")
    client.health()
    assert str(client.requests[0].url) == "https://proxy.example/edge/health"


def test_query(connect):
    """What the spec has in the query goes out in the query."""
    client = connect(TRANSCRIPT)
    client.transcribe(b"RIFF", {"model": "whisper-1"})
    assert client.requests[0].url.query == b"sync=true"


def test_nothing_is_sent_for_a_malformed_request(connect, chat):
    """A malformed request is told before anything is sent."""
    client = connect(chat)
    with pytest.raises(ValidationError, match="messages"):
        client.chat_completion({"model": "m"})
    assert client.requests == []


# Errors


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, ValidationError),
        (401, AuthenticationError),
        (404, NotFoundError),
        (429, RateLimitError),
        (500, ServerError),
        (418, PolarGridError),
    ],
)
def test_error_status(connect, status, kind):
    """An error status raises the exception of it, with what the edge says."""
    body = {"error": {"message": "it says", "type": "a_type", "code": "a_code"}}
    client = connect(httpx.Response(status, headers={"x-request-id": "req_1"}, json=body))
    with pytest.raises(kind, match="it says") as caught:
        client.chat_completion(CHAT)
    error = caught.value
    assert (error.status_code, error.request_id, error.type, error.code) == (status, "req_1", "a_type", "a_code")


def test_retry_after_is_told(connect):
    """A RateLimitError says how long to wait."""
    with pytest.raises(RateLimitError) as caught:
        connect(httpx.Response(429, headers={"Retry-After": "7"})).health()
    assert caught.value.retry_after == 7.0


def test_redirects_are_not_followed(connect, health):
    """A redirect is an error: the key goes to the edge alone."""
    client = connect(httpx.Response(307, headers={"location": "https://evil.example/"}), health)
    with pytest.raises(ServerError, match="307"):
        client.health()
    assert len(client.requests) == 1


def test_own_client_follows_no_redirects(connect, serve, key):
    """Nor does the HTTP client that the SDK makes follow them."""
    other = serve(lambda connection: connection.answer(b"{}"))

    def redirect(connection):
        connection.request()
        connection.answer(b"", f"location: {other.url}/health", status="307 Temporary Redirect")

    with pytest.raises(ServerError, match="307"):
        connect(base_url=serve(redirect).url).health()
    assert other.connections == 0


@pytest.mark.parametrize(
    "error",
    [
        httpx.ReadError("reset"),
        httpx.WriteError("broken pipe"),
        httpx.RemoteProtocolError("closed"),
        httpx.ProxyError("no"),
        httpx.TooManyRedirects("no"),
        ConnectionResetError("reset"),
        OSError("no"),
    ],
)
def test_broken_connections(connect, error):
    """A connection that breaks is a NetworkError, raised from its cause."""
    with pytest.raises(NetworkError) as caught:
        connect(error).health()
    assert caught.value.__cause__ is error


@pytest.mark.parametrize("kind", [httpx.ConnectTimeout, httpx.ReadTimeout, httpx.WriteTimeout, httpx.PoolTimeout])
def test_timeouts(connect, kind):
    """Whatever took too long, it is a TimeoutError, ours and Python's."""
    with pytest.raises(TimeoutError, match="too long") as caught:
        connect(kind("slow")).health()
    assert isinstance(caught.value, polargrid.TimeoutError)


def test_refused(connect, serve):
    """A port where nobody listens is a NetworkError."""
    edge = serve(lambda _: None)
    edge.join()
    with pytest.raises(NetworkError, match="cannot be reached"):
        connect(base_url=edge.url).health()


def test_closed_without_an_answer(connect, serve):
    """A connection that closes without an answer is a NetworkError."""
    with pytest.raises(NetworkError):
        connect(base_url=serve(lambda connection: connection.request()).url).health()


def test_reset(connect, serve):
    """So is one that is reset."""

    def reset(connection):
        connection.request()
        connection.reset()

    with pytest.raises(NetworkError):
        connect(base_url=serve(reset).url).health()


@pytest.mark.parametrize(
    "answer",
    [
        b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"status"',
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n1000\r\n{",
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{",
        b"HTTP/1.1 200 OK\r\ncontent-ty",
        b"HTTP/1.1 banana\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
    ],
    ids=["short body", "cut chunk", "chunk of junk", "cut head", "junk status", "no HTTP"],
)
def test_truncated_answers(connect, serve, answer):
    """An answer that is not whole is a NetworkError, never half a value."""

    def truncated(connection):
        connection.request()
        connection.send(answer)

    with pytest.raises(NetworkError):
        connect(base_url=serve(truncated).url).health()


def test_truncated_audio(connect, serve):
    """Audio that is not whole is a NetworkError, too: its first half looks like audio."""

    def truncated(connection):
        connection.request()
        connection.send(b"HTTP/1.1 200 OK\r\ncontent-type: audio/mpeg\r\ncontent-length: 1000\r\n\r\nID3")

    with pytest.raises(NetworkError):
        connect(base_url=serve(truncated).url).text_to_speech({"model": "tts-1", "input": "Hi", "voice": "alloy"})


def test_undecodable_answer(connect, serve):
    """An answer that says it is compressed and is not is a ServerError."""

    def lying(connection):
        connection.request()
        connection.answer(b"not gzip", "content-encoding: gzip")

    with pytest.raises(ServerError, match="no gzip"):
        connect(base_url=serve(lying).url).health()


def test_stalled_answer(connect, serve):
    """An edge that takes the request and says nothing is a TimeoutError after the timeout."""

    def stalled(connection):
        connection.request()
        connection.left()

    edge = serve(stalled)
    with pytest.raises(polargrid.TimeoutError, match="answer took too long"):
        connect(base_url=edge.url, timeout=0.05).health()


def test_answer_byte_by_byte(connect, serve, spec):
    """An answer that comes a byte at a time is the answer."""

    def slowly(connection):
        connection.request()
        body = json.dumps(spec["health"].answer).encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode()
        for byte in head + body:
            connection.send(bytes([byte]))

    assert connect(base_url=serve(slowly).url).health().status == "healthy"


@pytest.mark.parametrize("answer", [httpx.Response(401), httpx.Response(200, text="?"), httpx.ConnectError("refused")])
def test_errors_hold_no_key(connect, key, caplog, answer):
    """No traceback and no log line holds the key."""
    caplog.set_level(logging.DEBUG)
    with pytest.raises(PolarGridError) as caught:
        connect(answer).health()
    assert key not in "".join(traceback.format_exception(caught.value)) + repr(caught.value) + caplog.text


def test_the_wire_logs_no_key(connect, serve, spec, key, caplog):
    """Nor does a log line at its chattiest, over a real connection."""
    caplog.set_level(logging.DEBUG)

    def answer(connection):
        connection.request()
        connection.answer(json.dumps(spec["health"].answer).encode())

    edge = serve(answer)
    connect(base_url=edge.url).health()
    assert edge.requests[0].headers["authorization"] == f"Bearer {key}"
    assert caplog.text
    assert key not in caplog.text


# Trying again


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504])
def test_try_again(connect, health, status):
    """What may pass is tried again, as often as is allowed, until it has passed."""
    busy = httpx.Response(status, headers={"retry-after-ms": "1"})
    client = connect(busy, busy, health, max_retries=2)
    assert client.health().status == "healthy"
    assert len(client.requests) == 3


def test_too_often(connect):
    """After the last try its error is raised."""
    client = connect(BUSY, max_retries=2)
    with pytest.raises(ServerError, match="busy"):
        client.health()
    assert len(client.requests) == 3


def test_no_retries(connect, health):
    """With no retries the first error is raised."""
    client = connect(BUSY, health, max_retries=0)
    with pytest.raises(ServerError):
        client.health()
    assert len(client.requests) == 1


@pytest.mark.parametrize("status", [307, 400, 401, 402, 403, 404, 413, 415, 422])
def test_not_again(connect, health, status):
    """What is wrong with the request is not tried again."""
    client = connect(httpx.Response(status, headers={"retry-after-ms": "1"}), health, max_retries=2)
    with pytest.raises(PolarGridError):
        client.health()
    assert len(client.requests) == 1


def test_a_strange_success_is_not_tried_again(connect, health):
    """A success that cannot be read is raised at once: the edge did its work."""
    client = connect(httpx.Response(200, html="<p>Hi</p>"), health, max_retries=2)
    with pytest.raises(ServerError):
        client.health()
    assert len(client.requests) == 1


def test_long_retry_after(connect, health):
    """A Retry-After of an hour is raised at once."""
    client = connect(httpx.Response(429, headers={"retry-after": "3600"}), health, max_retries=2)
    with pytest.raises(RateLimitError) as caught:
        client.health()
    assert (caught.value.retry_after, len(client.requests)) == (3600.0, 1)


def test_one_idempotency_key(connect, health):
    """All tries of a call share an idempotency key; another call has another."""
    client = connect(BUSY, BUSY, health, max_retries=2)
    client.health()
    client.health()
    keys = [request.headers["idempotency-key"] for request in client.requests]
    assert len(keys) == 4
    assert len(set(keys[:3])) == 1
    assert len(set(keys)) == 2


def test_the_same_again(connect, chat):
    """Every try sends the same."""
    client = connect(BUSY, chat, max_retries=1)
    client.chat_completion(CHAT)
    first, second = client.requests
    assert (first.content, first.url, first.headers) == (second.content, second.url, second.headers)


def test_again_on_a_new_connection(connect, serve, spec):
    """A connection that closed is replaced, and the call succeeds."""

    def close(connection):
        connection.request()

    def answer(connection):
        connection.request()
        connection.answer(json.dumps(spec["health"].answer).encode())

    edge = serve(close, answer)
    assert connect(base_url=edge.url, max_retries=1).health().status == "healthy"
    assert edge.connections == 2


def test_one_connection(connect, serve, spec):
    """Calls that follow one another share a connection."""

    def answer_twice(connection):
        for _ in range(2):
            connection.request()
            connection.answer(json.dumps(spec["health"].answer).encode())

    edge = serve(answer_twice)
    client = connect(base_url=edge.url)
    assert [client.health().status, client.health().status] == ["healthy", "healthy"]
    assert edge.connections == 1


# Uploads


def parts(received) -> bytes:
    """The file in a form that holds one."""
    boundary = received.headers["content-type"].partition("boundary=")[2].encode()
    (part,) = [part for part in received.body.split(b"--" + boundary) if b'name="file"' in part]
    return part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")


def transcribing(*statuses):
    """A script that answers with these statuses in turn, over one connection."""

    def script(connection):
        for status in statuses:
            connection.request()
            connection.answer(b'{"text": "Hi"}' if status == "200 OK" else b"", "retry-after-ms: 1", status=status)

    return script


@pytest.mark.parametrize("form", ["path", "bytes", "file", "BytesIO", "stream"])
def test_upload(connect, serve, tmp_path, form):
    """A file of any kind arrives byte by byte as it was, its name and fields with it."""
    path = tmp_path / "talk.wav"
    path.write_bytes(WAV)
    edge = serve(transcribing("200 OK"))
    with path.open("rb") as opened:
        file = {"path": path, "bytes": WAV, "file": opened, "BytesIO": io.BytesIO(WAV), "stream": Once(WAV)}[form]
        connect(base_url=edge.url).transcribe(file, {"model": "whisper-1", "language": "en"})
    (received,) = edge.requests
    assert received.line == "POST /v1/audio/transcriptions?sync=true HTTP/1.1"
    assert parts(received) == WAV
    assert b'name="model"\r\n\r\nwhisper-1\r\n' in received.body
    assert b'name="language"\r\n\r\nen\r\n' in received.body
    name = {"path": "talk.wav", "file": "talk.wav", "stream": "audio"}.get(form, "audio.wav")
    assert f'filename="{name}"'.encode() in received.body


@pytest.mark.parametrize("form", ["path", "bytes", "file", "tuple"])
def test_upload_again(connect, serve, tmp_path, form):
    """An upload that is tried again is sent whole again, from where the file stood."""
    path = tmp_path / "talk.wav"
    path.write_bytes(b"skipped" + WAV if form == "file" else WAV)
    edge = serve(transcribing("503 Service Unavailable", "200 OK"))
    with path.open("rb") as opened:
        opened.seek(7)
        file = {"path": path, "bytes": WAV, "file": opened, "tuple": ("talk.wav", WAV)}[form]
        connect(base_url=edge.url, max_retries=1).transcribe(file, {"model": "whisper-1"})
        assert not opened.closed
    assert [parts(received) for received in edge.requests] == [WAV, WAV]


def test_stream_is_not_sent_twice(connect, serve):
    """A stream that cannot be rewound is sent once, whatever came of it."""
    edge = serve(transcribing("503 Service Unavailable", "200 OK"))
    client = connect(base_url=edge.url, max_retries=3)
    with pytest.raises(ServerError, match="503"):
        client.transcribe(Once(WAV), {"model": "whisper-1"})
    connect.close()
    assert [parts(received) for received in edge.requests[:1]] == [WAV]
    assert len([received for received in edge.requests if received.line]) == 1


def test_file_name_cannot_change_the_form(connect, serve):
    """A file name with quotes and line ends stays a file name."""
    edge = serve(transcribing("200 OK"))
    connect(base_url=edge.url).transcribe(('a"\r\nX-Evil: 1', WAV), {"model": "whisper-1"})
    assert b"\r\nX-Evil" not in edge.requests[0].body
    assert parts(edge.requests[0]) == WAV


@pytest.mark.parametrize("file", [("\udcff.wav", WAV), WAV], ids=["name", "field"])
def test_text_that_is_none(connect, file):
    """A name or a field that UTF-8 has no form for is the caller's mistake, told before anything is sent."""
    client = connect(TRANSCRIPT)
    with pytest.raises(ValidationError):
        client.transcribe(file, {"model": "whisper-1", "prompt": "Hi" if isinstance(file, tuple) else "\ud800"})
    assert client.requests == []


def test_early_refusal_of_a_long_upload(connect, serve):
    """An edge that refuses a long upload before its end is an error of our tree, not a hang."""

    def refuse(connection):
        connection.answer(b"{}", "connection: close", status="413 Content Too Large")

    with pytest.raises(PolarGridError):
        connect(base_url=serve(refuse).url).transcribe(bytes(20_000_000), {"model": "whisper-1"})


@pytest.mark.parametrize("method", ["transcribe", "translate"])
@pytest.mark.parametrize(("media_type", "answer"), [("text/plain", "Hello."), ("text/vtt", "WEBVTT\n")])
def test_transcripts_as_text(connect, method, media_type, answer):
    """A transcript that comes as text is a str."""
    client = connect(httpx.Response(200, headers={"content-type": media_type}, content=answer.encode()))
    assert getattr(client, method)(WAV, {"model": "whisper-1", "response_format": "vtt"}) == answer


# generate


def test_generate_asks_a_chat(connect, chat):
    """`generate` is a chat of one message; what was not set is not sent."""
    client = connect(chat)
    client.generate({"model": "llama-3.1-8b", "prompt": "Hi", "temperature": 0})
    (request,) = client.requests
    assert request.url.path == "/v1/chat/completions"
    assert json.loads(request.content) == {**CHAT, "temperature": 0}


def test_generate_answers(connect, chat, spec):
    """Its answer is the text, with the usage of the chat."""
    answer = connect(chat).generate({"model": "llama-3.1-8b", "prompt": "Hi"})
    assert (answer.id, answer.model, answer.content) == (
        "chatcmpl-abc123",
        "llama-3.1-8b",
        "Hello! How can I help you?",
    )
    assert answer.usage.total_tokens == 30
    assert answer.created_at == "2009-02-13T23:31:30+00:00"
    assert answer.processing_time_ms >= 0


def test_generate_with_an_id(connect, chat):
    """The caller's own id becomes that of the answer, and is not sent."""
    client = connect(chat)
    assert client.generate({"model": "llama-3.1-8b", "prompt": "Hi", "request_id": "mine"}).id == "mine"
    assert json.loads(client.requests[0].content) == CHAT


def test_generate_with_a_model(connect, chat):
    """It takes a GenerateRequest as well as a mapping."""
    from polargrid.types import GenerateRequest

    client = connect(chat)
    client.generate(GenerateRequest(model="llama-3.1-8b", prompt="Hi"))
    assert json.loads(client.requests[0].content) == CHAT


@pytest.mark.parametrize("message", [{"role": "assistant", "content": None}, {"role": "assistant"}])
def test_generate_without_a_text(connect, spec, message):
    """A chat that says nothing is an empty text."""
    answer = spec["chat_completion"].answer
    said = httpx.Response(200, json={**answer, "choices": [{**answer["choices"][0], "message": message}]})
    assert connect(said).generate({"model": "llama-3.1-8b", "prompt": "Hi"}).content == ""


@pytest.mark.parametrize("created", [1_234_567_890_123_456, -(10**15)])
def test_generate_with_a_junk_date(connect, spec, created):
    """A date that cannot be is the edge's failure, of our tree, not Python's ValueError."""
    client = connect(httpx.Response(200, json={**spec["chat_completion"].answer, "created": created}))
    with pytest.raises(ServerError):
        client.generate({"model": "llama-3.1-8b", "prompt": "Hi"})


def test_generate_refuses(connect, chat):
    """A malformed request is refused by the field's name."""
    client = connect(chat)
    with pytest.raises(ValidationError, match="prompt"):
        client.generate({"model": "llama-3.1-8b"})
    assert client.requests == []


# The client itself


def test_region(connect, health):
    """A client knows its region."""
    client = connect(health, region="was")
    assert (client.get_region_id(), client.get_region_name()) == ("was-01", "Washington")


def test_no_region(connect, health):
    """A client with a URL of its own has none."""
    client = connect(health, base_url="https://edge.example")
    assert (client.get_region_id(), client.get_region_name()) == (None, None)


def test_environment(connect, health, monkeypatch):
    """Key and region come from the environment."""
    monkeypatch.setenv("POLARGRID_API_KEY", "pg_of_the_environment")
    monkeypatch.setenv("POLARGRID_REGION", "ymq")
    client = connect(health, api_key=None)
    client.health()
    assert client.get_region_id() == "ymq-01"
    assert client.requests[0].headers["authorization"] == "Bearer pg_of_the_environment"


def test_config_as_the_first_argument(connect, health):
    """A config may be given first, as the reference has it."""
    client = connect.kind({"api_key": "pg_config", "region": "ymq"}, http_client=connect.http(health))
    assert client.get_region_id() == "ymq-01"


def test_repr(connect, health, key):
    """A client's repr shows its region and not its key."""
    assert repr(connect(health, region="yvr").native) == f"<{connect.kind.__name__} yvr-01>"
    assert key not in repr(connect(health, base_url="https://edge.example").native)


def test_context_manager(connect, serve, spec):
    """A client that is left closes its connections."""
    left = threading.Event()

    def answer(connection):
        connection.request()
        connection.answer(json.dumps(spec["health"].answer).encode())
        if connection.left():
            left.set()

    with connect(base_url=serve(answer).url) as client:
        assert client.health().status == "healthy"
    assert left.wait(10)


def test_closed_twice(connect, serve):
    """Closing twice is closing."""
    client = connect(base_url="http://127.0.0.1:9")
    client.close()
    client.close()


def test_own_http_client_stays_open(connect, health):
    """The caller's HTTP client is the caller's to close."""
    http = connect.http(health)
    with connect(http_client=http) as client:
        client.health()
    assert not http.is_closed


def test_own_http_client_is_called_whole(connect, health):
    """The caller's HTTP client sends: its hooks run, its headers and its timeout hold."""
    seen = []

    def hook(request):
        seen.append(request)

    async def async_hook(request):
        seen.append(request)

    hooks = {"request": [async_hook if connect.name == "async" else hook]}
    http = connect.http(health, event_hooks=hooks, headers={"x-mine": "1"}, timeout=77)
    connect(http_client=http).health()
    (request,) = seen
    assert request.headers["x-mine"] == "1"
    assert request.extensions["timeout"]["read"] == 77


def test_timeout_goes_before_that_of_the_http_client(connect, health):
    """A timeout that is given to the client holds on the caller's HTTP client, too."""
    http = connect.http(health, timeout=77)
    connect(http_client=http, timeout=5).health()
    assert http.script.requests[0].extensions["timeout"] == {"connect": 5, "read": 5, "write": 5, "pool": 5}


def test_many_threads(health):
    """One sync client serves many threads."""
    from concurrent.futures import ThreadPoolExecutor

    from polargrid import PolarGridSync

    with httpx.Client(
        transport=httpx.MockTransport(lambda _: httpx.Response(200, content=health.content, headers=health.headers))
    ) as http:
        client = PolarGridSync(api_key="pg_test", http_client=http)
        with ThreadPoolExecutor(8) as threads:
            assert {answer.status for answer in threads.map(lambda _: client.health(), range(64))} == {"healthy"}
