from pathlib import Path

from openai import OpenAI

client = OpenAI()

stream = client.audio.transcriptions.create(model="whisper-1", file=Path("recording.wav"), stream=True)
kinds, text = [], ""
for event in stream:
    if event.type not in kinds:
        kinds.append(event.type)
    if event.type == "transcript.text.delta":
        text += event.delta
print(kinds, event.text == text)
