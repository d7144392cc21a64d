import asyncio

from openai import AsyncOpenAI
from openai.types.chat import ParsedChatCompletion

client = AsyncOpenAI()
response_format = {
    "type": "json_schema",
    "json_schema": {
        "name": "answer",
        "schema": {
            "type": "object",
            "properties": {"answer": {"type": "string", "enum": ["yes", "no"]}},
            "required": ["answer"],
            "additionalProperties": False,
        },
    },
}


async def main():
    async with client.chat.completions.stream(
        model="llama-3.1-8b",
        messages=[{"role": "user", "content": "Is snow cold? Answer as JSON."}],
        response_format=response_format,
        temperature=0,
    ) as stream:
        kinds = []
        async for event in stream:
            if event.type not in kinds:
                kinds.append(event.type)
    print(kinds)
    completion = await stream.get_final_completion()
    print(isinstance(completion, ParsedChatCompletion), completion.choices[0].finish_reason)
    await client.close()


asyncio.run(main())
