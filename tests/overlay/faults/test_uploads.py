"""Uploads that are interrupted, rejected, or sent again; the server compares what it received byte by byte."""

import io

import httpx
import pytest

from polargrid import (
    AuthenticationError,
    NetworkError,
    ServerError,
    TimeoutError,  # noqa: A004 - the documented name
    ValidationError,
)
from polargrid_testing.steps import Pause, Receive, ReceiveRequest, Reset, Send
from tests.overlay.conftest import HANG_TIMEOUT
from tests.overlay.faults.registry import fault
from tests.overlay.faults.scripts import (
    BUSY,
    close,
    reset,
    response,
    send,
    send_in_turn,
    wait_for_disconnect,
)

WAV = b"RIFF" + bytes(range(256)) * 1000
MODEL = {"model": "whisper-1"}
TRANSCRIPT = response({"text": "Hi"})


class UnseekableFile(io.RawIOBase):
    """A file that can be read once."""

    def __init__(self, data):
        self._data = io.BytesIO(data)

    def readable(self):
        return True

    def readinto(self, buffer):
        return self._data.readinto(buffer)


def parse_file(request):
    """Return the file of a form."""
    boundary = request.headers["content-type"].partition("boundary=")[2].encode()
    (part,) = [part for part in request.body.split(b"--" + boundary) if b'name="file"' in part]
    return part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")


@pytest.fixture
def long_file(tmp_path):
    """A file that is longer than the socket buffers of the system."""
    path = tmp_path / "long.wav"
    with path.open("wb") as file:
        file.truncate(20_000_000)
    return path


@pytest.mark.parametrize("form", ["path", "bytes", "file", "tuple"])
@pytest.mark.parametrize("first", [send_in_turn(BUSY, TRANSCRIPT), send(then=reset)], ids=["503", "reset"])
@fault(
    "upload",
    "It must be sent again",
    result="the transcript; all of it is sent",
    line='fake.fault("empty-response", end="reset")',
)
def test_replayed(connect_to, tmp_path, form, first):
    path = tmp_path / "talk.wav"
    path.write_bytes(WAV)
    client = connect_to(first, send(TRANSCRIPT), max_retries=1)
    with path.open("rb") as opened:
        file = {"path": path, "bytes": WAV, "file": opened, "tuple": ("talk.wav", WAV)}[form]
        assert client.transcribe(file, MODEL).text == "Hi"
        assert not opened.closed
    requests = client.server.requests
    assert [parse_file(request) for request in requests] == [WAV, WAV]
    assert requests[0].headers["idempotency-key"] == requests[1].headers["idempotency-key"]


@pytest.mark.parametrize("first", [send(BUSY), send(then=reset), send(then=close)], ids=["503", "reset", "closed"])
@fault(
    "upload",
    "It can be read once, and the server fails",
    result="its error; it is not sent twice",
    line='fake.fault("error", status=503)',
)
def test_unseekable(connect_to, first):
    client = connect_to(first, send(TRANSCRIPT), max_retries=3)
    with pytest.raises((ServerError, NetworkError), match=r"busy|connection error"):
        client.transcribe(UnseekableFile(WAV), MODEL)
    assert [parse_file(request) for request in client.server.requests] == [WAV]


@fault(
    "upload",
    "It can be read once, and the first region responds 503",
    result="its error; it is not sent twice",
    line='fake.fault("error", status=503)',
)
def test_unseekable_without_failover(connect_to, expect_error):
    first, second = connect_to(send(BUSY)).server, connect_to(send(TRANSCRIPT)).server
    client = connect_to(close, base_url=None, regions=[first.url, second.url], max_retries=3)
    with expect_error(ServerError, "busy"):
        client.transcribe(UnseekableFile(WAV), MODEL)
    assert second.connections == 0


@fault(
    "upload",
    "It can be read once, and the first region refuses the connection",
    result="the transcript",
    line='fake.fault("connection-refused")',
)
def test_unseekable_with_failover(connect_to, serve):
    stopped, other = serve(close), connect_to(send(TRANSCRIPT)).server
    stopped.join()
    client = connect_to(close, base_url=None, regions=[stopped.url, other.url])
    assert client.transcribe(UnseekableFile(WAV), MODEL).text == "Hi"
    assert [parse_file(request) for request in other.requests] == [WAV]


REJECTIONS = [("413 Content Too Large", ValidationError), ("401 Unauthorized", AuthenticationError)]


def reject(status):
    """Build the response to an upload."""
    return response({"error": {"message": "no"}}, "connection: close", status=status)


@pytest.mark.parametrize(("status", "kind"), REJECTIONS)
@fault(
    "upload",
    "A long one is rejected before its end, and the server reads the rest",
    result="the error of the status",
    line='fake.fault("early-response", status=413)',
)
def test_rejected(connect_to, long_file, expect_error, status, kind):
    def script():
        yield ReceiveRequest(body=False)
        yield Send(reject(status))
        yield Receive()

    with expect_error(kind, "no", status_code=int(status[:3])):
        connect_to(script).transcribe(long_file, MODEL)


@fault(
    "upload",
    "A long one is rejected before its end, and the server stops reading",
    result="`TimeoutError` after the write timeout; `fast`: the error of the status",
    line='fake.fault("early-response", status=413, then="stall")',
)
def test_rejected_and_stalled(connect_to, connect, long_file, expect_error):
    def script():
        yield ReceiveRequest(body=False)
        yield Send(reject("413 Content Too Large"))
        yield Pause(HANG_TIMEOUT)

    reads_early = connect.transport == "fast"  # httpx reads the response when the upload is sent
    with expect_error(ValidationError if reads_early else TimeoutError, "no" if reads_early else "write timeout"):
        connect_to(script, timeout=httpx.Timeout(60, write=0.3)).transcribe(long_file, MODEL)


@pytest.mark.parametrize(("status", "kind"), REJECTIONS)
@fault(
    "upload",
    "A long one is rejected before its end, and the server closes the connection",
    result="the error of the status; async over `httpx`, `httpx2`: that, or `NetworkError` if the send fails first",
    line='fake.fault("early-response", status=413, then="close")',
)
def test_rejected_and_closed(connect_to, connect, long_file, raised_errors, *, status, kind):
    def script():
        yield ReceiveRequest(body=False)
        yield Send(reject(status))

    may_fail = connect.name == "async" and connect.transport != "fast"
    with pytest.raises((kind, NetworkError) if may_fail else kind, match=r"no|connection error") as caught:
        connect_to(script).transcribe(long_file, MODEL)
    raised_errors.append(caught.value)


@pytest.mark.parametrize(
    "limit", [{"timeout": httpx.Timeout(60, write=0.1)}, {"deadline": 0.6}], ids=["timeout", "deadline"]
)
@fault(
    "upload",
    "The server stops reading",
    result="`TimeoutError` after the write timeout, or the `deadline`",
    line='fake.fault("stop-reading")',
)
def test_stalled(connect_to, long_file, expect_error, *, limit):
    def script():
        yield ReceiveRequest(body=False)
        yield Pause(HANG_TIMEOUT)

    with expect_error(TimeoutError, "write timeout|deadline", sent=True):
        connect_to(script, **limit).transcribe(long_file, MODEL)


@fault(
    "upload",
    "The server reads slowly",
    result="the transcript: the write timeout is for each wait",
    line='fake.fault("slow-read", count=4)',
)
def test_slow(connect_to, long_file):
    def script():
        yield ReceiveRequest(body=False)
        for _ in range(4):
            yield Pause(0.05)
            yield Receive(5_000_000)
        yield Receive()
        yield Send(TRANSCRIPT)
        yield from wait_for_disconnect()

    assert connect_to(script, timeout=30).transcribe(long_file, MODEL).text == "Hi"


@fault(
    "upload",
    "The connection is reset in the middle",
    result="`NetworkError`, retried",
    line='fake.fault("empty-response", read=100_000, end="reset", times=None)',
)
def test_reset(connect_to, long_file, expect_error):
    def reset_in_the_middle():
        yield ReceiveRequest(body=False)
        yield Receive(100_000)
        yield Reset()

    client = connect_to(reset_in_the_middle, max_retries=1)
    with expect_error(NetworkError, "connection error") as caught:
        client.transcribe(long_file, MODEL)
    assert caught.value.meta.attempts == 2
