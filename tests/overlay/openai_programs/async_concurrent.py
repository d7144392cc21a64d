import asyncio

from openai import AsyncOpenAI

client = AsyncOpenAI()


async def ask(question):
    response = await client.chat.completions.create(
        model="llama-3.1-8b", messages=[{"role": "user", "content": question}], max_tokens=2, seed=7
    )
    return response.choices[0].message.role, response.usage.completion_tokens <= 2


async def main():
    print(await asyncio.gather(*(ask(f"What is {number} + {number}?") for number in range(3))))
    await client.close()


asyncio.run(main())
