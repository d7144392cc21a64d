import asyncio

from openai import AsyncOpenAI, AsyncStream

client = AsyncOpenAI()


async def main():
    stream = await client.chat.completions.create(
        model="llama-3.1-8b",
        messages=[{"role": "user", "content": "Count from one to fifty."}],
        max_tokens=5,
        temperature=0,
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = [chunk async for chunk in stream]
    print(
        isinstance(stream, AsyncStream),
        bool("".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)),
    )
    print(chunks[-1].usage.completion_tokens, chunks[-2].choices[0].finish_reason)
    async with await client.chat.completions.create(
        model="llama-3.1-8b", messages=[{"role": "user", "content": "Hi"}], max_tokens=5, stream=True
    ) as stream:
        async for chunk in stream:
            print(chunk.object)
            break
    await client.close()


asyncio.run(main())
