"""What audio is, told from its bytes: container, codec, duration, loudness. PyAV and numpy are imported when used."""

from __future__ import annotations

import io
import math
import struct
import wave
from dataclasses import dataclass
from typing import Any

_OPEN = 0xFFFFFFFF  # a size that is not known yet when a stream starts
_MAGIC = {b"RIFF": "RIFF", b"ID3": "ID3", b"OggS": "Ogg", b"fLaC": "FLAC", b"\xff\xf1": "ADTS", b"\xff\xfb": "MPEG"}


class UnreadableError(ValueError):
    """It is no audio that can be decoded."""


@dataclass(frozen=True)
class Sound:
    """Decoded audio: samples of one channel, from -1 to 1."""

    container: str
    codec: str
    rate: int
    samples: Any  # a numpy array of float32

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate

    @property
    def loudness(self) -> float:
        """The root mean square."""
        import numpy as np

        return float(np.sqrt(np.mean(np.square(self.samples)))) if len(self.samples) else 0.0

    @property
    def smoothness(self) -> float:
        """How much a sample is like the next, from -1 to 1: speech is near 1, bytes read wrongly near 0."""
        import numpy as np

        energy = float(np.sum(np.square(self.samples)))
        return float(np.sum(self.samples[1:] * self.samples[:-1])) / energy if energy else 0.0

    def twice(self) -> bytes:
        """The sound, a second of silence and the sound again, as a WAV file of 16-bit samples."""
        import numpy as np

        samples = (np.clip(self.samples, -1.0, 1.0) * 32767).astype("<i2").tobytes()
        return _wav(samples + bytes(2 * self.rate) + samples, self.rate)


def decoded(data: bytes) -> Sound:
    """Decodes a file of any container. Raises UnreadableError."""
    import av
    import av.error
    import numpy as np

    blocks = []
    try:
        with av.open(io.BytesIO(data), mode="r") as container:
            if not container.streams.audio:
                raise UnreadableError("no audio in it")
            stream = container.streams.audio[0]
            rate, codec, name = stream.rate, stream.codec_context.name, container.format.name
            resampler = av.AudioResampler(format="fltp", layout="mono", rate=rate)
            for frame in container.decode(stream):
                blocks += [block.to_ndarray()[0] for block in resampler.resample(frame)]
            blocks += [block.to_ndarray()[0] for block in resampler.resample(None)]
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise UnreadableError(f"{type(error).__name__}: {error}") from error
    return Sound(name, codec, rate, np.concatenate(blocks) if blocks else np.zeros(0, "f4"))


def bare(data: bytes, rate: int = 24_000) -> Sound:
    """Bare 16-bit little-endian samples. Raises UnreadableError where they are something else."""
    import numpy as np

    for magic, name in _MAGIC.items():
        if data.startswith(magic):
            raise UnreadableError(f"it starts like {name}")
    if len(data) % 2:
        raise UnreadableError("half a sample")
    return Sound("", "pcm_s16le", rate, np.frombuffer(data, "<i2").astype("f4") / 32768)


def wav_fault(data: bytes) -> str:
    """What is wrong with the header of a WAV file; nothing where it is sane. Other chunks and open sizes are fine."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        return f"no RIFF/WAVE header: {data[:12]!r}"
    if (size := _size(data, 4)) not in {_OPEN, 0} and abs(size + 8 - len(data)) > 1:
        return f"a RIFF size of {size} in {len(data)} bytes"
    place, form = 12, b""
    while place + 8 <= len(data):
        name, size = data[place : place + 4], _size(data, place + 4)
        if name == b"fmt ":
            form = data[place + 8 : place + 8 + size]
        if name == b"data":
            open_end = size == _OPEN or (size == 0 and len(data) > place + 8)
            whole = open_end or place + 8 + size <= len(data)
            return _format_fault(form) if whole else f"{size} bytes of data, {len(data) - place - 8} there"
        place += 8 + size + size % 2
    return "no data chunk"


def tone(seconds: float = 2.0, rate: int = 16_000) -> bytes:
    """A WAV file of a tone that swells and fades."""
    count = int(seconds * rate)
    swell = (math.sin(math.pi * n / count) * math.sin(2 * math.pi * 330 * n / rate) for n in range(count))
    return _wav(b"".join(struct.pack("<h", int(8000 * level)) for level in swell), rate)


def _wav(samples: bytes, rate: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(samples)
    return file.getvalue()


def _size(data: bytes, place: int) -> int:
    return int.from_bytes(data[place : place + 4], "little")


def _format_fault(form: bytes) -> str:
    if len(form) < 16:
        return "no fmt chunk before the data"
    kind, channels, rate, byte_rate, align, bits = struct.unpack("<HHIIHH", form[:16])
    if kind not in {1, 0xFFFE} or bits != 16:
        return f"format {kind} with {bits} bits, not PCM with 16"
    if not channels or not rate or align != channels * 2 or byte_rate != rate * align:
        return f"{channels} channels, {rate} Hz, {byte_rate} bytes a second, blocks of {align}"
    return ""
