import asyncio
from pathlib import Path

from openai import AsyncOpenAI

client = AsyncOpenAI()


async def main():
    async with client.audio.speech.with_streaming_response.create(
        model="tts-1", voice="alloy", input="Yes.", response_format="wav"
    ) as response:
        print(response.status_code, response.headers["content-type"])
        await response.stream_to_file("async.wav")
    speech = await client.audio.speech.create(model="tts-1", voice="alloy", input="No.", response_format="wav")
    print(speech.content[:4], len(speech.content) > 1000)
    await client.close()


asyncio.run(main())
print(Path("async.wav").read_bytes()[:4])
