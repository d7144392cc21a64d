"""Uploads that are cut short, refused, or sent again; the edge stores what arrives byte by byte."""

import io
from threading import Event

import pytest

from polargrid import (
    AuthenticationError,
    NetworkError,
    ServerError,
    TimeoutError,  # noqa: A004 - the documented name
    ValidationError,
)
from tests.overlay.faults.edges import BUSY, answer, closes, heard, in_turn, resets, says, stays
from tests.overlay.faults.registry import fault

WAV = b"RIFF" + bytes(range(256)) * 1000
MODEL = {"model": "whisper-1"}
TRANSCRIPT = answer({"text": "Hi"})


class Once(io.RawIOBase):
    """A file that can be read once."""

    def __init__(self, data):
        self._data = io.BytesIO(data)

    def readable(self):
        return True

    def readinto(self, buffer):
        return self._data.readinto(buffer)


def sent(request):
    """The file that a form holds."""
    boundary = request.headers["content-type"].partition("boundary=")[2].encode()
    (part,) = [part for part in request.body.split(b"--" + boundary) if b'name="file"' in part]
    return part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")


def head_of(connection):
    """Read the head of a request, and leave its body, of this length."""
    length = 0
    while line := connection._file.readline().strip().lower():
        length = int(line.removeprefix(b"content-length:")) if line.startswith(b"content-length:") else length
    return length


@pytest.fixture
def long(tmp_path):
    """A file that is longer than what the system keeps for a socket."""
    path = tmp_path / "long.wav"
    with path.open("wb") as file:
        file.truncate(20_000_000)
    return path


@pytest.fixture
def over(serve):
    """Set when the test is over: an edge that does not read does not see that the client left."""
    event = Event()
    yield event
    event.set()


@pytest.mark.parametrize("form", ["path", "bytes", "file", "tuple"])
@pytest.mark.parametrize("first", [in_turn(BUSY, TRANSCRIPT), says(then=resets)], ids=["503", "reset"])
@fault("upload", "It must be sent again", then="the transcript; it is sent whole again, from where your file stood")
def test_again(against, tmp_path, form, first):
    path = tmp_path / "talk.wav"
    path.write_bytes(b"skipped" + WAV if form == "file" else WAV)
    client = against(first, says(TRANSCRIPT), max_retries=1)
    with path.open("rb") as opened:
        opened.seek(7)
        file = {"path": path, "bytes": WAV, "file": opened, "tuple": ("talk.wav", WAV)}[form]
        assert client.transcribe(file, MODEL).text == "Hi"
        assert not opened.closed
    requests = heard(client.edge)
    assert [sent(request) for request in requests] == [WAV, WAV]
    assert requests[0].headers["idempotency-key"] == requests[1].headers["idempotency-key"]


@pytest.mark.parametrize("first", [says(BUSY), says(then=resets), says(then=closes)], ids=["503", "reset", "closed"])
@fault("upload", "It can be read once, and the edge fails", then="its error; it is not sent twice")
def test_not_twice(against, fails, first):
    client = against(first, says(TRANSCRIPT), max_retries=3)
    with pytest.raises((ServerError, NetworkError), match=r"busy|The connection broke"):
        client.transcribe(Once(WAV), MODEL)
    assert [sent(request) for request in heard(client.edge)] == [WAV]


@fault("upload", "It can be read once, and the first of two regions says 503", then="its error; it is not sent twice")
def test_not_elsewhere(against, fails):
    first, second = against(says(BUSY)), against(says(TRANSCRIPT))
    client = against(closes, base_url=None, regions=[first.edge.url, second.edge.url], max_retries=3)
    with fails(ServerError, "busy"):
        client.transcribe(Once(WAV), MODEL)
    assert second.edge.connections == 0


@fault("upload", "It can be read once, and the first of two regions refuses the connection", then="the transcript")
def test_elsewhere(against, serve):
    gone, there = serve(closes), against(says(TRANSCRIPT))
    gone.join()
    client = against(closes, base_url=None, regions=[gone.url, there.edge.url])
    assert client.transcribe(Once(WAV), MODEL).text == "Hi"
    assert [sent(request) for request in heard(there.edge)] == [WAV]


REFUSALS = [("413 Content Too Large", ValidationError), ("401 Unauthorized", AuthenticationError)]


@pytest.mark.parametrize(("status", "kind"), REFUSALS)
@fault("upload", "The edge refuses a long one before its end, and takes the rest", then="the error of the status")
def test_refused(against, long, fails, status, kind):
    def refuse(connection):
        head_of(connection)
        connection.send(answer({"error": {"message": "no"}}, "connection: close", status=status))
        while connection._file.read(65536):
            pass

    with fails(kind, "no", status_code=int(status[:3])):
        against(refuse).transcribe(long, MODEL)


@pytest.mark.parametrize(("status", "kind"), REFUSALS)
@fault("upload", "The edge refuses a long one before its end, and reads no more", then="the error of the status")
def test_refused_and_stalled(against, long, fails, within, over, *, status, kind):
    def refuse(connection):
        head_of(connection)
        connection.send(answer({"error": {"message": "no"}}, "connection: close", status=status))
        over.wait(10)

    with within(4), fails(kind, "no", status_code=int(status[:3])):
        against(refuse, timeout=0.3).transcribe(long, MODEL)


@pytest.mark.parametrize(("status", "kind"), REFUSALS)
@fault(
    "upload",
    "The edge refuses a long one before its end, and closes",
    then="the error of the status; over httpx's async connections, which may drop the answer, `NetworkError`",
)
def test_refused_and_closed(against, connect, long, errors, *, status, kind):
    def refuse(connection):
        head_of(connection)
        connection.send(answer({"error": {"message": "no"}}, "connection: close", status=status))

    drops = (connect.name, connect.transport) == ("async", "httpx")
    with pytest.raises((kind, NetworkError) if drops else kind, match="no|broke" if drops else "no") as caught:
        against(refuse).transcribe(long, MODEL)
    errors.append(caught.value)


@pytest.mark.parametrize("bound", [{"timeout": 0.1}, {"deadline": 0.6}])  # a deadline counts connecting, too
@fault("upload", "The edge stops reading", then="`TimeoutError` after the time to send, or the `deadline`")
def test_stalled(against, long, fails, within, over, *, bound):
    def stalls(connection):
        head_of(connection)
        over.wait(10)

    with within(4), fails(TimeoutError, "took too long", sent=True):
        against(stalls, **bound).transcribe(long, MODEL)


@fault("upload", "The edge reads slowly, but reads", then="the transcript: the time to send is for each wait")
def test_slow(against, long, over):
    def slow(connection):
        length = head_of(connection)
        for _ in range(4):
            over.wait(0.15)
            connection._file.read(length // 4)
        connection._file.read(length % 4)
        connection.send(TRANSCRIPT)
        stays(connection)

    assert against(slow, timeout=0.5).transcribe(long, MODEL).text == "Hi"


@fault("upload", "The edge resets the connection in the middle", then="`NetworkError`, tried again")
def test_reset(against, long, fails):
    def reset(connection):
        head_of(connection)
        connection._file.read(100_000)
        connection.reset()

    with fails(NetworkError, "The connection broke"):
        against(reset).transcribe(long, MODEL)
