import asyncio

from openai import AsyncOpenAI
from openai.types import CreateEmbeddingResponse


async def main():
    async with AsyncOpenAI() as client:
        async with client.chat.completions.with_streaming_response.create(
            messages=[{"role": "user", "content": "Count."}],
            model="llama-3.1-8b",
            max_tokens=2,
            temperature=0,
            stream=True,
        ) as response:
            print(response.headers.get("content-type").partition(";")[0])
            lines = [line async for line in response.iter_lines()]
        print(lines[0][:6], [line for line in lines if line][-1])
        async with client.embeddings.with_streaming_response.create(
            model="text-embedding-3-small", input="Hello"
        ) as response:
            print(isinstance(await response.parse(), CreateEmbeddingResponse))


asyncio.run(main())
