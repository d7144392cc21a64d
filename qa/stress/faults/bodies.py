"""How a body is framed and compressed: too short, in chunks, packed."""

from __future__ import annotations

import gzip
import zlib

from qa.stress.exchange import Exchange
from qa.stress.faults.registry import fault
from qa.stress.payloads import JSON, OPERATIONS, STREAMS, encode_chunk

_WHOLE = tuple(operation for operation in OPERATIONS if operation not in STREAMS)
_NOT_AUDIO = tuple(operation for operation in OPERATIONS if operation != "audio")
_BOMB = 40_000_000  # bytes


@fault()
async def body_short(exchange: Exchange) -> None:
    """The body is shorter than its length."""
    body = exchange.response.body
    await exchange.send(exchange.response.encode_head(f"content-length: {len(body)}") + exchange.cut(body, 0))
    exchange.connection.close()


@fault(JSON)
async def body_surplus(exchange: Exchange) -> None:
    """The body is longer than its length, and cut JSON without the rest."""
    body = exchange.response.body
    head = exchange.response.encode_head(f"content-length: {len(body) - exchange.random.randint(1, 20)}")
    await exchange.send(head + body)


@fault()
async def chunk_size_invalid(exchange: Exchange) -> None:
    """The size of a chunk is no number, or a large one."""
    size = exchange.random.choice([b"zz", b"-1", b"", b"f" * 17, b"0x5", b" 5 5"])
    await exchange.send(exchange.response.encode_chunked(last=size + b"\r\nhello\r\n"))


@fault()
async def chunk_cut(exchange: Exchange) -> None:
    """The connection closes inside a chunk."""
    data = exchange.response.encode_chunked(last=b"")
    await exchange.send(data[: -exchange.random.randint(1, 2 + len(exchange.response.pieces[-1]))])
    exchange.connection.close()


@fault(_WHOLE)
async def chunk_last_missing(exchange: Exchange) -> None:
    """The connection closes before the last chunk."""
    await exchange.send(exchange.response.encode_chunked(last=b""))
    exchange.connection.close()


@fault()
async def chunks_small(exchange: Exchange) -> None:
    """Chunks of a few bytes, with extensions and a trailer; this is legal."""
    body, at = exchange.response.body, 0
    data = exchange.response.encode_head("transfer-encoding: chunked", "trailer: x-sum")
    while at < len(body):
        size = exchange.random.randint(1, max(50, len(body) // 200))
        data += encode_chunk(body[at : at + size]).replace(b"\r\n", b";name=value\r\n", 1)
        at += size
    await exchange.send_pieces(data + b"0\r\nx-sum: 1\r\n\r\n", (500, 50_000))


@fault()
async def trailers_many(exchange: Exchange) -> None:
    """2,000 trailers follow the last chunk."""
    await exchange.send(exchange.response.encode_chunked(last=b"0\r\n" + b"x-trailer: a\r\n" * 2_000 + b"\r\n"))


async def _send_packed(exchange: Exchange, body: bytes, encoding: str = "gzip") -> None:
    exchange.response.headers.append(f"content-encoding: {encoding}")
    exchange.response.pieces = [body]
    await exchange.send_pieces(exchange.response.encode(), (1, 30_000))


@fault()
async def gzip_valid(exchange: Exchange) -> None:
    """The body is compressed; this is legal."""
    body = exchange.response.body
    if exchange.random.random() < 0.5:
        await _send_packed(exchange, gzip.compress(body))
    else:
        await _send_packed(exchange, zlib.compress(body), "deflate")


@fault()
async def gzip_members(exchange: Exchange) -> None:
    """The body is two members of gzip, with 1,000 empty ones between."""
    body = exchange.response.body
    half = len(body) // 2
    members = [gzip.compress(body[:half]), *[gzip.compress(b"")] * 1_000, gzip.compress(body[half:])]
    await _send_packed(exchange, b"".join(members))


@fault()
async def gzip_cut(exchange: Exchange) -> None:
    """The compressed bytes end early, and the framing is right."""
    await _send_packed(exchange, exchange.cut(gzip.compress(exchange.response.body)))


@fault(_NOT_AUDIO)  # streamed audio is not checked before its end
async def gzip_junk(exchange: Exchange) -> None:
    """Bytes follow the compressed ones, or are between them."""
    packed, junk = gzip.compress(exchange.response.body), exchange.random.randbytes(9)
    at = exchange.random.choice([len(packed), exchange.random.randint(10, len(packed) - 1)])
    await _send_packed(exchange, packed[:at] + junk + packed[at:])


@fault()
async def gzip_zeros(exchange: Exchange) -> None:
    """Zeros pad the compressed bytes."""
    await _send_packed(exchange, gzip.compress(exchange.response.body) + bytes(500))


_PACKED_BOMB = gzip.compress(bytes(_BOMB), 6)


@fault(_NOT_AUDIO, weight=0.3)  # zeros may be audio
async def gzip_bomb(exchange: Exchange) -> None:
    """40 kB decompress to 40 MB."""
    await _send_packed(exchange, _PACKED_BOMB)


@fault()
async def encoding_other(exchange: Exchange) -> None:
    """The body is in an encoding that was not requested, or is not compressed."""
    await _send_packed(exchange, exchange.response.body, exchange.random.choice(["br", "zstd", "gzip", "gzip, gzip"]))
