import json

from openai import OpenAI

client = OpenAI()
functions = [
    {
        "name": "add",
        "description": "Add two numbers",
        "parameters": {
            "type": "object",
            "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
            "required": ["a", "b"],
            "additionalProperties": False,
        },
    }
]
messages = [{"role": "user", "content": "What is 2 + 3?"}]
response = client.chat.completions.create(
    model="llama-3.1-8b", messages=messages, functions=functions, function_call={"name": "add"}, temperature=0
)
message = response.choices[0].message
print(response.choices[0].finish_reason, message.function_call.name, message.tool_calls)
print(sorted(json.loads(message.function_call.arguments)))
messages += [message, {"role": "function", "name": "add", "content": "5"}]
response = client.chat.completions.create(
    model="llama-3.1-8b", messages=messages, functions=functions, function_call="none", max_tokens=1
)
print(response.choices[0].message.role, response.choices[0].message.function_call)
