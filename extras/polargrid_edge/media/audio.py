"""Samples to audio files and back, by PyAV alone. Samples are mono float32 from -1 to 1."""

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
    """What was given is not audio that can be used; `str()` is a sentence for the one who sent it."""


@dataclass(frozen=True, slots=True)
class AudioEncoding:
    """How a format is written: FFmpeg's names, `rate` in Hz, `bit_rate` in bits/s (None: lossless).

    `streams` says whether bytes leave before the last sample is known.
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
        # Opus knows 48 kHz and its divisors; every player expects 48.
        "opus": AudioEncoding("audio/ogg", "ogg", "libopus", rate=48_000, bit_rate=48_000),
        "aac": AudioEncoding("audio/aac", "adts", "aac", bit_rate=64_000),
        # These two say in their header how long they are, so they are complete before they leave.
        "flac": AudioEncoding("audio/flac", "flac", "flac", streams=False),
        "wav": AudioEncoding("audio/wav", "wav", "pcm_s16le", streams=False),
        "pcm": AudioEncoding("audio/pcm", "s16le", "pcm_s16le"),
    }
)
"""The formats `encode` writes. `pcm` is 16-bit little-endian, mono, 24 kHz, without a header."""

# Only formats that hold their own audio: playlists (hls, concat, dash) would open whatever file or address they name.
_READABLE = (
    "aac,ac3,aiff,amr,amrnb,amrwb,asf,au,avi,caf,eac3,flac,flv,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mp3,mpeg,mpegts,"
    "ogg,opus,w64,wav"
)
_READ_OPTIONS = {"format_whitelist": _READABLE, "protocol_whitelist": "none"}
_LOWEST_RATE, _HIGHEST_RATE = 1_000, 768_000
# FFmpeg would gather packets in a buffer, and Ogg a second of audio in a page, before letting a byte go.
_STREAM_OPTIONS = {"flush_packets": "1"}
_OGG_OPTIONS = {"page_duration": "200000"}  # microseconds
# Without a chunk that names FFmpeg a WAV header has the 44 bytes that simple players count on.
_WHOLE_OPTIONS = {"fflags": "+bitexact"}


def encode(pieces: Iterable[Samples], rate: int, format: str) -> Iterator[bytes]:  # noqa: A002 # OpenAI's word
    """Encodes pieces of samples at `rate` Hz as one file of a format of `FORMATS`.

    The bytes of a piece leave before the next piece is asked for, save for flac and wav, which leave whole.
    Raises `ValueError` for an unknown format, at once.
    """
    encoding = FORMATS.get(format)
    if encoding is None:
        raise ValueError(f"There is no audio format {format!r}. Formats: {', '.join(FORMATS)}.")
    return _streamed(pieces, rate, encoding) if encoding.streams else _whole(pieces, rate, encoding)


class _Outlet(io.RawIOBase):
    """A file that can be written but not gone back in, so that FFmpeg leaves no header to be completed later."""

    def __init__(self) -> None:
        self._written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._written += data
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self._written)
        self._written.clear()
        return taken


def _streamed(pieces: Iterable[Samples], rate: int, encoding: AudioEncoding) -> Iterator[bytes]:
    outlet = _Outlet()
    options = _STREAM_OPTIONS | (_OGG_OPTIONS if encoding.container == "ogg" else {})
    with av.open(outlet, "w", format=encoding.container, options=options) as container:
        for _ in _written(container, pieces, rate, encoding):
            if ready := outlet.take():
                yield ready
    if rest := outlet.take():
        yield rest


def _whole(pieces: Iterable[Samples], rate: int, encoding: AudioEncoding) -> Iterator[bytes]:
    file = io.BytesIO()
    with av.open(file, "w", format=encoding.container, options=_WHOLE_OPTIONS) as container:
        for _ in _written(container, pieces, rate, encoding):
            pass
    yield file.getvalue()


def _written(
    container: OutputContainer, pieces: Iterable[Samples], rate: int, encoding: AudioEncoding
) -> Iterator[None]:
    """Writes a piece each time it is asked; the stream brings samples to the codec's rate and frame size."""
    stream = cast(AudioStream, container.add_stream(encoding.codec, rate=encoding.rate, layout="mono"))
    if encoding.bit_rate is not None:
        stream.bit_rate = encoding.bit_rate
    container.start_encoding()
    for piece in pieces:
        if piece.size:
            container.mux(stream.encode(_frame(piece, rate)))
            yield
    container.mux(stream.encode(None))


def _frame(samples: Samples, rate: int) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.reshape(1, -1), np.float32), "flt", "mono")
    frame.sample_rate = rate
    return frame


def decode(source: bytes | BinaryIO | Path, *, rate: int = 16_000, limit_seconds: float | None = None) -> Samples:
    """The audio of a file, as mono samples at `rate` Hz.

    Frames that are damaged are left out. Raises `AudioError` for what is no audio, has none in it, or has more than
    `limit_seconds` of it; `OSError` where a path cannot be opened.
    """
    with contextlib.ExitStack() as stack:
        # FFmpeg is given a file and never a path: so it needs no protocol at all.
        file = stack.enter_context(source.open("rb")) if isinstance(source, Path) else source
        file = io.BytesIO(file) if isinstance(file, bytes) else file
        try:
            container = stack.enter_context(av.open(file, "r", options=_READ_OPTIONS, metadata_errors="ignore"))
            pieces = list(_resampled(_within(limit_seconds, _frames(container)), rate))
        except AudioError:
            raise
        except (av.error.FFmpegError, ValueError, RuntimeError) as failure:
            raise AudioError("The file is not audio in a format that can be read.") from failure
    samples = np.concatenate(pieces) if pieces else np.empty(0, np.float32)
    if not samples.size:
        raise AudioError("The file has no audio in it.")
    return samples


def _frames(container: InputContainer) -> Iterator[av.AudioFrame]:
    if not container.streams.audio:
        raise AudioError("The file has no audio in it.")
    for packet in container.demux(container.streams.audio[0]):
        with contextlib.suppress(av.error.InvalidDataError):
            yield from packet.decode()


def _within(limit: float | None, frames: Iterable[av.AudioFrame]) -> Iterator[av.AudioFrame]:
    """The frames, judged before they are resampled: a few bytes can claim to be hours, or cost gigabytes."""
    seconds = 0.0
    for frame in frames:
        if not _LOWEST_RATE <= frame.sample_rate <= _HIGHEST_RATE:
            raise AudioError(f"The file claims a sample rate of {frame.sample_rate} Hz, which cannot be read.")
        seconds += frame.samples / frame.sample_rate
        if limit is not None and seconds > limit:
            raise AudioError(f"The audio is longer than {limit:g} seconds.")
        yield frame


def _resampled(frames: Iterable[av.AudioFrame], rate: int) -> Iterator[Samples]:
    """A stream may change its rate or channels on its way; a resampler takes one kind."""
    resampler, kind = None, None
    for frame in frames:
        found = (frame.format.name, frame.layout.name, frame.sample_rate)
        if resampler is None or found != kind:
            if resampler is not None:
                yield from map(_samples, resampler.resample(None))
            resampler, kind = AudioResampler("flt", rate=rate), found
        frame.pts = None  # gaps between timestamps are no silence to be filled
        yield from map(_samples, resampler.resample(frame))
    if resampler is not None:
        yield from map(_samples, resampler.resample(None))


def _samples(frame: av.AudioFrame) -> Samples:
    """The channels of an interleaved frame as one; PyAV reads planar ones beyond their end where there are over 8."""
    # The mean, because FFmpeg's own mixing lets two equal channels go beyond full scale.
    return np.asarray(frame.to_ndarray().reshape(-1, frame.layout.nb_channels).mean(axis=1), np.float32)


def change_tempo(samples: Samples, rate: int, factor: float) -> Samples:
    """Speech `factor` times as fast at the same pitch, by FFmpeg's atempo; factor from 0.5 to 100."""
    graph = Graph()
    source = graph.add_abuffer(format="flt", sample_rate=rate, layout="mono", time_base=None)
    tempo, sink = graph.add("atempo", f"{factor:.6f}"), graph.add("abuffersink")
    source.link_to(tempo)
    tempo.link_to(sink)
    graph.configure()
    graph.push(_frame(samples, rate))
    graph.push(None)
    pieces: list[Samples] = []
    with contextlib.suppress(av.error.EOFError, av.error.BlockingIOError):
        while True:
            pieces.append(_samples(cast(av.AudioFrame, graph.pull())))
    return np.concatenate(pieces) if pieces else np.empty(0, np.float32)
