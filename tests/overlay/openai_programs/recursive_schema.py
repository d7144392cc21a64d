import json

from openai import OpenAI

client = OpenAI()
schema = {
    "type": "object",
    "properties": {
        "type": {"type": "string", "enum": ["div", "button"]},
        "children": {"type": "array", "items": {"$ref": "#"}, "maxItems": 1},
    },
    "required": ["type", "children"],
    "additionalProperties": False,
}
completion = client.chat.completions.create(
    model="llama-3.1-8b",
    messages=[{"role": "user", "content": "A page with one button."}],
    response_format={"type": "json_schema", "json_schema": {"name": "ui", "strict": True, "schema": schema}},
    max_tokens=200,
    temperature=0,
)
choice = completion.choices[0]
print(choice.message.content.lstrip()[0])
if choice.finish_reason == "stop":
    assert sorted(json.loads(choice.message.content)) == ["children", "type"]
