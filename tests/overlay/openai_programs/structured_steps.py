from typing import Literal

from openai import OpenAI
from openai.types.chat import ParsedChatCompletionMessage
from pydantic import BaseModel, Field


class Step(BaseModel):
    kind: Literal["add", "multiply"]
    by: int


class MathResponse(BaseModel):
    steps: list[Step] = Field(min_length=1, max_length=2)
    exact: bool | None


client = OpenAI()

completion = client.beta.chat.completions.parse(
    model="llama-3.1-8b",
    messages=[
        {"role": "system", "content": "You are a tutor of mathematics."},
        {"role": "user", "content": "Solve 8x + 31 = 2"},
    ],
    response_format=MathResponse,
    max_tokens=120,
    temperature=0,
)
message = completion.choices[0].message
print(
    isinstance(message, ParsedChatCompletionMessage),
    [type(step).__name__ for step in message.parsed.steps][:1],
    message.tool_calls,
)
