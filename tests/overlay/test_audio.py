"""Audio responses: complete or streamed, written to files."""

from __future__ import annotations

import io
import os
import pickle
import resource
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from polargrid import NotFoundError, StreamInterruptedError
from polargrid.types import Audio, ResponseMeta
from polargrid_testing.steps import AwaitClose, ReceiveRequest, Send, render_chunk
from tests.overlay.faults.scripts import response_head

SPEECH = {"model": "tts-1", "input": "Hi", "voice": "alloy"}
SOUND = b"ID3" + bytes(range(256)) * 600


def response(body: bytes = SOUND) -> httpx.Response:
    return httpx.Response(200, headers={"content-type": "audio/mpeg", "x-request-id": "req_1"}, content=body)


def create(client) -> Audio:
    return client.audio.speech.create(**SPEECH)


def stream(client):
    return client.audio.speech.stream(**SPEECH)


def create_stream(client):
    return client.audio.speech.create(**SPEECH, stream=True)


each_method = pytest.mark.parametrize("call", [create, stream, create_stream])


@pytest.fixture
def audio() -> Audio:
    return Audio(SOUND, ResponseMeta(headers={"content-type": "audio/mpeg"}))


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


# Targets


@each_method
@pytest.mark.parametrize("name", ["save", "write_to_file", "stream_to_file"])
@pytest.mark.parametrize("kind", [str, Path])
def test_path(connect, tmp_path, call, name, kind):
    """The file is replaced, and no other file remains."""
    path = tmp_path / "hello.mp3"
    path.write_bytes(b"old content")
    getattr(call(connect(response())), name)(kind(path))
    assert path.read_bytes() == SOUND
    assert names_in(tmp_path) == ["hello.mp3"]


@each_method
def test_open_file(connect, tmp_path, call):
    """Writing continues at its position, and it stays open."""
    with (tmp_path / "hello.mp3").open("wb") as file:
        file.write(b"head")
        call(connect(response())).save(file)
        file.write(b"tail")
    assert (tmp_path / "hello.mp3").read_bytes() == b"head" + SOUND + b"tail"


@each_method
def test_file_in_memory(connect, call):
    """A BytesIO is a file."""
    file = io.BytesIO()
    call(connect(response())).save(file)
    assert file.getvalue() == SOUND


class ShortWriter:
    """A file that writes at most 10 bytes at a time, as one that is not buffered may."""

    def __init__(self):
        self.content = b""

    def write(self, data):
        self.content += data[:10]
        return len(data[:10])


@each_method
def test_file_without_buffer(connect, call):
    """The part that a write leaves is written."""
    file = ShortWriter()
    call(connect(response())).save(file)
    assert file.content == SOUND


@each_method
def test_full_pipe(connect, call):
    """A pipe that does not wait for its reader is an OSError if it takes no more, not a part of the audio."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with os.fdopen(reader, "rb"), os.fdopen(writer, "wb", buffering=0) as file, pytest.raises(BlockingIOError):
        call(connect(response(bytes(200_000)))).save(file)


async def write(_data):
    """A write of an async file."""


@each_method
@pytest.mark.parametrize("target", [io.StringIO(), SimpleNamespace(write=write), b"hello.mp3", None])
def test_no_target(connect, call, target):
    """What is no binary file is named; `stream` sends no request."""
    client = connect(response())
    message = f"^target: expected a path or a file opened with mode 'wb', not {type(target).__name__}$"
    with pytest.raises(TypeError, match=message):
        call(client).save(target)
    assert len(client.requests) == (call is not stream)


@each_method
def test_device(connect, call):
    """It is written to, not replaced by a file."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    try:
        call(connect(response(b"ID3short"))).save(os.ttyname(theirs))
        assert os.read(ours, 100) == b"ID3short"
        assert Path(os.ttyname(theirs)).is_char_device()
    finally:
        os.close(ours)
        os.close(theirs)


def test_file_descriptor():
    """/dev/stdout and /dev/fd are links that resolve to no path."""
    ours, theirs = os.pipe()
    try:
        Audio(b"ID3short", ResponseMeta()).save(f"/dev/fd/{theirs}")
        assert os.read(ours, 100) == b"ID3short"
    finally:
        os.close(ours)
        os.close(theirs)


def test_named_pipe(audio, tmp_path):
    """It is written to, not replaced by a file."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    contents: list[bytes] = []
    reader = threading.Thread(target=lambda: contents.append(pipe.read_bytes()))
    reader.start()
    audio.save(pipe)
    reader.join(60)
    assert contents == [SOUND]
    assert pipe.is_fifo()


@pytest.mark.parametrize("exists", [True, False])
def test_symbolic_link(audio, tmp_path, exists):
    """It stays a link; the file that it names is written."""
    (tmp_path / "takes").mkdir()
    file, link = tmp_path / "takes" / "one.mp3", tmp_path / "latest.mp3"
    if exists:
        file.write_bytes(b"old")
    link.symlink_to(file)
    audio.save(link)
    assert link.is_symlink()
    assert file.read_bytes() == SOUND
    assert names_in(tmp_path / "takes") == ["one.mp3"]


def test_path_is_replaced_at_the_end(connect, serve, tmp_path):
    """Readers see the old file until the audio is complete."""
    path, contents = tmp_path / "hello.mp3", []
    path.write_bytes(b"old")

    def script():
        yield ReceiveRequest()
        yield Send(response_head("transfer-encoding: chunked", media_type="audio/mpeg"))
        yield Send(render_chunk(SOUND))
        contents.append(path.read_bytes())
        yield Send(render_chunk(b"end"))
        yield Send(render_chunk(b""))

    stream(connect(base_url=serve(script).url)).save(path)
    assert (contents, path.read_bytes()) == ([b"old"], SOUND + b"end")


def test_file_is_written_as_audio_is_received(connect, serve):
    """The first bytes are in the file before the second are sent."""
    is_written, outcomes = threading.Event(), []

    class WatchedFile(io.BytesIO):
        def write(self, data):
            count = super().write(data)
            is_written.set()
            return count

    def script():
        yield ReceiveRequest()
        yield Send(response_head("transfer-encoding: chunked", media_type="audio/mpeg"))
        yield Send(render_chunk(b"ID3first"))
        outcomes.append(is_written.wait(60))
        yield Send(render_chunk(b"second"))
        yield Send(render_chunk(b""))

    file = WatchedFile()
    stream(connect(base_url=serve(script).url)).save(file)
    assert outcomes == [True]
    assert file.getvalue() == b"ID3firstsecond"


# Failures


@contextmanager
def limit_file_size() -> Iterator[None]:
    """Let no file of this process grow beyond 1,000 bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("content", [b"old", None])
@pytest.mark.parametrize("call", [create, stream])
def test_failed_write(connect, tmp_path, call, content):
    """The old file is unchanged, and no partial file remains."""
    path = tmp_path / "hello.mp3"
    if content:
        path.write_bytes(content)
    audio = call(connect(response()))
    with limit_file_size(), pytest.raises(OSError, match="too large"):
        audio.save(path)
    assert names_in(tmp_path) == (["hello.mp3"] if content else [])
    assert not content or path.read_bytes() == content


@each_method
@pytest.mark.parametrize("target", ["missing/hello.mp3", "."])
def test_invalid_path(connect, tmp_path, call, target):
    """It is an OSError; a stream sends no request."""
    client = connect(response())
    with pytest.raises((FileNotFoundError, IsADirectoryError)):
        call(client).save(tmp_path / target)
    assert len(client.requests) == (call is not stream)
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("content", [b"old", None])
def test_interrupted_stream(connect, serve, tmp_path, content):
    """The old file is unchanged, and no partial file remains."""
    path = tmp_path / "hello.mp3"
    if content:
        path.write_bytes(content)

    def script():
        yield ReceiveRequest()
        yield Send(response_head("transfer-encoding: chunked", media_type="audio/mpeg"))
        yield Send(render_chunk(SOUND))

    with pytest.raises(StreamInterruptedError):
        stream(connect(base_url=serve(script).url)).save(path)
    assert names_in(tmp_path) == (["hello.mp3"] if content else [])
    assert not content or path.read_bytes() == content


def test_error_response(connect, tmp_path):
    """It leaves no file."""
    client = connect(httpx.Response(404, json={"error": {"message": "no such voice"}}))
    with pytest.raises(NotFoundError, match="no such voice"):
        stream(client).save(tmp_path / "hello.mp3")
    assert names_in(tmp_path) == []


def send_and_wait(closed):
    """Build a script that sends audio, and waits for the client to close the connection."""

    def script():
        yield ReceiveRequest()
        yield Send(response_head("transfer-encoding: chunked", media_type="audio/mpeg"))
        yield Send(render_chunk(SOUND))
        closed.append((yield AwaitClose()))

    return script


def test_failed_write_closes_the_connection(connect, serve):
    """The server need not generate the rest."""

    class FullFile(io.BytesIO):
        def write(self, _data):
            raise OSError(28, "No space left on device")

    closed = []
    server = serve(send_and_wait(closed))
    with pytest.raises(OSError, match="No space left"):
        stream(connect(base_url=server.url)).save(FullFile())
    server.join()
    assert closed == [True]


# Reading streams


def test_iter_bytes_of_a_stream(connect):
    """The chunks add up to the audio; the stream has the metadata of its call."""
    audio = stream(connect(response()))
    assert b"".join(audio.iter_bytes()) == SOUND
    assert audio.meta.request_id == "req_1"


@pytest.mark.parametrize("size", [1, 30, 99, 100, 10**9])
def test_iter_bytes_of_a_stream_with_a_chunk_size(connect, size):
    """Each chunk has that size, except for the last one, which is shorter."""
    chunks = list(stream(connect(response(SOUND[:100]))).iter_bytes(size))
    assert b"".join(chunks) == SOUND[:100]
    assert {len(chunk) for chunk in chunks[:-1]} <= {size}
    assert 0 < len(chunks[-1]) <= size


def test_chunk_size_of_zero(connect):
    """It is a ValueError, not an endless loop."""
    with pytest.raises(ValueError, match="chunk_size must be at least 1"):
        next(iter(stream(connect(response())).iter_bytes(0)))


def test_read_of_a_stream(connect):
    """It returns the rest."""
    audio = stream(connect(response()))
    first = next(iter(audio))
    assert first + audio.read() == SOUND


def test_with_streaming_response(connect, tmp_path):
    """The context manager of OpenAI's SDK."""
    with connect(response()).audio.speech.with_streaming_response.create(**SPEECH) as audio:
        audio.stream_to_file(tmp_path / "hello.mp3")
    assert (tmp_path / "hello.mp3").read_bytes() == SOUND


def test_streaming_response_closes_its_connection(connect, serve):
    """At the end of the block."""
    closed = []
    server = serve(send_and_wait(closed))
    with connect(base_url=server.url).audio.speech.with_streaming_response.create(**SPEECH) as audio:
        assert SOUND.startswith(next(iter(audio)))
    server.join()
    assert closed == [True]


# Complete audio


@pytest.mark.parametrize("size", [1000, len(SOUND), 10**9])
def test_iter_bytes(audio, size):
    """Each chunk has that size, except for the last one, which is shorter."""
    chunks = list(audio.iter_bytes(size))
    assert b"".join(chunks) == SOUND
    assert {len(chunk) for chunk in chunks[:-1]} <= {size}
    assert 0 < len(chunks[-1]) <= size


@pytest.mark.parametrize("size", [0, -1])
def test_iter_bytes_without_a_size(audio, size):
    """It would yield nothing."""
    with pytest.raises(ValueError, match="chunk_size must be at least 1"):
        list(audio.iter_bytes(size))


def test_audio_as_bytes(audio):
    """`content`, `read`, `bytes` and iteration have the same bytes."""
    assert audio.content == audio.read() == bytes(audio) == b"".join(audio) == SOUND
    assert len(audio) == len(SOUND)
    assert repr(audio) == f"<Audio {len(SOUND)} bytes, audio/mpeg>"


def test_audio_has_meta(connect):
    """It is the metadata of the call."""
    audio = create(connect(response()))
    assert (audio.meta.request_id, audio.meta.headers["content-type"]) == ("req_1", "audio/mpeg")


def test_audio_can_be_pickled(audio):
    """With its metadata."""
    copied = pickle.loads(pickle.dumps(audio))  # noqa: S301
    assert (copied.content, copied.meta) == (audio.content, audio.meta)
