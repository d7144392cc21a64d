from pathlib import Path

from openai import OpenAI

client = OpenAI()

speech_file_path = Path("speech.wav")
with client.audio.speech.with_streaming_response.create(
    model="tts-1", voice="alloy", input="Hello.", response_format="wav"
) as response:
    response.stream_to_file(speech_file_path)
assert speech_file_path.read_bytes().startswith(b"RIFF")

response = client.audio.speech.create(model="tts-1", voice="alloy", input="Hello.", response_format="wav")
response.write_to_file("again.wav")
assert response.content == response.read() == Path("again.wav").read_bytes()
