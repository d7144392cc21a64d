import asyncio

from openai import AsyncOpenAI


async def main():
    async with AsyncOpenAI() as client:
        models = await client.models.list()
        print("llama-3.1-8b" in [model.id for model in models.data])
        print("llama-3.1-8b" in [model.id async for model in client.models.list()])
        print((await client.models.retrieve("llama-3.1-8b")).object)


asyncio.run(main())
