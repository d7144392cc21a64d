"""Clients that need no socket get what they would get by one."""

import httpx
import httpx2
import pytest

from polargrid_testing import Answer, FakeEdge, Piece, UnusedFaultError
from polargrid_testing.faults import FAULTS

KEY = {"authorization": "Bearer x"}
CHAT = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}


def get_text(client, **options):
    with client.stream(
        "POST", "/v1/chat/completions", json=CHAT | {"stream": True}, headers=KEY, **options
    ) as response:
        return [text for text in response.iter_text() if text]


def find_error(call):
    """The name and the class of the error of a call; empty if there is none."""
    try:
        call()
    except (httpx.HTTPError, httpx2.HTTPError) as error:
        return type(error).__name__
    return ""


@pytest.mark.parametrize("library", [httpx, httpx2])
@pytest.mark.parametrize(
    ("fault", "options"),
    [
        ("stall", {"part": "response"}),
        ("stall", {"part": "headers"}),
        ("stall", {"part": "body"}),
        ("empty-response", {"end": "reset"}),
        ("cut", {"end": "reset"}),
        ("empty-response", {}),
        ("stream-cut", {"after": 1}),
        ("connection-stall", {}),
        ("connection-refused", {}),
    ],
)
def test_faults(fake, library, fault, options):
    """A fault raises the exception of the library that it raises by a socket, and takes no time."""
    fake.chat("one two three")
    timeout = library.Timeout(0.2)
    errors = []
    for client in (library.Client(base_url=fake.url, timeout=timeout), fake.http_client(library, timeout=timeout)):
        with client, fake.fault(fault, times=None, **options):
            errors.append(find_error(lambda client=client: get_text(client)))
    assert errors[0] == errors[1] != ""


def test_pauses(fake):
    """A pause takes no time, and one that is longer than the client waits is a timeout."""
    fake.chat(chunks=["a", "b"], delay=3600)
    with fake.http_client() as client:
        with pytest.raises(httpx.ReadTimeout, match="3600"):
            get_text(client, timeout=60)
        assert len(get_text(client, timeout=None)) == 4


def test_body_arrives_in_parts(fake):
    """A program reads a part before the next is sent."""
    fake.on("stream_transcription", validate=False).respond(
        Answer(200, {"content-type": "text/event-stream"}, (Piece(b"a"), Piece(b"b")))
    )
    form = {"data": {"model": "whisper-1"}, "files": {"file": b"RIFF"}, "headers": KEY}
    with (
        fake.http_client() as client,
        client.stream("POST", "/v1/audio/transcriptions?stream=true", **form) as response,
    ):
        assert list(response.iter_raw()) == [b"a", b"b"]


def test_reason_and_headers(fake):
    """A response has the reason, the version and the headers."""
    fake.on("health", validate=False).respond({}, status=418, headers={"X-Test": "1"})
    with fake.http_client(headers=KEY) as client:
        response = client.get("/health")
    assert (response.status_code, response.reason_phrase) == (418, "I'm a Teapot")
    assert (response.http_version, response.headers["x-test"]) == ("HTTP/1.1", "1")


def test_server_faults_end(fake):
    """After its block, a server can be reached again; faults that need TLS say so."""
    fake.use_examples()
    with fake.http_client(headers=KEY) as client:
        with fake.fault("connection-refused"), pytest.raises(httpx.ConnectError, match="connection-refused"):
            client.get("/health")
        assert client.get("/health").status_code == 200
        assert {"connection-refused", "stream-cut"} <= FAULTS.keys()


def test_faults_and_rules(client, fake):
    """A fault happens as often as it should, changes the answer of a rule or the example, and is recorded."""
    fake.chat("Hello")
    fault = fake.fault("error", status=418, on="chat_completion")
    assert client.native is not None
    with pytest.raises(Exception, match="418"):
        client.chat_completion(CHAT)
    assert client.chat_completion(CHAT).choices[0].message.content == "Hello"
    assert (fault.uses, len(fake.requests)) == (1, 2)
    with fake.fault("json-invalid", times=None), pytest.raises(Exception, match="JSON"):
        client.list_models()
    with pytest.raises(Exception, match="unscripted"):
        client.list_models()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "stream-cutt"}, "did you mean 'stream-cut'"),
        ({"name": "stream-cut", "aftr": 1}, "unknown option 'aftr'"),
        ({"name": "stream-cut", "on": "chat"}, "unknown operation 'chat'"),
        ({"name": "stream-cut", "times": 0}, "times: 0"),
        ({"name": "connection-refused", "on": "health"}, "on: 'connection-refused' happens before"),
    ],
)
def test_invalid_fault(fake, arguments, message):
    """It is rejected with the value and what to do."""
    options = dict(arguments)
    with pytest.raises(ValueError, match=message):
        fake.fault(options.pop("name"), **options)


def test_fault_that_does_not_apply(client, fake):
    """It is not used up by a request that it is not about."""
    fake.use_examples()
    fault = fake.fault("stream-cut", after=1)
    assert client.health().status == "healthy"
    assert fault.uses == 0
    with pytest.raises(Exception, match=r"interrupted|ended|closed"):
        list(client.chat_completion_stream(CHAT))
    assert fault.uses == 1


def test_fault_of_connections_after_a_request(connect, fake):
    """It happens to the next request, though the client keeps a connection: that is closed."""
    fake.use_examples()
    client = connect(base_url=fake.url, api_key=fake.api_key)
    client.health()
    with (
        fake.fault("connection-closed", times=None) as fault,
        pytest.raises(Exception, match=r"connection|disconnected"),
    ):
        client.health()
    assert fault.uses >= 1
    assert client.health().status == "healthy"


def test_fault_that_never_happens():
    """The end of its block, and that of the fake, raise; not if it was removed, or if something else went wrong."""
    with FakeEdge() as fake:
        fake.use_examples()
        with (
            fake.client() as client,
            pytest.raises(UnusedFaultError, match=r"stream-cut.*on='chat_completion'"),
            fake.fault("stream-cut", on="chat_completion"),
        ):
            client.health()
        fake.fault("stall").remove()
        fake.fault("connection-refused").remove()
    with pytest.raises(UnusedFaultError, match=r"did not happen: fault\('stream-cut', after=3\); the requests were: h"):
        call_health_with_fault()


def call_health_with_fault():
    with FakeEdge() as fake, fake.client() as client:
        fake.use_examples()
        fake.fault("stream-cut", after=3)
        client.health()


def test_fault_that_is_removed_in_its_block(fake):
    """It need not happen, whether `remove` or `reset` removed it."""
    with fake.fault("stall") as stall:
        stall.remove()
    with fake.fault("stall"):
        fake.reset()
    fake.check()
