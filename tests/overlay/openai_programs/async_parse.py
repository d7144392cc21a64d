import asyncio
from enum import StrEnum

from openai import AsyncOpenAI
from openai.types.chat import ParsedChatCompletion
from pydantic import BaseModel


class Season(StrEnum):
    winter = "winter"
    summer = "summer"


class Answer(BaseModel):
    season: Season
    cold: bool


async def main():
    async with AsyncOpenAI() as client:
        completion = await client.chat.completions.parse(
            model="llama-3.1-8b",
            messages=[{"role": "user", "content": "When does it snow?"}],
            response_format=Answer,
            temperature=0,
        )
    answer = completion.choices[0].message.parsed
    print(
        isinstance(completion, ParsedChatCompletion),
        type(answer).__name__,
        type(answer.season).__name__,
        type(answer.cold).__name__,
    )


asyncio.run(main())
