import asyncio

from openai import AsyncOpenAI, OpenAI, Stream
from openai.types.chat import ChatCompletion

client = OpenAI()
request = {
    "messages": [{"role": "user", "content": "Count."}],
    "model": "llama-3.1-8b",
    "max_tokens": 3,
    "temperature": 0,
}

response = client.chat.completions.with_raw_response.create(**request, stream=True)
print(response.headers["content-type"].partition(";")[0])
stream = response.parse()
print(isinstance(stream, Stream), {chunk.object for chunk in stream})


async def main():
    async with AsyncOpenAI() as client:
        response = await client.chat.completions.with_raw_response.create(**request)
        print(response.status_code, isinstance(response.parse(), ChatCompletion))


asyncio.run(main())
