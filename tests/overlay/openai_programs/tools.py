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
call = completion.choices[0].message.tool_calls[0]
assert call.function.name == "set_time"
assert json.loads(call.function.arguments)["time"] in ("day", "night")
