"""Encode samples to audio files and decode them, by PyAV. Samples are mono float32 from -1 to 1."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO, Final, cast

import av
import av.error
import numpy as np
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.filter import Graph
from numpy.typing import NDArray

Samples = NDArray[np.float32]


class AudioError(ValueError):
    """The file is not usable audio; the message is for the sender of the file."""


@dataclass(frozen=True, slots=True)
class AudioEncoding:
    """The encoding of a format: FFmpeg's names, `rate` in Hz, `bit_rate` in bits/s (None: lossless).

    `streams` says whether `encode` yields bytes before the last sample.
    """

    media_type: str
    container: str
    codec: str
    rate: int = 24_000
    bit_rate: int | None = None
    streams: bool = True


FORMATS: Final[Mapping[str, AudioEncoding]] = MappingProxyType(
    {
        "mp3": AudioEncoding("audio/mpeg", "mp3", "libmp3lame", bit_rate=64_000),
        # Opus supports 48 kHz and its divisors; every player expects 48.
        "opus": AudioEncoding("audio/ogg", "ogg", "libopus", rate=48_000, bit_rate=48_000),
        "aac": AudioEncoding("audio/aac", "adts", "aac", bit_rate=64_000),
        # The headers of these two contain the length, so the file is complete before the first byte is sent.
        "flac": AudioEncoding("audio/flac", "flac", "flac", streams=False),
        "wav": AudioEncoding("audio/wav", "wav", "pcm_s16le", streams=False),
        "pcm": AudioEncoding("audio/pcm", "s16le", "pcm_s16le"),
    }
)
"""The formats of `encode`. `pcm` is 16-bit little-endian, mono, 24 kHz, without a header."""

# Only formats that contain their audio: playlists (hls, concat, dash) would open any file or URL that they name.
_READABLE = (
    "aac,ac3,aiff,amr,amrnb,amrwb,asf,au,avi,caf,eac3,flac,flv,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mp3,mpeg,mpegts,"
    "ogg,opus,w64,wav"
)
_READ_OPTIONS = {"format_whitelist": _READABLE, "protocol_whitelist": "none"}
_MIN_RATE, _MAX_RATE = 1_000, 768_000
# By default FFmpeg buffers packets, and Ogg a second of audio in a page, before the first byte.
_STREAM_OPTIONS = {"flush_packets": "1"}
_OGG_OPTIONS = {"page_duration": "200000"}  # microseconds
# Without FFmpeg's own chunk a WAV header has the 44 bytes that simple players expect.
_FILE_OPTIONS = {"fflags": "+bitexact"}


def encode(chunks: Iterable[Samples], rate: int, format: str) -> Iterator[bytes]:  # noqa: A002 # OpenAI's word
    """Encode chunks of samples at `rate` Hz as one file of a format of `FORMATS`.

    The bytes of a chunk are yielded before the next chunk is read, except for flac and wav, which are one chunk.
    Raises `ValueError` for an unknown format before it reads a chunk.
    """
    encoding = FORMATS.get(format)
    if encoding is None:
        raise ValueError(f"unknown audio format {format!r}; expected one of: {', '.join(FORMATS)}")
    return _encode_stream(chunks, rate, encoding) if encoding.streams else _encode_file(chunks, rate, encoding)


class _WriteOnlyFile(io.RawIOBase):
    """A file without `seek`, so that FFmpeg writes no header that it would complete later."""

    def __init__(self) -> None:
        self._data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._data += data
        return len(data)

    def take(self) -> bytes:
        data = bytes(self._data)
        self._data.clear()
        return data


def _encode_stream(chunks: Iterable[Samples], rate: int, encoding: AudioEncoding) -> Iterator[bytes]:
    output = _WriteOnlyFile()
    options = _STREAM_OPTIONS | (_OGG_OPTIONS if encoding.container == "ogg" else {})
    with av.open(output, "w", format=encoding.container, options=options) as container:
        for _ in _write_samples(container, chunks, rate, encoding):
            if ready := output.take():
                yield ready
    if rest := output.take():
        yield rest


def _encode_file(chunks: Iterable[Samples], rate: int, encoding: AudioEncoding) -> Iterator[bytes]:
    file = io.BytesIO()
    with av.open(file, "w", format=encoding.container, options=_FILE_OPTIONS) as container:
        for _ in _write_samples(container, chunks, rate, encoding):
            pass
    yield file.getvalue()


def _write_samples(
    container: OutputContainer, chunks: Iterable[Samples], rate: int, encoding: AudioEncoding
) -> Iterator[None]:
    """Write a chunk per iteration; the stream converts samples to the codec's rate and frame size."""
    stream = cast(AudioStream, container.add_stream(encoding.codec, rate=encoding.rate, layout="mono"))
    if encoding.bit_rate is not None:
        stream.bit_rate = encoding.bit_rate
    container.start_encoding()
    for chunk in chunks:
        if chunk.size:
            container.mux(stream.encode(_to_frame(chunk, rate)))
            yield
    container.mux(stream.encode(None))


def _to_frame(samples: Samples, rate: int) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.reshape(1, -1), np.float32), "flt", "mono")
    frame.sample_rate = rate
    return frame


def decode(source: bytes | BinaryIO | Path, *, rate: int = 16_000, limit_seconds: float | None = None) -> Samples:
    """Decode the audio of a file to mono samples at `rate` Hz, in this process, without a bound of memory or time.

    Damaged frames are skipped. Raises `AudioError` for a file that is not audio, has no audio, or has more than
    `limit_seconds` of it; `OSError` where a path cannot be opened.
    """
    return np.concatenate(list(iter_samples(source, rate=rate, limit_seconds=limit_seconds)))


def iter_samples(source: bytes | BinaryIO | Path, *, rate: int, limit_seconds: float | None) -> Iterator[Samples]:
    """Yield the samples of `decode` as they are decoded; at least one. Raises the same errors, and `MemoryError`."""
    is_empty = True
    with contextlib.ExitStack() as stack:
        # FFmpeg gets an open file and never a path, so it needs no protocol.
        file = stack.enter_context(source.open("rb")) if isinstance(source, Path) else source
        file = io.BytesIO(file) if isinstance(file, bytes) else file
        try:
            container = stack.enter_context(av.open(file, "r", options=_READ_OPTIONS, metadata_errors="ignore"))
            for chunk in _resample(_check_frames(limit_seconds, _iter_frames(container)), rate):
                is_empty = is_empty and not chunk.size
                yield chunk
        except (AudioError, MemoryError):
            raise
        except (av.error.FFmpegError, ValueError, RuntimeError) as error:
            raise AudioError("the file is not audio in a supported format") from error
    if is_empty:
        raise AudioError("the file contains no audio")


def _iter_frames(container: InputContainer) -> Iterator[av.AudioFrame]:
    if not container.streams.audio:
        raise AudioError("the file contains no audio")
    for packet in container.demux(container.streams.audio[0]):
        with contextlib.suppress(av.error.InvalidDataError):
            yield from packet.decode()


def _check_frames(limit: float | None, frames: Iterable[av.AudioFrame]) -> Iterator[av.AudioFrame]:
    """Check frames before they are resampled: a few bytes can claim to be hours, or cost gigabytes."""
    seconds = 0.0
    for frame in frames:
        if not _MIN_RATE <= frame.sample_rate <= _MAX_RATE:
            raise AudioError(f"unsupported sample rate of {frame.sample_rate} Hz; expected {_MIN_RATE} to {_MAX_RATE}")
        seconds += frame.samples / frame.sample_rate
        if limit is not None and seconds > limit:
            raise AudioError(f"the audio is longer than {limit:g} seconds")
        yield frame


def _resample(frames: Iterable[av.AudioFrame], rate: int) -> Iterator[Samples]:
    """Resample frames; a stream may change its rate or channels, and a resampler accepts one format."""
    resampler, resampler_format = None, None
    for frame in frames:
        frame_format = (frame.format.name, frame.layout.name, frame.sample_rate)
        if resampler is None or frame_format != resampler_format:
            if resampler is not None:
                yield from map(_to_samples, resampler.resample(None))
            resampler, resampler_format = AudioResampler("flt", rate=rate), frame_format
        frame.pts = None  # gaps between timestamps are not silence
        yield from map(_to_samples, resampler.resample(frame))
    if resampler is not None:
        yield from map(_to_samples, resampler.resample(None))


def _to_samples(frame: av.AudioFrame) -> Samples:
    """Mix the channels of an interleaved frame; PyAV reads past the end of planar frames with over 8 channels."""
    # The mean, because FFmpeg's mixing of two equal channels exceeds full scale.
    return np.asarray(frame.to_ndarray().reshape(-1, frame.layout.nb_channels).mean(axis=1), np.float32)


def change_tempo(samples: Samples, rate: int, factor: float) -> Samples:
    """Change the tempo of speech by `factor` at the same pitch, by FFmpeg's atempo; factor from 0.5 to 100."""
    graph = Graph()
    source = graph.add_abuffer(format="flt", sample_rate=rate, layout="mono", time_base=None)
    tempo, sink = graph.add("atempo", f"{factor:.6f}"), graph.add("abuffersink")
    source.link_to(tempo)
    tempo.link_to(sink)
    graph.configure()
    graph.push(_to_frame(samples, rate))
    graph.push(None)
    chunks: list[Samples] = []
    with contextlib.suppress(av.error.EOFError, av.error.BlockingIOError):
        while True:
            chunks.append(_to_samples(cast(av.AudioFrame, graph.pull())))
    return np.concatenate(chunks) if chunks else np.empty(0, np.float32)
