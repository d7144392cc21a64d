"""Uploads on the wire: a form with a file, sent once or again."""

import io

import httpx
import pytest

from polargrid import PolarGridError, ServerError, ValidationError

WAV = b"RIFF" + bytes(range(256)) * 1000
STT = {"model": "whisper-1"}


class Pipe(io.RawIOBase):
    """A file that is not seekable."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        return self._data.readinto(buffer)


def parse_file(request) -> bytes:
    """Return the file of a form that has one."""
    boundary = request.headers["content-type"].partition("boundary=")[2].encode()
    (part,) = [part for part in request.body.split(b"--" + boundary) if b'name="file"' in part]
    return part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")


def respond_with(*statuses):
    """Build a script that responds with these statuses in turn, on one connection."""

    def script(connection):
        for status in statuses:
            connection.read_request()
            connection.respond(b'{"text": "Hi"}' if status == "200 OK" else b"", "retry-after-ms: 1", status=status)

    return script


@pytest.mark.parametrize("source", ["path", "bytes", "file", "BytesIO", "pipe"])
def test_upload(connect, serve, tmp_path, source):
    """The file of any source is received unchanged, with its name and the fields."""
    path = tmp_path / "talk.wav"
    path.write_bytes(WAV)
    server = serve(respond_with("200 OK"))
    with path.open("rb") as opened:
        file = {"path": path, "bytes": WAV, "file": opened, "BytesIO": io.BytesIO(WAV), "pipe": Pipe(WAV)}[source]
        connect(base_url=server.url).transcribe(file, {"model": "whisper-1", "language": "en"})
    (request,) = server.requests
    assert request.line == "POST /v1/audio/transcriptions?sync=true HTTP/1.1"
    assert parse_file(request) == WAV
    assert b'name="model"\r\n\r\nwhisper-1\r\n' in request.body
    assert b'name="language"\r\n\r\nen\r\n' in request.body
    name = "talk.wav" if source in ("path", "file") else "audio.wav"
    assert f'filename="{name}"'.encode() in request.body


@pytest.mark.parametrize("source", ["path", "bytes", "file", "tuple"])
def test_retried_upload(connect, serve, tmp_path, source):
    """Each attempt sends the whole file."""
    path = tmp_path / "talk.wav"
    path.write_bytes(WAV)
    server = serve(respond_with("503 Service Unavailable", "200 OK"))
    with path.open("rb") as opened:
        file = {"path": path, "bytes": WAV, "file": opened, "tuple": ("talk.wav", WAV)}[source]
        connect(base_url=server.url, max_retries=1).transcribe(file, STT)
        assert not opened.closed
    assert [parse_file(request) for request in server.requests] == [WAV, WAV]


def test_unseekable_file_is_not_retried(connect, serve):
    """It was read by the first attempt."""
    server = serve(respond_with("503 Service Unavailable", "200 OK"))
    client = connect(base_url=server.url, max_retries=3)
    with pytest.raises(ServerError, match="503"):
        client.transcribe(Pipe(WAV), STT)
    client.close()
    server.join()
    assert [parse_file(request) for request in server.received] == [WAV]


def test_file_name_cannot_change_the_form(connect, serve):
    """Quotes and line ends in it are escaped."""
    server = serve(respond_with("200 OK"))
    connect(base_url=server.url).transcribe(('a"\r\nX-Evil: 1', WAV), STT)
    assert b"\r\nX-Evil" not in server.requests[0].body
    assert parse_file(server.requests[0]) == WAV


@pytest.mark.parametrize(("file", "prompt"), [(("\udcff.wav", WAV), "Hi"), (WAV, "\ud800")], ids=["file name", "field"])
def test_lone_surrogate(connect, file, prompt):
    """It has no UTF-8 form, and is rejected before sending."""
    client = connect(httpx.Response(200, json={"text": "Hi"}))
    with pytest.raises(ValidationError):
        client.transcribe(file, {**STT, "prompt": prompt})
    assert client.requests == []


def test_response_during_a_long_upload(connect, serve):
    """A server that responds 413 before it has read the file raises an exception of the SDK, and does not hang."""

    def script(connection):
        connection.respond(b"{}", "connection: close", status="413 Content Too Large")

    with pytest.raises(PolarGridError):
        connect(base_url=serve(script).url).transcribe(bytes(20_000_000), STT)
