from pathlib import Path

from openai import OpenAI

client = OpenAI()

verbose = client.audio.transcriptions.create(
    model="whisper-1", file=Path("recording.ogg"), response_format="verbose_json"
)
assert verbose.segments[0].start >= 0
srt = client.audio.translations.create(model="whisper-1", file=Path("recording.ogg"), response_format="srt")
assert srt.startswith("1")
