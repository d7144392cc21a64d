from openai import OpenAI
from openai.types.chat import ParsedChatCompletion
from pydantic import BaseModel


class Place(BaseModel):
    name: str
    is_town: bool


client = OpenAI()
kinds = []
with client.chat.completions.stream(
    model="llama-3.1-8b",
    messages=[{"role": "user", "content": "Name a place in Quebec."}],
    response_format=Place,
    max_tokens=60,
    temperature=0,
) as stream:
    for event in stream:
        if event.type not in kinds:
            kinds.append(event.type)
        if event.type == "content.delta" and event.parsed is not None:
            assert isinstance(event.parsed, dict)
        elif event.type == "content.done":
            print(type(event.parsed).__name__, event.parsed == Place.model_validate_json(event.content))
print(kinds)
final = stream.get_final_completion()
print(
    isinstance(final, ParsedChatCompletion),
    type(final.choices[0].message.parsed).__name__,
    final.choices[0].finish_reason,
)
