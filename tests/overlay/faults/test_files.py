"""Files of the user that fail while they are sent."""

import asyncio
import io
import mmap
import os
import threading

import anyio
import pytest
from starlette.datastructures import UploadFile

from polargrid import (
    TimeoutError,  # noqa: A004 - the documented name
    ValidationError,
)
from polargrid_testing.steps import Receive, ReceiveRequest, Send
from tests.overlay.conftest import HANG_TIMEOUT
from tests.overlay.faults.registry import fault
from tests.overlay.faults.scripts import BUSY, HEALTHY, close, send, wait_for_disconnect
from tests.overlay.faults.test_uploads import MODEL, TRANSCRIPT, WAV, UnseekableFile, parse_file


class BrokenFile(io.BytesIO):
    """A file on a disk that fails."""

    def read(self, size=-1):
        if self.tell() > 100_000:
            raise OSError(5, "Input/output error")
        return super().read(size)


@fault("upload", "Your file cannot be read to its end", result="an error that says why; not retried", line=None)
def test_broken(connect_to, expect_error):
    client = connect_to(send(TRANSCRIPT), max_retries=2)
    with expect_error(ValidationError, "file: cannot read it: .*Input/output error", param="file") as caught:
        client.transcribe(BrokenFile(WAV), MODEL)
    assert caught.value.meta.attempts == 1


@fault("upload", "Your file becomes shorter while it is sent", result="`ValidationError`; not retried", line=None)
def test_shortened(connect_to, expect_error, tmp_path):
    path = tmp_path / "talk.wav"
    path.write_bytes(WAV)

    class ShortenedFile(io.FileIO):
        def read(self, size=-1):
            if self.tell() > 100_000:
                path.write_bytes(b"RIFF")
            return super().read(size)

    client = connect_to(send(TRANSCRIPT), max_retries=2)
    with ShortenedFile(path) as file, expect_error(ValidationError, "Too little data|body has .* bytes") as caught:
        client.transcribe(file, MODEL)
    assert caught.value.meta.attempts == 1


@fault("upload", "Your file is deleted when it must be sent again", result="`ValidationError` that names it", line=None)
def test_deleted(connect_to, expect_error, tmp_path):
    path = tmp_path / "talk.wav"
    path.write_bytes(WAV)

    def script():
        yield ReceiveRequest()
        path.unlink()
        yield Send(BUSY)
        yield from wait_for_disconnect()

    with expect_error(ValidationError, r"file: cannot read .*talk.wav: No such file", param="file"):
        connect_to(script, max_retries=1).transcribe(path, MODEL)


@fault("upload", "Your file is closed when it must be sent again", result="`ValidationError` that says so", line=None)
def test_closed(connect_to, expect_error):
    file = io.BytesIO(WAV)

    def script():
        yield ReceiveRequest()
        file.close()
        yield Send(BUSY)
        yield from wait_for_disconnect()

    with expect_error(ValidationError, "file: cannot read it: .*closed", param="file"):
        connect_to(script, max_retries=1).transcribe(file, MODEL)


@pytest.mark.parametrize(
    "file",
    ["/no/such/file.wav", io.StringIO("text"), 7, None, ("a", 7), ("", b"a")],
    ids=["path", "text-file", "number", "none", "number-in-tuple", "no-name"],
)
@fault(
    "upload", "The file does not exist, or is no file", result="`ValidationError` before anything is sent", line=None
)
def test_not_a_file(connect_to, expect_error, file):
    client = connect_to(close)
    with expect_error(ValidationError, "^file: "):
        client.transcribe(file, MODEL)
    assert client.server.connections == 0


@fault(
    "upload", "The file name holds quotes and line breaks", result="the transcript; the name stays a name", line=None
)
def test_name(connect_to):
    client = connect_to(send(TRANSCRIPT))
    client.transcribe(('a"\r\nX-Evil: 1\r\n\r\n', WAV), MODEL)
    (request,) = client.server.requests
    assert b"\r\nX-Evil" not in request.body
    assert parse_file(request) == WAV


@fault("upload", "The file name is not UTF-8", result="the transcript; `?` instead of each byte that is not", line=None)
def test_name_not_utf8(connect_to, tmp_path):
    path = tmp_path / os.fsdecode(b"caf\xe9.wav")
    path.write_bytes(WAV)
    client = connect_to(send(TRANSCRIPT))
    assert client.transcribe(path, MODEL).text == "Hi"
    (request,) = client.server.requests
    assert b'filename="caf?.wav"' in request.body
    assert parse_file(request) == WAV


@fault("upload", "A name that you pass holds a lone surrogate", result="`ValidationError`; nothing is sent", line=None)
def test_name_with_surrogate(connect_to, expect_error):
    client = connect_to(close)
    with expect_error(ValidationError, "file: the name .*lone surrogate", param="file"):
        client.transcribe(("\udcff.wav", WAV), MODEL)
    assert client.server.connections == 0


@pytest.mark.parametrize("create", [bytes, io.BytesIO, lambda: UnseekableFile(b"")], ids=["bytes", "file", "pipe"])
@fault("upload", "It is empty", result="`ValidationError`; nothing is sent", line=None)
def test_empty(connect_to, expect_error, create):
    client = connect_to(close)
    with expect_error(ValidationError, "^file: it is empty", param="file", sent=False):
        client.transcribe(create(), MODEL)
    assert client.server.connections == 0


@pytest.mark.parametrize("position", [7, len(WAV)], ids=["middle", "end"])
@fault(
    "upload", "Your file is not at its start", result="`ValidationError` with its position; nothing is sent", line=None
)
def test_position(connect_to, expect_error, position):
    file = io.BytesIO(WAV)
    file.seek(position)
    client = connect_to(close)
    with expect_error(ValidationError, rf"^file: .* position {position}, .*call its seek\(0\)", param="file"):
        client.transcribe(file, MODEL)
    assert client.server.connections == 0
    assert file.tell() == position


@pytest.mark.parametrize("kind", ["UploadFile", "mmap"])
@fault("upload", "It is an `UploadFile` of Starlette or FastAPI, or an `mmap`", result="the transcript", line=None)
def test_other_files(connect_to, tmp_path, kind):
    path = tmp_path / "talk.wav"
    path.write_bytes(WAV)
    client = connect_to(send(TRANSCRIPT))
    with path.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        client.transcribe(mapped if kind == "mmap" else UploadFile(opened, filename="talk.wav"), MODEL)
    assert parse_file(client.server.requests[0]) == WAV


class AsyncFile:
    """A file as aiofiles has it."""

    async def read(self, _size=-1):
        return WAV


@pytest.mark.parametrize("create", [AsyncFile, lambda: anyio.wrap_file(io.BytesIO(WAV))], ids=["own", "anyio"])
@fault(
    "upload",
    "It is an async file (aiofiles, anyio)",
    result="`ValidationError` that says what to pass instead",
    line=None,
)
def test_async_file(connect_to, expect_error, create):
    client = connect_to(close)
    with expect_error(ValidationError, "file: AsyncFile is an async file; pass its path, or the bytes", param="file"):
        client.transcribe(create(), MODEL)
    assert client.server.connections == 0


def return_coroutine(_size=-1):
    """Read like an async file that does not look like one."""
    return asyncio.sleep(0, WAV)


@pytest.mark.parametrize("read", [lambda _: "text", lambda _: None, return_coroutine], ids=["str", "None", "coroutine"])
@fault("upload", "The `read` of your object does not return bytes", result="`ValidationError` that says so", line=None)
def test_not_bytes(connect_to, expect_error, read):
    file = UnseekableFile(WAV)
    file.read = read
    client = connect_to(close)
    with expect_error(ValidationError, "file: its `read` returns .*, not bytes", param="file"):
        client.transcribe(file, MODEL)
    assert client.server.connections == 0


def read_everything():
    """Read until the client disconnects."""
    yield ReceiveRequest(body=False)
    while True:
        yield Receive(1, keep=False)


def write(file, data):
    """Write to a path or a file descriptor in a thread, and close it: a pipe is shorter than the data."""

    def run():
        with open(file, "wb") as opened:  # noqa: PTH123 - it may be a descriptor
            opened.write(data)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


@pytest.fixture
def fifo(tmp_path):
    """A named pipe."""
    path = tmp_path / "talk.wav"
    os.mkfifo(path)
    return path


@pytest.mark.parametrize("form", ["path", "tuple", "/dev/fd"])
@fault(
    "upload",
    "The path is a pipe, as of `<(command)`",
    result="the transcript; it is read once, as it arrives",
    line=None,
)
def test_pipe(connect_to, fifo, form):
    client = connect_to(send(TRANSCRIPT))
    reader, writer = os.pipe()
    source = {"path": fifo, "tuple": ("speech.mp3", fifo), "/dev/fd": f"/dev/fd/{reader}"}[form]
    thread = write(writer if form == "/dev/fd" else fifo, WAV)
    assert client.transcribe(source, MODEL).text == "Hi"
    thread.join(HANG_TIMEOUT)
    os.close(reader)
    if form != "/dev/fd":
        os.close(writer)
    (request,) = client.server.requests
    assert parse_file(request) == WAV
    name = {"path": "talk.wav", "tuple": "speech.mp3", "/dev/fd": "audio.wav"}[form]
    assert f'filename="{name}"\r\nContent-Type: audio/wav'.encode() in request.body


@fault("upload", "The path is a pipe that is never written to", result="`TimeoutError` at the `deadline`", line=None)
def test_silent_pipe(connect_to, expect_error, fifo, open_resources):
    client = connect_to(close, deadline=0.3)
    with expect_error(TimeoutError, "deadline of 0.3 s exceeded: the file has no more data", sent=False):
        client.transcribe(fifo, MODEL)
    assert client.server.connections == 0
    assert str(fifo) not in open_resources()


@fault("upload", "The path is a pipe that stalls in the middle", result="`TimeoutError` at the `deadline`", line=None)
def test_stalled_pipe(connect_to, expect_error, fifo, open_resources):
    end = os.open(fifo, os.O_RDWR)
    os.write(end, WAV[:1000])
    client = connect_to(read_everything, deadline=0.5)
    with expect_error(TimeoutError, "deadline of 0.5 s exceeded", sent=True) as caught:
        client.transcribe(fifo, MODEL)
    os.close(end)
    assert caught.value.meta.attempts == 1
    assert str(fifo) not in open_resources()


@fault(
    "upload", "The path is a pipe that is empty, or a directory", result="`ValidationError`; nothing is sent", line=None
)
def test_empty_pipe(connect_to, expect_error, fifo):
    client = connect_to(close)
    write(fifo, b"")
    with expect_error(ValidationError, "^file: it is empty", sent=False):
        client.transcribe(fifo, MODEL)
    with expect_error(ValidationError, "^file: cannot read .*directory", param="file", sent=False):
        client.transcribe(fifo.parent, MODEL)
    assert client.server.connections == 0


@fault(
    "upload",
    "The path is a device without an end",
    result="`TimeoutError` at the `deadline`, in bounded memory",
    line=None,
)
def test_endless_device(connect_to, expect_error, limit_memory):
    client = connect_to(read_everything, deadline=0.5)
    with limit_memory(20_000_000), expect_error(TimeoutError, "deadline of 0.5 s exceeded", sent=True):
        client.transcribe("/dev/zero", MODEL)


class StalledFile(UnseekableFile):
    """A file whose reads block after the first bytes."""

    def __init__(self, data, event):
        super().__init__(data)
        self._event = event

    def readinto(self, buffer):
        return super().readinto(buffer) or self._event.wait(HANG_TIMEOUT) * 0


@pytest.mark.parametrize("data", [b"", WAV[:1000]], ids=["start", "middle"])
@fault(
    "upload",
    "A read of your object blocks",
    result="`TimeoutError` at the `deadline`; async: no other task waits",
    line=None,
)
def test_stalled_object(connect_to, connect, expect_error, data):
    is_over = threading.Event()
    client = connect_to(read_everything, deadline=0.5)
    other = connect_to(send(HEALTHY))
    file = StalledFile(data, is_over)

    async def run_both():
        upload = asyncio.ensure_future(client.native.transcribe(file, MODEL))
        assert (await other.native.health()).status == "healthy"
        assert not upload.done()
        await upload

    with expect_error(TimeoutError, "deadline of 0.5 s exceeded"):
        connect.run(run_both()) if connect.name == "async" else client.transcribe(file, MODEL)
    is_over.set()


@fault(
    "upload",
    "A read of your object fails, and it can be read once",
    result="`ValidationError` that says why",
    line=None,
)
def test_broken_object(connect_to, expect_error):
    class BrokenPipe(UnseekableFile):
        def readinto(self, buffer):
            if self._data.tell() > 100_000:
                raise LookupError("broken")
            return super().readinto(buffer)

    client = connect_to(read_everything, max_retries=2)
    with expect_error(ValidationError, "file: cannot read it: broken", param="file") as caught:
        client.transcribe(BrokenPipe(WAV), MODEL)
    assert caught.value.meta.attempts == 1
