from openai import OpenAI, pydantic_function_tool
from pydantic import BaseModel


class Switch(BaseModel):
    """Switch the light."""

    on: bool


client = OpenAI()
seen = []
with client.chat.completions.stream(
    model="llama-3.1-8b",
    messages=[{"role": "user", "content": "Turn the light on."}],
    tools=[pydantic_function_tool(Switch)],
    tool_choice="required",
    temperature=0,
) as stream:
    for event in stream:
        if event.type not in seen:
            seen.append(event.type)
        if event.type == "tool_calls.function.arguments.done":
            print(event.name, event.index, type(event.parsed_arguments).__name__)
print(seen)
call = stream.get_final_completion().choices[0].message.tool_calls[0]
print(call.function.name, type(call.function.parsed_arguments.on).__name__)
