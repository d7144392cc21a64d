from pathlib import Path

from openai import OpenAI
from openai.types.audio import Translation

client = OpenAI()

translation = client.audio.translations.create(model="whisper-1", file=Path("recording.wav"))
print(isinstance(translation, Translation), bool(translation.text))
text = client.audio.translations.create(model="whisper-1", file=Path("recording.wav"), response_format="text")
print(type(text).__name__)
