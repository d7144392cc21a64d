"""A server in memory for the speech checks: it encodes a tone instead of speech, and its transcripts are constant.

What a real model says differs between processors, so it cannot be compared in a test.
"""

from __future__ import annotations

import io
import json
import re

import av
import httpx
import numpy as np

from polargrid_contract.checks.speech import TEXT
from polargrid_contract.readers.recordings import encode_wav
from tests.contract.recorded_edge import Chunk, build_response

_RATE = 24_000
_SECONDS_PER_CHARACTER = 0.06
_GENERATION_SECONDS = 2.0  # of a plain response, on the virtual clock
# Format: container, codec and media type.
_ENCODERS = {
    "mp3": ("mp3", "libmp3lame", "audio/mpeg"),
    "opus": ("ogg", "libopus", "audio/ogg"),
    "aac": ("adts", "aac", "audio/aac"),
    "flac": ("flac", "flac", "audio/flac"),
    "wav": ("wav", "pcm_s16le", "audio/wav"),
}
_MODELS = {"tts": "text-to-speech", "stt": "speech-to-text"}
#: Two segments, since the recording repeats the text.
SEGMENTS = [
    {"id": 0, "start": 0.0, "end": 2.0, "text": f" {TEXT}"},
    {"id": 1, "start": 3.0, "end": 5.0, "text": f" {TEXT}"},
]
_TRANSCRIPT = "".join(segment["text"] for segment in SEGMENTS).strip()
_SRT = f"1\n00:00:00,000 --> 00:00:02,000\n{TEXT}\n\n2\n00:00:03,000 --> 00:00:05,000\n{TEXT}\n\n"
_VTT = f"WEBVTT\n\n00:00:00.000 --> 00:00:02.000\n{TEXT}\n\n00:00:03.000 --> 00:00:05.000\n{TEXT}\n\n"


def send(request: httpx.Request) -> httpx.Response:
    """Respond like a server with a model for speech and one for transcripts."""
    body = request.read()
    if request.url.path == "/v1/models":
        models = [{"id": name, "object": "model", "pg_model_type": kind} for name, kind in _MODELS.items()]
        return httpx.Response(200, json={"object": "list", "data": models})
    if request.url.path == "/v1/audio/speech":
        return _speak(json.loads(body))
    is_recording = b'filename="speech.wav"' in body
    return _transcribe(request.url.path, read_field(body, "response_format")) if is_recording else _reject()


def read_field(body: bytes, name: str) -> str:
    """The value of a field of a JSON object or a form; empty if it is missing."""
    field = re.search(rb'%b"(?:: "|\r\n\r\n)(\w+)' % name.encode(), body)
    return field[1].decode() if field else ""


def encode(samples: np.ndarray, name: str) -> bytes:
    """Encode samples of one channel."""
    if name == "pcm":
        return samples.tobytes()
    if name == "wav":
        return encode_wav(samples.tobytes(), _RATE)
    container_format, codec, _ = _ENCODERS[name]
    file = io.BytesIO()
    with av.open(file, "w", format=container_format) as container:
        stream = container.add_stream(codec, rate=_RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.rate = _RATE
        resampler = av.AudioResampler(stream.format, "mono", _RATE, frame_size=stream.frame_size or None)
        for block in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(block))
        container.mux(stream.encode(None))
    return file.getvalue()


def generate_samples(text: str, speed: float) -> np.ndarray:
    """A tone that swells and fades, as long as speech of the text."""
    times = np.arange(int(_RATE * _SECONDS_PER_CHARACTER * len(text) / speed)) / _RATE
    return (8000 * np.sin(2 * np.pi * 330 * times) * np.abs(np.sin(3 * times))).astype("<i2")


def _speak(body: dict) -> httpx.Response:
    name = body["response_format"]
    data = encode(generate_samples(body["input"], body.get("speed", 1)), name)
    media_type = "audio/pcm" if name == "pcm" else _ENCODERS[name][2]
    half = len(data) // 4 * 2
    chunks = [Chunk(_GENERATION_SECONDS, data)]
    if body.get("stream"):
        chunks = [Chunk(_GENERATION_SECONDS / 2, data[:half]), Chunk(_GENERATION_SECONDS, data[half:])]
    return build_response(200, [("content-type", media_type)], chunks)


def _transcribe(path: str, response_format: str) -> httpx.Response:
    task = "translate" if path.endswith("translations") else "transcribe"
    seconds = 2 * _SECONDS_PER_CHARACTER * len(TEXT) + 1
    verbose = {"task": task, "language": "en", "duration": seconds, "text": _TRANSCRIPT, "segments": SEGMENTS}
    match response_format:
        case "json":
            return httpx.Response(200, json={"text": _TRANSCRIPT})
        case "verbose_json":
            return httpx.Response(200, json=verbose)
        case "vtt":
            return httpx.Response(200, content=_VTT.encode(), headers={"content-type": "text/vtt"})
        case _:
            content = _SRT if response_format == "srt" else f"{_TRANSCRIPT}\n"
            return httpx.Response(200, content=content.encode(), headers={"content-type": "text/plain"})


def _reject() -> httpx.Response:
    return httpx.Response(400, json={"error": {"message": "not a recording"}})
