# ruff: noqa: PTH123, SIM115 - as users write it
from openai import OpenAI
from openai.types.audio import Transcription

client = OpenAI()

audio_file = open("recording.wav", "rb")
transcription = client.audio.transcriptions.create(model="whisper-1", file=audio_file)
audio_file.close()
print(isinstance(transcription, Transcription), bool(transcription.text))
with open("recording.wav", "rb") as audio_file:
    text = client.audio.transcriptions.create(model="gpt-4o-transcribe", file=audio_file, response_format="text")
print(type(text).__name__, bool(text.strip()))
