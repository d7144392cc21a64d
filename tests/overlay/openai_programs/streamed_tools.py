import json

from openai import OpenAI

client = OpenAI()

stream = client.chat.completions.create(
    model="llama-3.1-8b",
    messages=[{"role": "user", "content": "Turn the lights on."}],
    tools=[
        {
            "type": "function",
            "function": {
                "name": "switch",
                "parameters": {
                    "type": "object",
                    "properties": {"state": {"type": "string", "enum": ["on", "off"]}},
                    "required": ["state"],
                    "additionalProperties": False,
                },
            },
        }
    ],
    tool_choice={"type": "function", "function": {"name": "switch"}},
    temperature=0,
    stream=True,
)
final_tool_calls = {}
for chunk in stream:
    for tool_call in chunk.choices[0].delta.tool_calls or []:
        index = tool_call.index
        if index not in final_tool_calls:
            print(tool_call.index, bool(tool_call.id), tool_call.type, tool_call.function.name)
            final_tool_calls[index] = tool_call
        else:
            final_tool_calls[index].function.arguments += tool_call.function.arguments or ""
print(chunk.choices[0].finish_reason)
for call in final_tool_calls.values():
    print(call.function.name, sorted(json.loads(call.function.arguments)))
