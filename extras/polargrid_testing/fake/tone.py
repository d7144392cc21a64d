"""A tone of about 400 Hz in every audio format of the API, without a codec.

PCM, WAV and FLAC are written sample by sample. A frame of MP3, AAC or Opus has a whole number of periods of its tone,
so that an encoder repeats one frame; that frame is here (from LAME, FFmpeg and libopus), and is repeated as it is. So
the length is that of whole frames: 24 ms in MP3, 43 ms in AAC. All formats are mono at 24 kHz, as those of the API are.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final

RATE: Final = 24_000
MAX_SECONDS: Final = 3600
"""A tone is made in memory; an hour of it in WAV is 173 MB."""
_PERIOD: Final = 60  # samples: 400 Hz
_LEVEL: Final = 9000
_BLOCK: Final = 4096  # samples of a FLAC frame
_OPUS_RATE: Final = 48_000  # of its positions, whatever the rate of the sound is
_OPUS_FRAME: Final = 960
_OPUS_PAGE: Final = 50  # packets

_MP3_FRAME = bytes.fromhex(
    "fff324c40006c87e2000b8046cfe110474183f6046d4b061117c135bf2121f27c87f2723ff4d3d342620a6a280000000"
)
_AAC_FRAME = bytes.fromhex(
    "00fc2f0a42c46b3edeffd3ffee4fff3ff3fbfdeab35fc6b8d56b3be34f71f2f97cb8baeba7398d088463e7f4fa79de64f9bc940940250a46"
    "492409291249091c"
)
_OPUS_PACKET = bytes.fromhex("089c99352febe1762f0442f3974b9eb458dcdcc0")


def render_tone(audio_format: str, seconds: float) -> bytes:
    """Return a tone. Raises `ValueError` for a format that the API does not have, and for no time at all."""
    if not 0 < seconds <= MAX_SECONDS:
        raise ValueError(f"seconds: {seconds} is out of range; expected more than 0, and at most {MAX_SECONDS}")
    if audio_format not in _RENDER:
        raise ValueError(f"unknown audio format {audio_format!r}; expected one of {', '.join(_RENDER)}")
    return b"".join(_RENDER[audio_format](round(seconds * RATE) or 1))


def _render_pcm(count: int) -> Iterator[bytes]:
    """Yield 16-bit little-endian samples."""
    period = [round(_LEVEL * math.sin(2 * math.pi * step / _PERIOD)) for step in range(_PERIOD)]
    data = struct.pack(f"<{_PERIOD}h", *period)
    yield (data * (count // _PERIOD + 1))[: 2 * count]


def _render_wav(count: int) -> Iterator[bytes]:
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, 2 * RATE, 2, 16)
    yield struct.pack("<4sI4s", b"RIFF", 4 + len(head) + 8 + 2 * count, b"WAVE") + head
    yield struct.pack("<4sI", b"data", 2 * count)
    yield from _render_pcm(count)


def _render_mp3(count: int) -> Iterator[bytes]:
    yield _MP3_FRAME * math.ceil(count / 576)


def _render_aac(count: int) -> Iterator[bytes]:
    """Yield frames with an ADTS header each: MPEG-4, AAC LC, 24 kHz, mono."""
    size = len(_AAC_FRAME) + 7
    header = struct.pack(">HI", 0xFFF1, (1 << 30 | 6 << 26 | 1 << 22 | size << 5 | 0x1F)) + b"\xfc"
    yield (header + _AAC_FRAME) * math.ceil(count / 1024)


def _render_flac(count: int) -> Iterator[bytes]:
    """Yield the header and frames of samples without compression (RFC 9639)."""
    info = struct.pack(">HH", _BLOCK, _BLOCK) + bytes(6) + (RATE << 44 | 15 << 36 | count).to_bytes(8) + bytes(16)
    yield b"fLaC\x80" + len(info).to_bytes(3) + info
    samples = struct.unpack(f"<{count}h", b"".join(_render_pcm(count)))
    for number, start in enumerate(range(0, count, _BLOCK)):
        block = samples[start : start + _BLOCK]
        head = b"\xff\xf8\x77\x08" + chr(number).encode() + (len(block) - 1).to_bytes(2)
        frame = head + bytes([_checksum(head, 0x07, 8)]) + b"\x02" + struct.pack(f">{len(block)}h", *block)
        yield frame + _checksum(frame, 0x8005, 16).to_bytes(2)


def _render_opus(count: int) -> Iterator[bytes]:
    """Yield the pages of an Ogg stream (RFC 7845); the position of the last page cuts its last packet."""
    yield _render_page([struct.pack("<8sBBHIhB", b"OpusHead", 1, 1, 0, RATE, 0, 0)], 0, 0, 2)
    yield _render_page([struct.pack("<8sI9sI", b"OpusTags", 9, b"polargrid", 0)], 0, 1, 0)
    length = 2 * count
    packets = math.ceil(length / _OPUS_FRAME)
    for number, start in enumerate(range(0, packets, _OPUS_PAGE), 2):
        end = min(start + _OPUS_PAGE, packets)
        flags = 4 if end == packets else 0
        yield _render_page([_OPUS_PACKET] * (end - start), min(end * _OPUS_FRAME, length), number, flags)


def _render_page(packets: Sequence[bytes], position: int, number: int, flags: int) -> bytes:
    data = b"".join(packets)
    sizes = bytes(len(packet) for packet in packets)  # all are shorter than 255 bytes
    head = struct.pack("<4sBBqII", b"OggS", 0, flags, position, 1, number)
    page = head + bytes(4) + bytes([len(sizes)]) + sizes + data
    return head + struct.pack("<I", _checksum(page, 0x04C11DB7, 32)) + page[len(head) + 4 :]


def _checksum(data: bytes, polynomial: int, bits: int) -> int:
    """Return a CRC that starts with 0 and is not reflected."""
    table, mask, shift = _crc_table(polynomial, bits), (1 << bits) - 1, bits - 8
    value = 0
    for byte in data:
        value = (value << 8 & mask) ^ table[(value >> shift) ^ byte]
    return value


@cache
def _crc_table(polynomial: int, bits: int) -> tuple[int, ...]:
    table = []
    for byte in range(256):
        value = byte << (bits - 8)
        for _ in range(8):
            value = value << 1 ^ (polynomial if value >> (bits - 1) else 0)
            value &= (1 << bits) - 1
        table.append(value)
    return tuple(table)


_RENDER: Mapping[str, Callable[[int], Iterator[bytes]]] = {
    "mp3": _render_mp3,
    "opus": _render_opus,
    "aac": _render_aac,
    "flac": _render_flac,
    "wav": _render_wav,
    "pcm": _render_pcm,
}
