from pathlib import Path

from openai import OpenAI

client = OpenAI()

speech_file_path = Path("speech.wav")
with client.audio.speech.with_streaming_response.create(
    model="tts-1", voice="alloy", input="Yes.", response_format="wav"
) as response:
    response.stream_to_file(speech_file_path)
print(speech_file_path.read_bytes()[:4])

response = client.audio.speech.create(model="tts-1", voice="nova", input="No.", response_format="wav", speed=1.1)
response.write_to_file("again.wav")
print(response.content == response.read() == Path("again.wav").read_bytes())
print(response.response.headers["content-type"])
