import asyncio
import json

from openai import AsyncOpenAI

client = AsyncOpenAI()
tools = [
    {
        "type": "function",
        "function": {
            "name": "get_time",
            "description": "The time in a town.",
            "parameters": {
                "type": "object",
                "properties": {"town": {"type": "string", "enum": ["Gaspé", "Rimouski"]}},
                "required": ["town"],
                "additionalProperties": False,
            },
        },
    }
]


async def get_time(town):
    return json.dumps({"town": town, "time": "10:00"})


async def main():
    messages = [{"role": "user", "content": "What time is it in Gaspé?"}]
    response = await client.chat.completions.create(
        model="llama-3.1-8b", messages=messages, tools=tools, tool_choice="required", temperature=0
    )
    messages.append(response.choices[0].message)
    for call in response.choices[0].message.tool_calls:
        result = await get_time(**json.loads(call.function.arguments))
        messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
        print(call.type, call.function.name)
    final = await client.chat.completions.create(
        model="llama-3.1-8b", messages=messages, tools=tools, tool_choice="none", max_tokens=10
    )
    print(final.choices[0].message.role, final.choices[0].message.tool_calls)
    await client.close()


asyncio.run(main())
