"""Small files that claim to be large."""

from __future__ import annotations

import struct


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + kind + body


def _full_box(kind: bytes, *parts: bytes) -> bytes:
    return _box(kind, bytes(4), *parts)


def mp4(samples: int, *, sample_size: int = 1) -> bytes:
    """An MP4 of 557 bytes whose sample table claims a number of samples; FFmpeg builds an index of all of them."""
    entry = _box(b"mp4a", bytes(6), struct.pack(">H8xHHHHI", 1, 1, 16, 0, 0, 16_000 << 16))
    table = _box(
        b"stbl",
        _full_box(b"stsd", struct.pack(">I", 1), entry),
        _full_box(b"stts", struct.pack(">III", 1, samples, 1024)),
        _full_box(b"stsc", struct.pack(">IIII", 1, 1, samples, 1)),
        _full_box(b"stsz", struct.pack(">II", sample_size, samples)),
        _full_box(b"stco", struct.pack(">II", 1, 36)),
    )
    media = _box(
        b"mdia",
        _full_box(b"mdhd", struct.pack(">IIIIHH", 0, 0, 16_000, 1_000_000, 0, 0)),
        _full_box(b"hdlr", bytes(4), b"soun", bytes(13)),
        _box(b"minf", _full_box(b"smhd", bytes(4)), table),
    )
    header = _full_box(b"tkhd", struct.pack(">IIIII", 0, 0, 1, 0, 1_000_000), bytes(60))
    movie = _full_box(b"mvhd", struct.pack(">IIII", 0, 0, 16_000, 1_000_000), bytes(80))
    moov = _box(b"moov", movie, _box(b"trak", header, media))
    return _box(b"ftyp", b"isom\0\0\0\0isom") + _box(b"mdat", bytes(64)) + moov


def fragmented_mp4(samples: int) -> bytes:
    """An MP4 whose fragment claims a number of samples of the default size, without a byte for each."""
    entry = _box(b"mp4a", bytes(6), struct.pack(">H8xHHHHI", 1, 1, 16, 0, 0, 16_000 << 16))
    empty = [_full_box(kind, bytes(4)) for kind in (b"stts", b"stsc")]
    table = _box(
        b"stbl",
        _full_box(b"stsd", struct.pack(">I", 1), entry),
        *empty,
        _full_box(b"stsz", bytes(8)),
        _full_box(b"stco", bytes(4)),
    )
    media = _box(
        b"mdia",
        _full_box(b"mdhd", struct.pack(">IIIIHH", 0, 0, 16_000, 0, 0, 0)),
        _full_box(b"hdlr", bytes(4), b"soun", bytes(13)),
        _box(b"minf", _full_box(b"smhd", bytes(4)), table),
    )
    header = _full_box(b"tkhd", struct.pack(">IIIII", 0, 0, 1, 0, 0), bytes(60))
    movie = _full_box(b"mvhd", struct.pack(">IIII", 0, 0, 16_000, 0), bytes(80))
    defaults = _box(b"mvex", _full_box(b"trex", struct.pack(">IIIII", 1, 1, 1024, 1, 0)))
    moov = _box(b"moov", movie, _box(b"trak", header, media), defaults)
    run = _full_box(b"trun", struct.pack(">I", samples))
    track = _box(b"traf", _full_box(b"tfhd", struct.pack(">I", 1)), run)
    moof = _box(b"moof", _full_box(b"mfhd", struct.pack(">I", 1)), track)
    return _box(b"ftyp", b"isom\0\0\0\0isom") + moov + moof + _box(b"mdat", bytes(64))


def wav(data: bytes, *, claimed_bytes: int = 0xFFFFFFFF, rate: int = 16_000, channels: int = 1) -> bytes:
    """A WAV whose data chunk claims more than it has."""
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * 2 * channels, 2 * channels, 16)
    head = b"RIFF" + struct.pack("<I", claimed_bytes) + b"WAVEfmt " + struct.pack("<I", 16) + form
    return head + b"data" + struct.pack("<I", claimed_bytes) + data
