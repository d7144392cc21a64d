"""Compressed responses: valid, broken, or malicious."""

import gzip
import zlib

import pytest

from polargrid import AuthenticationError, NetworkError, ServerError, StreamInterruptedError
from tests.overlay.faults.registry import fault
from tests.overlay.faults.scripts import (
    CHAT,
    DONE,
    HEALTHY,
    SPEECH,
    chunk,
    close,
    response,
    response_head,
    send,
    send_in_turn,
    stream,
    texts,
    wait_for_disconnect,
)

PLAIN = HEALTHY.partition(b"\r\n\r\n")[2]
GZIP = "content-encoding: gzip"
BOMB = gzip.compress(bytes(1 << 20)) * 300  # 300 MB of zeros in 300 kB


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(PLAIN)),
        ("GZIP", gzip.compress(PLAIN[:9]) + gzip.compress(PLAIN[9:])),
        ("x-gzip", gzip.compress(PLAIN)),
        ("deflate", zlib.compress(PLAIN)),
        ("deflate", zlib.compress(PLAIN, wbits=-15)),
        ("identity", PLAIN),
    ],
    ids=["gzip", "two members", "x-gzip", "deflate", "raw deflate", "identity"],
)
@fault(
    "encoding",
    "It is gzip or deflate, with or without the zlib header",
    result="the response",
    line='fake.fault("compressed", encoding="deflate")',
)
def test_compressed(connect_to, encoding, body):
    client = connect_to(send(response(body, f"content-encoding: {encoding}")))
    assert client.health().status == "healthy"
    assert client.server.requests[0].headers["accept-encoding"] == "gzip, deflate"


@fault(
    "encoding",
    "Zeros follow gzip, as padding",
    result="the response",
    line='fake.fault("compressed", problem="padding", size=512)',
)
def test_zero_padding(connect_to):
    assert connect_to(send(response(gzip.compress(PLAIN) + bytes(512), GZIP))).health().status == "healthy"


@fault(
    "encoding",
    "Compressed bytes arrive one at a time",
    result="the response",
    line='fake.fault("compressed", chunk_size=1)',
)
def test_byte_by_byte(connect_to):
    body = gzip.compress(PLAIN)
    data = [bytes([byte]) for byte in body]
    assert connect_to(send(response_head(GZIP, length=len(body)), *data)).health().status == "healthy"


@fault(
    "encoding",
    "300 kB decompress to 300 MB",
    result="`ServerError` after `max_body_bytes`, in bounded memory",
    line='fake.fault("compressed", problem="bomb")',
)
def test_bomb(connect_to, expect_error, limit_memory):
    client = connect_to(send(response(BOMB, GZIP)), max_body_bytes=1_000_000)
    with limit_memory(32_000_000), expect_error(ServerError, "exceeds max_body_bytes, 1000000 bytes"):
        client.health()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (gzip.compress(b"") * 250_000, "gzip body has more than 10000 members"),
        (gzip.compress(b"1") * 250_000, "gzip body has more than 10000 members"),
        (gzip.compress(PLAIN) + bytes(5_000_000), "gzip body has more than 262144 bytes without content"),
    ],
    ids=["empty members", "members", "padding"],
)
@fault(
    "encoding",
    "5 MB of gzip hold no content: empty members, padding, empty blocks",
    result="`ServerError` that names the limit: 10,000 members, 256 KiB without content",
    line='fake.fault("compressed", problem="members", size=5_000_000)',
)
def test_gzip_without_content(connect_to, expect_error, body, message):
    with expect_error(ServerError, message):
        connect_to(send(response(body, GZIP))).health()


@fault(
    "encoding",
    "300 kB of a stream decompress to an event of 300 MB",
    result="`ServerError` after `max_event_bytes`",
    line='fake.fault("compressed", problem="bomb")',
)
def test_bomb_in_stream(connect_to, expect_error, limit_memory):
    bomb = gzip.compress(chunk("a") + b"data: ") + BOMB
    client = connect_to(stream(bomb, headers=(GZIP,)), max_event_bytes=1_000_000)
    with limit_memory(32_000_000), expect_error(ServerError, "1000000 bytes", partial="a"):
        list(client.chat_completion_stream(CHAT))


@fault(
    "encoding",
    "The body of an error decompresses to 300 MB",
    result="the error of its status, in bounded memory",
    line='fake.fault("compressed", problem="bomb", status=401)',
)
def test_bomb_in_error(connect_to, expect_error, limit_memory):
    with limit_memory(32_000_000), expect_error(AuthenticationError, "401", status_code=401):
        connect_to(send(response(BOMB, GZIP, status="401 Unauthorized"))).health()


@fault(
    "encoding",
    "gzip is truncated",
    result="`NetworkError`, retried; never half a value",
    line='fake.fault("compressed", problem="truncated", times=None)',
)
def test_truncated(connect_to, expect_error):
    client = connect_to(send_in_turn(*[response(gzip.compress(PLAIN)[:-5], GZIP)] * 2), max_retries=1)
    with expect_error(NetworkError, "truncated gzip body"):
        client.health()
    assert len(client.server.requests) == 2


@fault(
    "encoding",
    "The gzip of a stream is truncated",
    result="`StreamInterruptedError` with the text so far in `partial`",
    line='fake.fault("compressed", problem="truncated")',
)
def test_truncated_stream(connect_to, expect_error):
    data = gzip.compress(chunk("a") * 2000, mtime=0)
    with expect_error(StreamInterruptedError, "truncated gzip body") as caught:
        list(connect_to(stream(data[:-9], headers=(GZIP,))).chat_completion_stream(CHAT))
    assert set(caught.value.partial) == {"a"}


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
@fault(
    "encoding",
    "Content-Encoding is set, but the body is not compressed",
    result="`ServerError`",
    line='fake.fault("compressed", problem="not-compressed")',
)
def test_not_compressed(connect_to, expect_error, encoding):
    with expect_error(ServerError, f"invalid {encoding} body"):
        connect_to(send(response(b"\xff" + PLAIN, f"content-encoding: {encoding}"))).health()


@fault("encoding", "The checksum is wrong", result="`ServerError`", line='fake.fault("compressed", problem="checksum")')
def test_wrong_checksum(connect_to, expect_error):
    data = gzip.compress(PLAIN)
    with expect_error(ServerError, "invalid gzip body"):
        connect_to(send(response(data[:-8] + b"\0\0\0\0" + data[-4:], GZIP))).health()


@fault(
    "encoding",
    "Junk follows the compressed bytes",
    result="`ServerError`",
    line='fake.fault("compressed", problem="junk")',
)
def test_trailing_junk(connect_to, expect_error):
    with expect_error(ServerError, "invalid gzip body"):
        connect_to(send(response(gzip.compress(PLAIN) + b"junk junk junk", GZIP))).health()


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "unknown"])
@fault(
    "encoding",
    "Content-Encoding is not in Accept-Encoding (`br`, `zstd`)",
    result="`ServerError` that names it",
    line='fake.fault("content-encoding", value="br")',
)
def test_unsupported(connect_to, expect_error, encoding):
    with expect_error(ServerError, f"unsupported Content-Encoding '{encoding}'"):
        connect_to(send(response(b"\x1b\x50", f"content-encoding: {encoding}"))).health()


@fault(
    "encoding",
    "Content-Encoding of a stream is not in Accept-Encoding",
    result="`ServerError` that names it",
    line='fake.fault("content-encoding", value="br")',
)
def test_unsupported_stream(connect_to, expect_error):
    with expect_error(ServerError, "unsupported Content-Encoding 'br'"):
        list(connect_to(stream(b"\x1b\x50", headers=("content-encoding: br",))).chat_completion_stream(CHAT))


@pytest.mark.parametrize("encoding", ["br", "gzip"])
@fault(
    "encoding",
    "The body of an error cannot be decompressed",
    result="the error of its status",
    line='fake.fault("content-encoding", value="br", status=401)',
)
def test_undecodable_error(connect_to, expect_error, encoding):
    data = response(b"\x1b\x50", f"content-encoding: {encoding}", status="401 Unauthorized")
    with expect_error(AuthenticationError, "401", status_code=401):
        connect_to(send(data)).health()


@fault(
    "encoding",
    "503 with an unsupported Content-Encoding, once",
    result="the response, after a retry",
    line='fake.fault("content-encoding", value="br", status=503)',
)
def test_unsupported_busy(connect_to):
    busy = response(b"\x1b\x50", "content-encoding: br", "retry-after-ms: 0", status="503 Service Unavailable")
    assert connect_to(send_in_turn(busy, HEALTHY), send(HEALTHY), max_retries=1).health().meta.attempts == 2


@fault(
    "encoding",
    "A compressed stream arrives event by event",
    result="each chunk as it arrives",
    line='fake.fault("compressed")',
)
def test_compressed_stream(connect_to):
    compressor = zlib.compressobj(wbits=31)
    events = [chunk("a"), chunk("b"), DONE]
    data = [compressor.compress(event) + compressor.flush(zlib.Z_SYNC_FLUSH) for event in events]
    client = connect_to(stream(*data, then=wait_for_disconnect, headers=(GZIP,)))
    assert texts(client.chat_completion_stream(CHAT)) == ["a", "b"]


@fault(
    "encoding",
    "Streamed audio is compressed and truncated",
    result="`StreamInterruptedError`",
    line='fake.fault("compressed", problem="truncated")',
)
def test_truncated_audio(connect_to, expect_error):
    client = connect_to(stream(gzip.compress(b"ID3")[:-4], headers=(GZIP,), media_type="audio/mpeg"))
    with expect_error(StreamInterruptedError, "truncated gzip body"):
        list(client.text_to_speech_stream(SPEECH))


@fault(
    "encoding",
    "The connection closes inside compressed bytes",
    result="`NetworkError`",
    line='fake.fault("compressed", problem="cut")',
)
def test_closed(connect_to, expect_error):
    with expect_error(NetworkError, "connection error"):
        connect_to(send(response_head(GZIP, length=900) + gzip.compress(PLAIN)[:20], then=close)).health()
