import asyncio
from pathlib import Path

from openai import AsyncOpenAI

client = AsyncOpenAI()


async def main():
    async with client.audio.speech.with_streaming_response.create(
        model="tts-1", voice="alloy", input="Hello.", response_format="wav"
    ) as response:
        await response.stream_to_file("speech.wav")
    await client.close()


asyncio.run(main())
assert Path("speech.wav").read_bytes().startswith(b"RIFF")
