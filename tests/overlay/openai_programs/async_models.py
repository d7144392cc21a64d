import asyncio

from openai import AsyncOpenAI


async def main():
    async with AsyncOpenAI() as client:
        models = await client.models.list()
        assert "llama-3.1-8b" in [model.id for model in models]


asyncio.run(main())
