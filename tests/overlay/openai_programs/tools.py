import json

from openai import OpenAI

client = OpenAI()

completion = client.chat.completions.create(
    model="llama-3.1-8b",
    messages=[{"role": "user", "content": "Is it day or night?"}],
    tools=[
        {
            "type": "function",
            "function": {
                "name": "set_time",
                "parameters": {
                    "type": "object",
                    "properties": {"time": {"enum": ["day", "night"]}},
                    "required": ["time"],
                    "additionalProperties": False,
                },
            },
        }
    ],
    tool_choice="required",
    temperature=0,
)
message = completion.choices[0].message
print(completion.choices[0].finish_reason, message.content)
for call in message.tool_calls:
    print(call.type, call.function.name, sorted(json.loads(call.function.arguments)), bool(call.id))
