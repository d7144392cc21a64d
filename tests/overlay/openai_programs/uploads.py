# ruff: noqa: PTH123 - as users write it
import io
from pathlib import Path

from openai import OpenAI

client = OpenAI()

path = Path("recording.wav")
buffer = io.BytesIO(path.read_bytes())
buffer.name = "recording.wav"
with open(path, "rb") as audio_file:
    texts = [
        client.audio.transcriptions.create(model="whisper-1", file=file, language="en").text
        for file in (
            path,
            buffer,
            ("recording.wav", path.read_bytes()),
            ("recording.wav", path.read_bytes(), "audio/wav"),
            audio_file,
        )
    ]
print(len(texts), len(set(texts)))
