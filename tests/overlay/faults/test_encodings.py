"""Answers that are packed: well, badly, or to do harm."""

import gzip
import zlib

import pytest

from polargrid import AuthenticationError, NetworkError, ServerError, StreamInterruptedError
from tests.overlay.faults.edges import (
    CHAT,
    DONE,
    FINE,
    SPEECH,
    answer,
    chunk,
    closes,
    head,
    heard,
    in_turn,
    says,
    streams,
    texts,
)
from tests.overlay.faults.registry import fault

PLAIN = FINE.partition(b"\r\n\r\n")[2]
GZIP = "content-encoding: gzip"
BOMB = gzip.compress(bytes(1 << 20)) * 300  # 300 MB of zeros in 300 kB
RAW = zlib.compress(PLAIN, wbits=-15)


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(PLAIN)),
        ("GZIP", gzip.compress(PLAIN[:9]) + gzip.compress(PLAIN[9:])),
        ("x-gzip", gzip.compress(PLAIN)),
        ("deflate", zlib.compress(PLAIN)),
        ("deflate", RAW),
        ("identity", PLAIN),
    ],
    ids=["gzip", "two members", "x-gzip", "deflate", "raw deflate", "identity"],
)
@fault("encoding", "It is packed by gzip or deflate, with or without its frame", then="the answer")
def test_packed(against, coding, body):
    client = against(says(answer(body, f"content-encoding: {coding}")))
    assert client.health().status == "healthy"
    assert heard(client.edge)[0].headers["accept-encoding"] == "gzip, deflate"


@fault("encoding", "Packed bytes come one at a time", then="the answer")
def test_packed_slowly(against):
    body = gzip.compress(PLAIN)
    pieces = [bytes([byte]) for byte in body]
    assert against(says(head(GZIP, length=len(body)), *pieces)).health().status == "healthy"


@fault("encoding", "300 kB unpack to 300 MB", then="`ServerError` after `max_body_bytes`, in bounded memory")
def test_bomb(against, fails, memory):
    client = against(says(answer(BOMB, GZIP)), max_body_bytes=1_000_000)
    with memory(8_000_000), fails(ServerError, "longer than max_body_bytes, 1000000 bytes"):
        client.health()


@fault("encoding", "A stream's 300 kB unpack to an event of 300 MB", then="`ServerError` after `max_event_bytes`")
def test_bomb_in_a_stream(against, fails, memory):
    bomb = gzip.compress(chunk("a") + b"data: ") + BOMB
    client = against(streams(bomb, headers=(GZIP,)), max_event_bytes=1_000_000)
    with memory(16_000_000), fails(ServerError, "an event is longer than 1000000 bytes", partial="a"):
        list(client.chat_completion_stream(CHAT))


@fault("encoding", "The body of an error unpacks to 300 MB", then="the error of its status, in bounded memory")
def test_bomb_in_an_error(against, fails, memory):
    with memory(8_000_000), fails(AuthenticationError, "401", status_code=401):
        against(says(answer(BOMB, GZIP, status="401 Unauthorized"))).health()


@fault("encoding", "gzip breaks off", then="`NetworkError`, tried again; never half a value")
def test_cut(against, fails):
    client = against(in_turn(*[answer(gzip.compress(PLAIN)[:-5], GZIP)] * 2), max_retries=1)
    with fails(NetworkError, "gzip breaks off"):
        client.health()
    assert len(heard(client.edge)) == 2


@fault("encoding", "A stream's gzip breaks off", then="`StreamInterruptedError` with the text so far in `partial`")
def test_cut_stream(against, fails):
    packed = gzip.compress(chunk("a") * 2000, mtime=0)
    with fails(StreamInterruptedError, "gzip breaks off") as caught:
        list(against(streams(packed[:-9], headers=(GZIP,))).chat_completion_stream(CHAT))
    assert set(caught.value.partial) == {"a"}


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
@fault("encoding", "It is not packed, but says so", then="`ServerError`")
def test_not_packed(against, fails, coding):
    with fails(ServerError, f"The answer is no {coding}"):
        against(says(answer(b"\xff" + PLAIN, f"content-encoding: {coding}"))).health()


@fault("encoding", "Packed bytes are damaged", then="`ServerError`: their sum is not right")
def test_damaged(against, fails):
    packed = gzip.compress(PLAIN)
    with fails(ServerError, "The answer is no gzip"):
        against(says(answer(packed[:-8] + b"\0\0\0\0" + packed[-4:], GZIP))).health()


@fault("encoding", "Junk follows the packed bytes", then="`ServerError`")
def test_junk_behind(against, fails):
    with fails(ServerError, "The answer is no gzip"):
        against(says(answer(gzip.compress(PLAIN) + b"junk junk junk", GZIP))).health()


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "of-tomorrow"])
@fault("encoding", "It is packed as was not asked for (`br`, `zstd`)", then="`ServerError` that says so")
def test_other_codings(against, fails, coding):
    with fails(ServerError, f"packed as '{coding}', which was not asked for"):
        against(says(answer(b"\x1b\x50", f"content-encoding: {coding}"))).health()


@fault("encoding", "A stream is packed as was not asked for", then="`ServerError` that says so")
def test_other_codings_of_a_stream(against, fails):
    with fails(ServerError, "packed as 'br', which was not asked for"):
        list(against(streams(b"\x1b\x50", headers=("content-encoding: br",))).chat_completion_stream(CHAT))


@pytest.mark.parametrize("coding", ["br", "gzip"])
@fault("encoding", "An error is packed as was not asked for, or badly", then="the error of its status")
def test_error_in_another_coding(against, fails, coding):
    said = answer(b"\x1b\x50", f"content-encoding: {coding}", status="401 Unauthorized")
    with fails(AuthenticationError, "401", status_code=401):
        against(says(said)).health()


@fault("encoding", "503 is packed as was not asked for, once", then="the answer: it is tried again")
def test_busy_in_another_coding(against):
    busy = answer(b"\x1b\x50", "content-encoding: br", "retry-after-ms: 0", status="503 Service Unavailable")
    assert against(says(busy), says(FINE), max_retries=1).health().meta.attempts == 2


@fault("encoding", "A packed stream comes event by event", then="each chunk as it comes")
def test_packed_stream(against):
    packer = zlib.compressobj(wbits=31)
    events = [chunk("a"), chunk("b"), DONE]
    pieces = [packer.compress(event) + packer.flush(zlib.Z_SYNC_FLUSH) for event in events]
    chunks = against(streams(*pieces, then=lambda connection: connection.left(), headers=(GZIP,)))
    assert texts(chunks.chat_completion_stream(CHAT)) == ["a", "b"]


@fault("encoding", "Streamed audio is packed, and breaks off", then="`StreamInterruptedError`")
def test_cut_audio(against, fails):
    audio = against(streams(gzip.compress(b"ID3")[:-4], headers=(GZIP,), media_type="audio/mpeg"))
    with fails(StreamInterruptedError, "gzip breaks off"):
        list(audio.text_to_speech_stream(SPEECH))


@fault("encoding", "The connection closes in the middle of packed bytes", then="`NetworkError`")
def test_closed(against, fails):
    with fails(NetworkError, "The connection broke"):
        against(says(head(GZIP, length=900) + gzip.compress(PLAIN)[:20], then=closes)).health()
