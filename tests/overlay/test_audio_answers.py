"""Audio that an edge made: written to files, whole or as it comes, or not at all."""

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

import httpx
import pytest

from polargrid import NotFoundError, StreamInterruptedError
from polargrid_runtime.audio import Audio
from polargrid_runtime.response import ResponseMeta as Meta

SPEECH = {"model": "tts-1", "input": "Hi", "voice": "alloy"}
SOUND = b"ID3" + bytes(range(256)) * 600


def spoken(body: bytes = SOUND) -> httpx.Response:
    return httpx.Response(200, headers={"content-type": "audio/mpeg", "x-request-id": "req_1"}, content=body)


def breaks_off(connection):
    """A script that closes in the middle of its audio."""
    connection.request()
    connection.start_stream("audio/mpeg")
    connection.piece(SOUND)


@pytest.fixture
def audio() -> Audio:
    return Audio(SOUND, Meta(headers={"content-type": "audio/mpeg"}))


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def whole(client) -> Audio:
    return client.audio.speech.create(**SPEECH)


def in_pieces(client):
    return client.audio.speech.stream(**SPEECH)


KINDS = pytest.mark.parametrize("ask", [whole, in_pieces, lambda c: c.audio.speech.create(**SPEECH, stream=True)])
TARGETS = pytest.mark.parametrize("name", ["save", "write_to_file", "stream_to_file"])


# Where it is written


@KINDS
@TARGETS
@pytest.mark.parametrize("kind", [str, Path])
def test_to_a_path(connect, tmp_path, ask, name, kind):
    """It is written there, and nothing else is left in the folder."""
    path = tmp_path / "hello.mp3"
    path.write_bytes(b"what was there, longer than nothing")
    getattr(ask(connect(spoken())), name)(kind(path))
    assert path.read_bytes() == SOUND
    assert names_in(tmp_path) == ["hello.mp3"]


@KINDS
def test_to_an_open_file(connect, tmp_path, ask):
    """It goes on from where the file stands, and the file stays open."""
    with (tmp_path / "hello.mp3").open("wb") as file:
        file.write(b"head")
        ask(connect(spoken())).save(file)
        file.write(b"tail")
    assert (tmp_path / "hello.mp3").read_bytes() == b"head" + SOUND + b"tail"


@KINDS
def test_to_memory(connect, ask):
    """A BytesIO is a file."""
    file = io.BytesIO()
    ask(connect(spoken())).save(file)
    assert file.getvalue() == SOUND


@KINDS
def test_to_a_device(connect, ask):
    """A device has no half, and is not replaced by a file."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    try:
        ask(connect(spoken(b"ID3short"))).save(os.ttyname(theirs))
        assert os.read(ours, 100) == b"ID3short"
        assert Path(os.ttyname(theirs)).is_char_device()
    finally:
        os.close(ours)
        os.close(theirs)


def test_to_a_file_that_is_open_already(tmp_path):
    """/dev/stdout and its kind are links that lead to no path: they are written to where they stand."""
    ours, theirs = os.pipe()
    try:
        Audio(b"ID3short", Meta()).save(f"/dev/fd/{theirs}")
        assert os.read(ours, 100) == b"ID3short"
    finally:
        os.close(ours)
        os.close(theirs)


def test_to_a_pipe(audio, tmp_path):
    """Nor has a pipe."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    heard: list[bytes] = []
    reader = threading.Thread(target=lambda: heard.append(pipe.read_bytes()))
    reader.start()
    audio.save(pipe)
    reader.join(10)
    assert heard == [SOUND]
    assert pipe.is_fifo()


@pytest.mark.parametrize("there", [True, False])
def test_through_a_link(audio, tmp_path, there):
    """A link stays one; the file that it leads to is written, even where there was none."""
    (tmp_path / "takes").mkdir()
    file, link = tmp_path / "takes" / "one.mp3", tmp_path / "latest.mp3"
    if there:
        file.write_bytes(b"old")
    link.symlink_to(file)
    audio.save(link)
    assert link.is_symlink()
    assert file.read_bytes() == SOUND
    assert names_in(tmp_path / "takes") == ["one.mp3"]


# What fails


class Full(io.BytesIO):
    """A file on a disk that is full."""

    def write(self, _data):
        raise OSError(28, "No space left on device")


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process grows beyond 1,000 bytes; what the tests themselves write is written before and after."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("old", [b"old", None])
def test_a_save_that_fails(connect, tmp_path, old):
    """The old file is as it was, and no part is left."""
    path = tmp_path / "hello.mp3"
    if old:
        path.write_bytes(old)
    there, coming = whole(connect(spoken())), in_pieces(connect(spoken()))
    with full_disk(), pytest.raises(OSError, match="too large"):
        there.save(path)
    with full_disk(), pytest.raises(OSError, match="too large"):
        coming.save(path)
    assert names_in(tmp_path) == (["hello.mp3"] if old else [])
    assert not old or path.read_bytes() == old


@KINDS
@pytest.mark.parametrize("target", ["missing/hello.mp3", "."])
def test_a_path_that_cannot_be(connect, tmp_path, ask, target):
    """A folder, or a path in none, is an OSError; where audio comes in pieces nothing is asked for before."""
    client = connect(spoken())
    with pytest.raises((FileNotFoundError, IsADirectoryError)):
        ask(client).save(tmp_path / target)
    assert len(client.requests) == (ask is whole)
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("old", [b"old", None])
def test_an_interrupted_stream(connect, serve, tmp_path, old):
    """It leaves nothing, and an old file as it was; the connection is closed."""
    path = tmp_path / "hello.mp3"
    if old:
        path.write_bytes(old)
    edge = serve(breaks_off)
    with pytest.raises(StreamInterruptedError):
        in_pieces(connect(base_url=edge.url)).save(path)
    assert names_in(tmp_path) == (["hello.mp3"] if old else [])
    assert not old or path.read_bytes() == old


def test_a_refused_stream(connect, tmp_path):
    """An error of the edge's leaves nothing either."""
    client = connect(httpx.Response(404, json={"error": {"message": "no such voice"}}))
    with pytest.raises(NotFoundError, match="no such voice"):
        in_pieces(client).save(tmp_path / "hello.mp3")
    assert names_in(tmp_path) == []


def test_a_save_that_is_interrupted_by_the_target(connect, serve):
    """Where writing fails in the middle, the connection is closed and the edge need not go on."""
    left = []

    def script(connection):
        connection.request()
        connection.start_stream("audio/mpeg")
        connection.piece(SOUND)
        left.append(connection.left())

    edge = serve(script)
    with pytest.raises(OSError, match="No space left"):
        in_pieces(connect(base_url=edge.url)).save(Full())
    edge.join()
    assert left == [True]


# As it comes


def test_it_is_written_as_it_comes(connect, serve):
    """The first piece is in the file while the edge still makes the second."""
    written, waited = threading.Event(), []

    class Watched(io.BytesIO):
        def write(self, data):
            count = super().write(data)
            written.set()
            return count

    def script(connection):
        connection.request()
        connection.start_stream("audio/mpeg")
        connection.piece(b"ID3first")
        waited.append(written.wait(10))
        connection.piece(b"second")
        connection.piece(b"")

    edge, file = serve(script), Watched()
    in_pieces(connect(base_url=edge.url)).save(file)
    assert waited == [True]
    assert file.getvalue() == b"ID3firstsecond"


def test_a_path_is_new_when_the_audio_is_whole(connect, serve, tmp_path):
    """Until then whoever reads the path gets what was there."""
    path, seen = tmp_path / "hello.mp3", []
    path.write_bytes(b"old")

    def script(connection):
        connection.request()
        connection.start_stream("audio/mpeg")
        connection.piece(SOUND)
        seen.append(path.read_bytes())
        connection.piece(b"end")
        connection.piece(b"")

    in_pieces(connect(base_url=serve(script).url)).save(path)
    assert (seen, path.read_bytes()) == ([b"old"], SOUND + b"end")


def test_iter_bytes_of_a_stream(connect):
    """The pieces come to the whole, and say how their call went."""
    pieces = in_pieces(connect(spoken()))
    assert b"".join(pieces.iter_bytes()) == SOUND
    assert pieces.meta.request_id == "req_1"


@pytest.mark.parametrize("size", [1, 1000, len(SOUND) - 1, len(SOUND), 10**9])
def test_iter_bytes_of_a_size(connect, size):
    """Pieces of the size that is asked for, however they came, the last one shorter."""
    pieces = list(in_pieces(connect(spoken())).iter_bytes(size))
    assert b"".join(pieces) == SOUND
    assert {len(each) for each in pieces[:-1]} <= {size}
    assert 0 < len(pieces[-1]) <= size


def test_iter_bytes_of_no_size(connect):
    """No size is no endless loop."""
    with pytest.raises(ValueError, match="chunk_size must be at least 1"):
        next(iter(in_pieces(connect(spoken())).iter_bytes(0)))


def test_read_of_a_stream(connect):
    """What is left, at once."""
    pieces = in_pieces(connect(spoken()))
    first = next(iter(pieces))
    assert first + pieces.read() == SOUND


def test_with_streaming_response(connect, tmp_path):
    """As OpenAI's SDK has it: a context manager, whose audio is written as it comes."""
    with connect(spoken()).audio.speech.with_streaming_response.create(**SPEECH) as response:
        response.stream_to_file(tmp_path / "hello.mp3")
    assert (tmp_path / "hello.mp3").read_bytes() == SOUND


def test_a_streaming_response_that_is_left(connect, serve):
    """Leaving the block closes the connection."""
    left = []

    def script(connection):
        connection.request()
        connection.start_stream("audio/mpeg")
        connection.piece(SOUND)
        left.append(connection.left())

    edge = serve(script)
    with connect(base_url=edge.url).audio.speech.with_streaming_response.create(**SPEECH) as response:
        assert SOUND.startswith(next(iter(response)))
    edge.join()
    assert left == [True]


# Whole audio


@pytest.mark.parametrize("size", [1000, len(SOUND), 10**9])
def test_iter_bytes(audio, size):
    """Its bytes in pieces of the size that is asked for, the last one shorter."""
    pieces = list(audio.iter_bytes(size))
    assert b"".join(pieces) == SOUND
    assert {len(each) for each in pieces[:-1]} <= {size}
    assert 0 < len(pieces[-1]) <= size


def test_audio_is_its_bytes(audio, connect):
    """However they are asked for; and it tells how its call went."""
    assert audio.content == audio.read() == bytes(audio) == b"".join(audio) == SOUND
    assert len(audio) == len(SOUND)
    assert repr(audio) == f"<Audio {len(SOUND)} bytes, audio/mpeg>"
    made = whole(connect(spoken()))
    assert (made.meta.request_id, made.meta.headers["content-type"]) == ("req_1", "audio/mpeg")


def test_audio_travels(audio):
    """It is pickled with how its call went."""
    twin = pickle.loads(pickle.dumps(audio))  # noqa: S301
    assert (twin.content, twin.meta) == (audio.content, audio.meta)
