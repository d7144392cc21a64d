from typing import Literal

from openai import OpenAI
from openai.types.chat import ParsedChatCompletion
from pydantic import BaseModel


class Mood(BaseModel):
    mood: Literal["good", "bad"]
    loud: bool


client = OpenAI()

completion = client.chat.completions.parse(
    model="llama-3.1-8b",
    messages=[{"role": "user", "content": "How are you?"}],
    response_format=Mood,
    temperature=0,
)
message = completion.choices[0].message
if message.parsed:
    print(
        isinstance(completion, ParsedChatCompletion), type(message.parsed).__name__, sorted(message.parsed.model_dump())
    )
print(message.refusal, message.parsed == Mood.model_validate_json(message.content), completion.choices[0].finish_reason)
