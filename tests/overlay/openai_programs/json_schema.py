import json

from openai import OpenAI

client = OpenAI()

completion = client.chat.completions.create(
    messages=[{"role": "user", "content": "Name a colour, as JSON."}],
    model="llama-3.1-8b",
    max_tokens=40,
    response_format={
        "type": "json_schema",
        "json_schema": {
            "name": "colour",
            "strict": True,
            "schema": {
                "type": "object",
                "properties": {"colour": {"enum": ["red", "green"]}},
                "required": ["colour"],
                "additionalProperties": False,
            },
        },
    },
)
print(sorted(json.loads(completion.choices[0].message.content)), completion.choices[0].finish_reason)
