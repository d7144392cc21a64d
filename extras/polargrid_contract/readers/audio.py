"""Audio reader: container, codec, duration and loudness of encoded audio. PyAV and numpy are imported on use."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import Any

from polargrid_contract.readers.recordings import encode_wav

_UNKNOWN_SIZE = 0xFFFFFFFF  # the size field of a stream whose length is not known at its start
_MAGIC = {b"RIFF": "RIFF", b"ID3": "ID3", b"OggS": "Ogg", b"fLaC": "FLAC", b"\xff\xf1": "ADTS", b"\xff\xfb": "MPEG"}


class UnreadableError(ValueError):
    """The data is not audio that can be decoded."""


@dataclass(frozen=True)
class DecodedAudio:
    """Decoded audio: samples of one channel, from -1 to 1."""

    container: str
    codec: str
    rate: int
    samples: Any  # a numpy array of float32

    @property
    def seconds(self) -> float:
        """The duration."""
        return len(self.samples) / self.rate

    @property
    def loudness(self) -> float:
        """The root mean square."""
        import numpy as np

        return float(np.sqrt(np.mean(np.square(self.samples)))) if len(self.samples) else 0.0

    @property
    def smoothness(self) -> float:
        """Correlation of adjacent samples, from -1 to 1: near 1 for speech, near 0 for samples of a wrong format."""
        import numpy as np

        energy = float(np.sum(np.square(self.samples)))
        return float(np.sum(self.samples[1:] * self.samples[:-1])) / energy if energy else 0.0

    def repeat(self, count: int = 2) -> bytes:
        """Encode the audio so often, with a second of silence in between, as a WAV file."""
        import numpy as np

        samples = (np.clip(self.samples, -1.0, 1.0) * 32767).astype("<i2").tobytes()
        return encode_wav(bytes(2 * self.rate).join([samples] * count), self.rate)


def decode_audio(data: bytes) -> DecodedAudio:
    """Decode a file of any container. Raises UnreadableError."""
    import av
    import av.error
    import numpy as np

    blocks = []
    try:
        with av.open(io.BytesIO(data), mode="r") as container:
            if not container.streams.audio:
                raise UnreadableError("the file has no audio stream")
            stream = container.streams.audio[0]
            rate, codec, name = stream.rate, stream.codec_context.name, container.format.name
            resampler = av.AudioResampler(format="fltp", layout="mono", rate=rate)
            for frame in container.decode(stream):
                blocks += [block.to_ndarray()[0] for block in resampler.resample(frame)]
            blocks += [block.to_ndarray()[0] for block in resampler.resample(None)]
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise UnreadableError(f"{type(error).__name__}: {error}") from error
    return DecodedAudio(name, codec, rate, np.concatenate(blocks) if blocks else np.zeros(0, "f4"))


def decode_pcm(data: bytes, rate: int = 24_000) -> DecodedAudio:
    """Decode raw 16-bit little-endian samples. Raises UnreadableError if the data is something else."""
    import numpy as np

    for magic, name in _MAGIC.items():
        if data.startswith(magic):
            raise UnreadableError(f"raw samples expected, the data starts with a {name} header")
    if len(data) % 2:
        raise UnreadableError(f"{len(data)} bytes are not a multiple of the sample size 2")
    return DecodedAudio("", "pcm_s16le", rate, np.frombuffer(data, "<i2").astype("f4") / 32768)


def find_wav_error(data: bytes) -> str:
    """Describe what is wrong with a WAV header; empty if it is valid. Further chunks and unknown sizes are valid."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        return f"no RIFF/WAVE header: {data[:12]!r}"
    if (size := _read_size(data, 4)) not in {_UNKNOWN_SIZE, 0} and abs(size + 8 - len(data)) > 1:
        return f"RIFF size {size} in a file of {len(data)} bytes"
    offset, format_chunk = 12, b""
    while offset + 8 <= len(data):
        name, size = data[offset : offset + 4], _read_size(data, offset + 4)
        if name == b"fmt ":
            format_chunk = data[offset + 8 : offset + 8 + size]
        if name == b"data":
            unknown_size = size == _UNKNOWN_SIZE or (size == 0 and len(data) > offset + 8)
            if unknown_size or offset + 8 + size <= len(data):
                return _find_format_error(format_chunk)
            return f"data chunk of {size} bytes, of which {len(data) - offset - 8} are in the file"
        offset += 8 + size + size % 2
    return "no data chunk"


def _read_size(data: bytes, offset: int) -> int:
    return int.from_bytes(data[offset : offset + 4], "little")


def _find_format_error(format_chunk: bytes) -> str:
    if len(format_chunk) < 16:
        return "no fmt chunk before the data chunk"
    kind, channels, rate, byte_rate, align, bits = struct.unpack("<HHIIHH", format_chunk[:16])
    if kind not in {1, 0xFFFE} or bits != 16:
        return f"format {kind} with {bits} bits instead of PCM with 16"
    if not channels or not rate or align != channels * 2 or byte_rate != rate * align:
        return f"{channels} channels, {rate} Hz, {byte_rate} bytes/s, blocks of {align} bytes"
    return ""
