# ruff: noqa: PTH123 - as users write it
from pathlib import Path

from openai import OpenAI

client = OpenAI()

path = Path("recording.ogg")
with open(path, "rb") as audio_file:
    texts = [
        client.audio.transcriptions.create(model="whisper-1", file=file, language="es").text
        for file in (path, path.read_bytes(), ("recording.ogg", path.read_bytes()), audio_file)
    ]
assert texts[0]
assert len(set(texts)) == 1
