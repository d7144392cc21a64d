import json

from openai import OpenAI

client = OpenAI()


def get_current_weather(location, unit="celsius"):
    return json.dumps({"location": location, "temperature": -4, "unit": unit})


available_functions = {"get_current_weather": get_current_weather}
tools = [
    {
        "type": "function",
        "function": {
            "name": "get_current_weather",
            "description": "The current weather in a town",
            "parameters": {
                "type": "object",
                "properties": {
                    "location": {"type": "string", "enum": ["Montreal", "Quebec", "Gaspé"]},
                    "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
                },
                "required": ["location", "unit"],
                "additionalProperties": False,
            },
        },
    }
]
messages = [{"role": "user", "content": "What's the weather like in Montreal and in Quebec?"}]
for tool_choice in ("required", {"type": "function", "function": {"name": "get_current_weather"}}, "none"):
    response = client.chat.completions.create(
        model="llama-3.1-8b", messages=messages, tools=tools, tool_choice=tool_choice, max_tokens=60, temperature=0
    )
    response_message = response.choices[0].message
    messages.append(response_message)
    print(response_message.role, bool(response_message.tool_calls))
    for tool_call in response_message.tool_calls or []:
        function_args = json.loads(tool_call.function.arguments)
        function_response = available_functions[tool_call.function.name](**function_args)
        messages.append(
            {
                "tool_call_id": tool_call.id,
                "role": "tool",
                "name": tool_call.function.name,
                "content": function_response,
            }
        )
