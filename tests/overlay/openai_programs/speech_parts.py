from openai import OpenAI

client = OpenAI()

with client.audio.speech.with_streaming_response.create(
    model="gpt-4o-mini-tts", voice="coral", input="Yes.", response_format="pcm", instructions="Speak softly."
) as response:
    parts = list(response.iter_bytes(chunk_size=1024))
print({len(part) for part in parts[:-1]}, len(parts) > 1, response.status_code)
audio = client.audio.speech.create(model="tts-1", voice="alloy", input="Yes.", response_format="pcm")
print(sum(len(part) for part in audio.iter_bytes()) == len(audio.content))
