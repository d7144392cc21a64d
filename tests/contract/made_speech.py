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

from polargrid_contract.checks.transcript_requests import SPOKEN_TEXT as TEXT
from polargrid_contract.readers.recordings import encode_wav
from tests.contract.recorded_edge import Chunk, build_response

_RATE = 24_000
_SECONDS_PER_CHARACTER = 0.06
_GENERATION_SECONDS_PER_CHARACTER = 0.06  # of a plain response, on the virtual clock
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
    {"id": 0, "start": 0.0, "end": 2.0, "text": f" {TEXT}", "no_speech_prob": 0.1},
    {"id": 1, "start": 3.0, "end": 5.0, "text": f" {TEXT}"},
]
_WORDS = [
    {"word": word, "start": segment["start"] + 0.25 * number, "end": segment["start"] + 0.25 * (number + 1)}
    for segment in SEGMENTS
    for number, word in enumerate(TEXT.split())
]
_TRANSCRIPT = "".join(segment["text"] for segment in SEGMENTS).strip()
_DURATION = 2 * _SECONDS_PER_CHARACTER * len(TEXT) + 1
_JOB = "job_1"
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
    if request.method == "GET":
        return _find_jobs(dict(request.url.params))
    return _transcribe(request, body) if b'filename="speech.wav"' in body else _reject()


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
    seconds = _GENERATION_SECONDS_PER_CHARACTER * len(body["input"])
    chunks = [Chunk(seconds, data)]
    if body.get("stream"):
        chunks = [Chunk(seconds / 2, data[:half]), Chunk(seconds, data[half:])]
    return build_response(200, [("content-type", media_type)], chunks)


def _transcribe(request: httpx.Request, body: bytes) -> httpx.Response:
    if request.url.params.get("stream") == "true":
        return _stream()
    if request.url.params.get("sync") == "false":
        return _start_job()
    task = "translate" if request.url.path.endswith("translations") else "transcribe"
    verbose = {"task": task, "language": "en", "duration": _DURATION, "text": _TRANSCRIPT, "segments": SEGMENTS}
    verbose |= {"words": _WORDS} if b"timestamp_granularities" in body else {}
    match response_format := read_field(body, "response_format"):
        case "json":
            return httpx.Response(200, json={"text": _TRANSCRIPT})
        case "verbose_json":
            return httpx.Response(200, json=verbose)
        case "vtt":
            return httpx.Response(200, content=_VTT.encode(), headers={"content-type": "text/vtt"})
        case _:
            content = _SRT if response_format == "srt" else f"{_TRANSCRIPT}\n"
            return httpx.Response(200, content=content.encode(), headers={"content-type": "text/plain"})


def _stream() -> httpx.Response:
    parts = [f"{TEXT} ", TEXT]
    events = [{"type": "transcript.text.delta", "delta": part} for part in parts]
    last = {"type": "transcript.text.done", "text": _TRANSCRIPT, "duration": _DURATION, "language": "en"}
    body = "".join(f"data: {json.dumps(event)}\n\n" for event in [*events, last])
    return httpx.Response(200, content=body.encode(), headers={"content-type": "text/event-stream"})


def _start_job() -> httpx.Response:
    metadata = {"filename": "speech.wav", "file_size_mb": 0.1, "audio_format": "wav", "model": "stt"}
    metadata |= {"estimated_duration_seconds": _DURATION}
    job = {"job_id": _JOB, "status": "accepted", "message": "It is a job.", "metadata": metadata}
    return httpx.Response(202, json={**job, "poll_url": "/", "result_url": "/"})


def _find_jobs(query: dict[str, str]) -> httpx.Response:
    """The result of the job that was started, or the list of jobs: this server has only one, which is complete."""
    if "job_id" in query:
        fields = {"job_id": _JOB, "status": "completed", "text": _TRANSCRIPT, "language": "en", "duration": _DURATION}
        return httpx.Response(200, json=fields)
    time = "2026-11-01T12:00:00Z"
    job = {"job_id": _JOB, "status": "completed", "created_at": time, "updated_at": time}
    return httpx.Response(200, json={"jobs": [job], "count": 1})


def _reject() -> httpx.Response:
    return httpx.Response(400, json={"error": {"message": "not a recording"}})
