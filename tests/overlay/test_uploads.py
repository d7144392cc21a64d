"""Uploads on the wire: a form with a file, sent once or again."""

import asyncio
import io
import os
import threading
from contextlib import contextmanager

import httpx
import pytest
import trio

from polargrid import PolarGrid, PolarGridError, ServerError, ValidationError
from polargrid_testing.steps import ReceiveRequest, Send
from tests.overlay.conftest import HANG_TIMEOUT
from tests.overlay.faults.scripts import response

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

    def script():
        for status in statuses:
            yield ReceiveRequest()
            yield Send(response(b'{"text": "Hi"}' if status == "200 OK" else b"", "retry-after-ms: 1", status=status))

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
    assert [parse_file(request) for request in server.requests] == [WAV]


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

    def script():
        yield Send(response(b"{}", "connection: close", status="413 Content Too Large"))

    with pytest.raises(PolarGridError):
        connect(base_url=serve(script).url).transcribe(bytes(20_000_000), STT)


@pytest.fixture
def fifo(tmp_path):
    """A named pipe, which a thread can write to."""
    path = tmp_path / "talk.wav"
    os.mkfifo(path)
    return path


@contextmanager
def writing(path):
    """Write to a pipe in a thread until the block ends."""
    thread = threading.Thread(target=path.write_bytes, args=(WAV,), daemon=True)
    thread.start()
    yield
    thread.join(HANG_TIMEOUT)


def test_pipe_by_a_client_of_the_caller(connect, serve, fifo):
    """A client of httpx sends it as well."""
    server = serve(respond_with("200 OK"))
    with writing(fifo):
        connect(base_url=server.url, http_client=connect.http_client()).transcribe(fifo, STT)
    assert parse_file(server.requests[0]) == WAV


def test_pipe_is_read_once_by_two_regions(connect, serve, fifo, open_resources):
    """The first bytes, which are read before the connection is made, are kept for the next endpoint."""
    stopped, server = serve(respond_with()), serve(respond_with("200 OK"))
    stopped.join()
    with writing(fifo):
        connect(regions=[stopped.url, server.url]).transcribe(fifo, STT)
    assert parse_file(server.requests[0]) == WAV
    assert str(fifo) not in open_resources()


def test_cancelled_wait_for_a_pipe(fifo, run_loop, open_resources, key):
    """It ends at once, and the pipe is closed."""

    async def main():
        async with PolarGrid(base_url="http://127.0.0.1:9", api_key=key) as client:
            task = asyncio.ensure_future(client.transcribe(fifo, STT))
            writer = await asyncio.to_thread(fifo.open, "wb")  # returns when the pipe is open for reading
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            writer.close()

    run_loop(main())
    assert str(fifo) not in open_resources()


def test_pipe_under_trio(serve, fifo, key):
    """A wait for it blocks no other task, as under asyncio."""
    server = serve(respond_with("200 OK"))

    async def main():
        async with PolarGrid(base_url=server.url, api_key=key) as client, trio.open_nursery() as nursery:
            nursery.start_soon(client.transcribe, fifo, STT)
            await trio.to_thread.run_sync(fifo.write_bytes, WAV)

    trio.run(main)
    assert parse_file(server.requests[0]) == WAV


def test_device_that_is_never_waited_for(run_loop, key):
    """No kind of event loop can wait for it, as its reads do not block."""

    async def main():
        async with PolarGrid(base_url="http://127.0.0.1:9", api_key=key) as client:
            await client.transcribe("/dev/null", STT)

    with pytest.raises(ValidationError, match="file: it is empty"):
        run_loop(main())
    with pytest.raises(ValidationError, match="file: it is empty"):
        trio.run(main)
