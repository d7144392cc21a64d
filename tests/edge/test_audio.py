"""Audio files: encoding, decoding, and the rejection of hostile files."""

from __future__ import annotations

import io

import av
import numpy as np
import pytest

from polargrid_edge.media.audio import FORMATS, AudioError, change_tempo, decode, encode

RATE = 24_000
CONTAINED = [name for name in FORMATS if name != "pcm"]
STREAMED = [name for name, encoding in FORMATS.items() if encoding.streams]


def tone(seconds=1.0, hertz=440.0, rate=RATE):
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def encode_file(name, *chunks, rate=RATE):
    return b"".join(encode(chunks or [tone()], rate, name))


def pitch(samples, rate):
    return np.argmax(np.abs(np.fft.rfft(samples))) * rate / len(samples)


@pytest.mark.parametrize(
    ("name", "container", "codec", "rate"),
    [
        ("mp3", "mp3", "mp3float", 24_000),
        ("opus", "ogg", "opus", 48_000),
        ("aac", "aac", "aac", 24_000),
        ("flac", "flac", "flac", 24_000),
        ("wav", "wav", "pcm_s16le", 24_000),
    ],
)
def test_a_file_has_the_properties_of_its_format(name, container, codec, rate):
    """Container, codec and rate, and one channel."""
    with av.open(io.BytesIO(encode_file(name))) as opened:
        stream = opened.streams.audio[0].codec_context
        actual = (opened.format.name, stream.name, stream.sample_rate, stream.layout.nb_channels)
    assert actual == (container, codec, rate, 1)


def test_media_types():
    """The media types are those that browsers support."""
    assert {name: encoding.media_type for name, encoding in FORMATS.items()} == {
        "mp3": "audio/mpeg",
        "opus": "audio/ogg",
        "aac": "audio/aac",
        "flac": "audio/flac",
        "wav": "audio/wav",
        "pcm": "audio/pcm",
    }


@pytest.mark.parametrize("name", CONTAINED)
def test_round_trip(name):
    """Three chunks decode to the same sound of the same length, except for the padding of lossy frames."""
    samples = decode(encode_file(name, tone(0.7), tone(0.001), tone(0.8)))
    assert (samples.dtype, samples.ndim) == (np.float32, 1)
    assert len(samples) / 16_000 == pytest.approx(1.501, abs=0.1)
    assert pitch(samples, 16_000) == pytest.approx(440, abs=2)
    assert np.abs(samples).max() == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("name", ["flac", "wav"])
def test_headers_have_the_duration(name):
    """The header of FLAC and WAV has the exact number of samples."""
    with av.open(io.BytesIO(encode_file(name, tone(0.7), tone(0.55)))) as opened:
        stream = opened.streams.audio[0]
        assert float(stream.duration * stream.time_base) == pytest.approx(1.25, abs=1e-4)


def test_wav_is_lossless():
    """Except for rounding to 16 bits."""
    assert np.abs(decode(encode_file("wav", tone()), rate=RATE) - tone()).max() < 1e-4


def test_pcm_is_bare_samples():
    """16-bit little-endian samples at 24 kHz without a header."""
    samples = np.frombuffer(encode_file("pcm", tone()), "<i2")
    assert np.abs(samples / 32768 - tone()).max() < 1e-4


def test_pcm_of_another_rate():
    """Samples at another rate are resampled to 24 kHz, and the resampler is flushed."""
    assert len(encode_file("pcm", tone(rate=16_000), rate=16_000)) == 2 * RATE


def test_loud_samples_are_clipped():
    """Samples beyond full scale do not wrap around."""
    samples = np.frombuffer(encode_file("pcm", np.array([2.0, -2.0], np.float32)), "<i2")
    assert samples.tolist() == [32767, -32768]


@pytest.mark.parametrize("name", STREAMED)
def test_bytes_are_yielded_per_chunk(name):
    """The bytes of a chunk are yielded before the next chunk is generated."""
    generated = []

    def chunks():
        for number in range(3):
            generated.append(number)
            yield tone()

    first = next(encode(chunks(), RATE, name))
    assert first
    assert generated == [0]


@pytest.mark.parametrize("name", FORMATS)
def test_no_samples(name):
    """An empty chunk is not an error."""
    assert isinstance(encode_file(name, np.empty(0, np.float32)), bytes)


def test_unknown_format():
    """An unknown format is rejected before a chunk is read."""
    with pytest.raises(ValueError, match="unknown audio format 'midi'"):
        encode([], RATE, "midi")


def test_decode_reads_files_paths_and_bytes(tmp_path):
    """The three give the same audio; an open file stays open."""
    data = encode_file("mp3")
    path = tmp_path / "tone"
    path.write_bytes(data)
    opened = io.BytesIO(data)
    assert np.array_equal(decode(data), decode(path))
    assert np.array_equal(decode(data), decode(opened))
    assert not opened.closed


def stereo_wav(first, second):
    file = io.BytesIO()
    with av.open(file, "w", format="wav") as container:
        stream = container.add_stream("pcm_s16le", rate=RATE, layout="stereo")
        frame = av.AudioFrame.from_ndarray(np.stack([first, second]), "fltp", "stereo")
        frame.sample_rate = RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def test_stereo_becomes_mono():
    """The mean of the two channels."""
    assert np.abs(decode(stereo_wav(tone(), 0 * tone()), rate=RATE)).max() == pytest.approx(0.25, abs=0.01)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not audio",
        bytes(range(256)) * 40,
        b"RIFF\xff\xff\xff\xffWAVEfmt ",
        b"\xff\xfb" * 500,
        encode_file("wav")[:44],
    ],
    ids=["empty", "text", "all bytes", "cut header", "mp3 marks", "header alone"],
)
def test_a_file_without_audio_is_an_error(data):
    """Garbage, and a file without a sample."""
    with pytest.raises(AudioError, match=r"^the file (is not|contains no) audio"):
        decode(data)


def test_equal_channels_stay_within_full_scale():
    """Two equal channels are as loud as one of them."""
    assert np.abs(decode(stereo_wav(tone(), tone()), rate=RATE)).max() == pytest.approx(0.5, abs=0.01)


def test_a_video_without_sound_is_an_error():
    """It has no audio stream."""
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as container:
        stream = container.add_stream("mpeg4", rate=1, width=16, height=16)
        container.mux(stream.encode(av.VideoFrame(16, 16, "yuv420p")))
        container.mux(stream.encode(None))
    with pytest.raises(AudioError, match="contains no audio"):
        decode(file.getvalue())


def test_a_truncated_file_is_decoded():
    """Up to its end."""
    data = encode_file("mp3", tone(2.0))
    assert len(decode(data[: len(data) // 2])) / 16_000 == pytest.approx(1.0, abs=0.15)


def test_audio_beyond_the_limit_is_an_error():
    """The message has the limit."""
    with pytest.raises(AudioError, match=r"longer than 1\.5 seconds"):
        decode(encode_file("flac", tone(2.0)), limit_seconds=1.5)


def test_audio_at_the_limit_is_decoded():
    """The limit is inclusive."""
    assert len(decode(encode_file("wav", tone(2.0)), limit_seconds=2.0)) == 32_000


@pytest.mark.parametrize("rate", [1, 999, 704_667_072])
def test_an_absurd_sample_rate_is_an_error(rate):
    """It would turn a few bytes into hours, or allocate gigabytes for a resampler."""
    header = bytearray(encode_file("wav"))
    header[24:28] = rate.to_bytes(4, "little")
    with pytest.raises(AudioError, match=f"sample rate of {rate} Hz"):
        decode(bytes(header))


@pytest.mark.parametrize("channels", [9, 37, 64])
def test_many_channels_are_mixed(channels):
    """More channels than PyAV supports in planar frames."""
    header = bytearray(encode_file("wav"))
    header[22:24] = channels.to_bytes(2, "little")
    header[32:34] = (2 * channels).to_bytes(4, "little")[:2]
    assert len(decode(bytes(header))) == pytest.approx(16_000 / channels, abs=20)


@pytest.mark.parametrize(
    ("name", "playlist"),
    [
        ("list.ffconcat", b"ffconcat version 1.0\nfile tone.mp3\n"),
        (
            "list.m3u8",
            b"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\ntone.mp3\n#EXT-X-ENDLIST\n",
        ),
    ],
)
def test_playlists_open_no_files(tmp_path, monkeypatch, name, playlist):
    """FFmpeg alone opens the file that a playlist names; `decode` rejects it, as bytes and as a path."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tone.mp3").write_bytes(encode_file("mp3"))
    path = tmp_path / name
    path.write_bytes(playlist)
    with av.open(str(path)) as opened:
        assert opened.streams.audio[0].codec_context.name == "mp3float"
    for source in (playlist, path):
        with pytest.raises(AudioError):
            decode(source)


@pytest.mark.parametrize("factor", [0.5, 1.3, 2.6])
def test_tempo(factor):
    """It changes the length of a sound and not its pitch."""
    changed = change_tempo(tone(3.0), RATE, factor)
    assert len(changed) / RATE == pytest.approx(3.0 / factor, rel=0.02)
    assert pitch(changed, RATE) == pytest.approx(440, abs=3)
