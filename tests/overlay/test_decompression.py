"""Decompression of bodies, within bounds."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest

from polargrid import NetworkError, ServerError
from polargrid_transport.decompression import Decompressor

TEXT = b"Once upon a time. " * 50


def compress_raw(data: bytes) -> bytes:
    """Compress without the zlib header, as some servers do."""
    return zlib.compress(data, wbits=-15)


COMPRESSED = {
    "gzip": ("gzip", gzip.compress(TEXT)),
    "x-gzip": ("x-gzip", gzip.compress(TEXT)),
    "zlib": ("deflate", zlib.compress(TEXT)),
    "raw deflate": ("deflate", compress_raw(TEXT)),
    "gzip named deflate": ("deflate", gzip.compress(TEXT)),
    "two members": ("gzip", gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:])),
    "an empty member": ("gzip", gzip.compress(TEXT) + gzip.compress(b"")),
    "zero padding": ("gzip", gzip.compress(TEXT) + bytes(100)),
    "zero padding between members": ("gzip", gzip.compress(TEXT[:100]) + bytes(9) + gzip.compress(TEXT[100:])),
    "capitals and spaces": (" GZip ", gzip.compress(TEXT)),
    "identity": ("identity", TEXT),
    "none": (None, TEXT),
    "an empty name": ("", TEXT),
}
for_each_encoding = pytest.mark.parametrize(("encoding", "data"), COMPRESSED.values(), ids=COMPRESSED)


def decompress(encoding, *data):
    """Decompress a complete body that arrives in these pieces."""
    decompressor = Decompressor(encoding)
    body = b"".join(output for item in data for output in decompressor.feed(item))
    decompressor.finish()
    return body


@for_each_encoding
def test_whole(encoding, data):
    """A body is decompressed by its encoding."""
    assert decompress(encoding, data) == TEXT


@for_each_encoding
def test_split_anywhere(encoding, data):
    """A body may arrive byte by byte, or split anywhere."""
    assert decompress(encoding, *(bytes([byte]) for byte in data)) == TEXT
    for index in range(1, len(data)):
        assert decompress(encoding, data[:index], data[index:]) == TEXT, index


@pytest.mark.parametrize("encoding", [None, "identity", "gzip", "deflate"])
def test_empty(encoding):
    """An empty body is empty in any encoding."""
    assert decompress(encoding) == b""


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "compress", "\x00"])
def test_unsupported_encoding(encoding):
    """An unsupported encoding is rejected by name."""
    with pytest.raises(ServerError) as caught:
        Decompressor(encoding)
    assert caught.value.message == f"unsupported Content-Encoding {encoding!r}"


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_not_compressed(encoding):
    """A body that is not compressed is a ServerError."""
    with pytest.raises(ServerError, match=f"^invalid {encoding} body: Error -3"):
        decompress(encoding, b"\xff" * 100)


@pytest.mark.parametrize(("encoding", "wbits"), [("gzip", 31), ("deflate", 15), ("deflate", -15)])
def test_invalid_in_the_middle(encoding, wbits):
    """Bytes that become invalid are a ServerError; those before are returned."""
    compressor, decompressor = zlib.compressobj(wbits=wbits), Decompressor(encoding)
    data = compressor.compress(TEXT) + compressor.flush(zlib.Z_SYNC_FLUSH)
    assert b"".join(decompressor.feed(data)) == TEXT
    with pytest.raises(ServerError, match=f"^invalid {encoding} body: Error -3"):
        list(decompressor.feed(b"\xff" * 100))


def test_junk_after_a_member():
    """Junk after a complete gzip member is a ServerError."""
    with pytest.raises(ServerError, match="invalid gzip body"):
        decompress("gzip", gzip.compress(TEXT) + b"junk")


@pytest.mark.parametrize("length", [1, 2, 20, -1])
@pytest.mark.parametrize(("encoding", "compress"), [("gzip", gzip.compress), ("deflate", compress_raw)])
def test_truncated(encoding, compress, length):
    """A compressed body without its end is truncated, even if the connection says that it is complete."""
    with pytest.raises(NetworkError, match=f"^truncated {encoding} body$"):
        decompress(encoding, compress(TEXT)[:length])


EMPTY_BLOCK = b"\0\0\0\xff\xff"
TOO_MUCH = {
    "empty members": ("gzip", gzip.compress(b"") * 500_000, "gzip body has more than 10000 members"),
    "members of one byte": ("gzip", gzip.compress(b"a") * 500_000, "gzip body has more than 10000 members"),
    "padding": (
        "gzip",
        gzip.compress(TEXT) + bytes(10_000_000),
        "gzip body has more than 262144 bytes without content",
    ),
    "empty blocks": ("deflate", EMPTY_BLOCK * 2_000_000, "deflate body has more than 262144 bytes without content"),
    "a long name": (
        "gzip",
        b"\x1f\x8b\x08\x08" + bytes(6) + b"a" * 10_000_000,
        "gzip body has more than 262144 bytes without content",
    ),
}


@pytest.mark.parametrize("size", [10_000_000, 65_536, 1000])
@pytest.mark.parametrize(("encoding", "data", "message"), TOO_MUCH.values(), ids=TOO_MUCH)
def test_parts_without_content(encoding, data, message, size):
    """What has no content is bounded, in linear time, however the body is split."""
    with pytest.raises(ServerError, match=f"^{message}$"):
        decompress(encoding, *(data[start : start + size] for start in range(0, len(data), size)))


def test_many_members():
    """Thousands of members are one body."""
    assert decompress("gzip", gzip.compress(b"ab") * 10_000) == b"ab" * 10_000


@pytest.mark.parametrize("length", [65_535, 65_536, 65_537, 65_600, 131_072, 131_073])
def test_last_slice(length):
    """Output that is left after the last input is returned as well."""
    assert len(decompress("deflate", compress_raw(bytes(length)))) == length


def test_slices():
    """Output is returned in slices of 64 KiB."""
    slices = list(Decompressor("gzip").feed(gzip.compress(bytes(200_000))))
    assert [len(item) for item in slices] == [65_536, 65_536, 65_536, 3_392]


def test_bomb():
    """A slice of a body that decompresses to 100 MB is returned before the rest is decompressed."""
    compressor = zlib.compressobj(wbits=31)
    bomb = b"".join(compressor.compress(bytes(1_000_000)) for _ in range(100)) + compressor.flush()
    tracemalloc.start()
    try:
        for _ in Decompressor("gzip").feed(bomb):
            pass
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()
