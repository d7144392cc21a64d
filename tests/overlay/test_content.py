"""The content of an answer, unpacked as it says, within bounds."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest

from polargrid import NetworkError, ServerError
from polargrid.transport.content import Body, Unpacker

TEXT = b"Once upon a time. " * 50


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKED = {
    "gzip": ("gzip", gzip.compress(TEXT)),
    "x-gzip": ("x-gzip", gzip.compress(TEXT)),
    "zlib": ("deflate", zlib.compress(TEXT)),
    "no frame": ("deflate", raw_deflate(TEXT)),
    "gzip by another name": ("deflate", gzip.compress(TEXT)),
    "two members": ("gzip", gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:])),
    "an empty member": ("gzip", gzip.compress(TEXT) + gzip.compress(b"")),
    "capitals and blanks": (" GZip ", gzip.compress(TEXT)),
    "identity": ("identity", TEXT),
    "none": (None, TEXT),
    "an empty name": ("", TEXT),
}
each_packing = pytest.mark.parametrize(("encoding", "packed"), PACKED.values(), ids=PACKED)


def unpacked(encoding, *pieces, limit=1_000_000):
    body = Body(encoding, limit)
    for piece in [*pieces, b""]:
        body.feed(piece)
    return body.content


@each_packing
def test_whole(encoding, packed):
    """An answer is unpacked as its encoding says."""
    assert unpacked(encoding, packed) == TEXT


@each_packing
def test_byte_by_byte(encoding, packed):
    """It may come a byte at a time."""
    assert unpacked(encoding, *(bytes([byte]) for byte in packed)) == TEXT


@each_packing
def test_cut_in_two(encoding, packed):
    """Or be cut anywhere."""
    for cut in range(1, len(packed)):
        assert unpacked(encoding, packed[:cut], packed[cut:]) == TEXT, cut


@pytest.mark.parametrize("encoding", [None, "identity", "gzip", "deflate"])
def test_nothing(encoding):
    """An answer of nothing is nothing, however it says that it is packed."""
    assert unpacked(encoding) == b""


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "compress", "\x00"])
def test_encodings_that_were_not_asked_for(encoding):
    """What the SDK cannot unpack is refused by name."""
    with pytest.raises(ServerError) as caught:
        Unpacker(encoding)
    assert caught.value.message == f"The answer is packed as {encoding!r}, which was not asked for"


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_what_is_not_packed_at_all(encoding):
    """An answer that is not what its encoding says is a ServerError that says so."""
    with pytest.raises(ServerError, match=f"^The answer is no {encoding}: Error -3"):
        unpacked(encoding, b"\xff" * 100)


@pytest.mark.parametrize(("encoding", "wbits"), [("gzip", 31), ("deflate", 15), ("deflate", -15)])
def test_what_is_packed_and_then_is_not(encoding, wbits):
    """A fault in the middle is one, too, and what came before it stays."""
    packer = zlib.compressobj(wbits=wbits)
    body = Body(encoding, 10_000)
    body.feed(packer.compress(TEXT) + packer.flush(zlib.Z_SYNC_FLUSH))
    with pytest.raises(ServerError, match=f"^The answer is no {encoding}: Error -3"):
        body.feed(b"\xff" * 100)
    assert body.content == TEXT


def test_what_follows_a_member():
    """So is what follows a whole gzip and is none."""
    with pytest.raises(ServerError, match="is no gzip"):
        unpacked("gzip", gzip.compress(TEXT) + b"junk")


@pytest.mark.parametrize("length", [1, 2, 20, -1])
@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", raw_deflate)])
def test_breaks_off(encoding, pack, length):
    """A packed answer whose end is missing is broken, whatever the connection says."""
    with pytest.raises(NetworkError, match=f"^The answer's {encoding} breaks off$"):
        unpacked(encoding, pack(TEXT)[:length])


@pytest.mark.parametrize("length", [65_535, 65_536, 65_537, 65_600, 131_072, 131_073])
def test_last_slice(length):
    """What is left when all bytes are taken in is unpacked, too."""
    assert len(unpacked("deflate", raw_deflate(bytes(length)))) == length


def test_content_so_far():
    """What came is there before the end is, and the end is told."""
    body = Body("gzip", 10_000)
    body.feed(gzip.compress(TEXT))
    assert (body.content, body.complete) == (TEXT, False)
    body.feed(b"")
    assert (body.content, body.complete) == (TEXT, True)


@pytest.mark.parametrize(("encoding", "packed"), [(None, TEXT), ("gzip", gzip.compress(TEXT))])
def test_bound(encoding, packed):
    """An answer that is longer than its bound is refused, one that is as long is not."""
    assert unpacked(encoding, packed, limit=len(TEXT)) == TEXT
    with pytest.raises(ServerError, match=r"^The answer is longer than max_body_bytes, 899 bytes$"):
        unpacked(encoding, packed, limit=len(TEXT) - 1)


def test_bound_over_pieces():
    """The bound is for all pieces together."""
    assert unpacked(None, *[b"x" * 10] * 9, limit=90) == b"x" * 90
    with pytest.raises(ServerError, match="max_body_bytes"):
        unpacked(None, *[b"x" * 10] * 10, limit=90)


def test_slices():
    """A packed answer is unpacked in slices of 64 KiB, whatever it holds."""
    pieces = list(Unpacker("gzip").feed(gzip.compress(bytes(200_000))))
    assert [len(piece) for piece in pieces] == [65_536, 65_536, 65_536, 3_392]


def test_bomb():
    """A few bytes that unpack to a hundred million are met before they fill the memory."""
    packer = zlib.compressobj(wbits=31)
    bomb = b"".join(packer.compress(bytes(1_000_000)) for _ in range(100)) + packer.flush()
    tracemalloc.start()
    try:
        with pytest.raises(ServerError, match="max_body_bytes"):
            unpacked("gzip", bomb, limit=1_000_000)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


def test_pieces_of_a_byte_or_two():
    """An answer that comes in the smallest pieces takes no more room than its bytes."""
    body = Body(None, 1_000_000)
    tracemalloc.start()
    try:
        for number in range(100_000):
            body.feed(number.to_bytes(4, "big"))
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
