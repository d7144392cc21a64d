import asyncio

from openai import AsyncOpenAI


async def main():
    async with AsyncOpenAI() as client:
        completion = await client.chat.completions.create(
            messages=[{"role": "user", "content": "Say this is a test"}], model="llama-3.1-8b", max_tokens=1
        )
        print(completion.choices[0].message.role, completion.choices[0].finish_reason)
    print(client.is_closed())


asyncio.run(main())
