import json

from openai import OpenAI
from openai.types.chat import ChatCompletionAssistantMessageParam, ChatCompletionToolMessageParam

client = OpenAI()
tool = {
    "type": "function",
    "function": {
        "name": "get_height",
        "parameters": {"type": "object", "properties": {"hill": {"type": "string"}}, "required": ["hill"]},
    },
}
calls = [
    {
        "id": f"call_{hill}",
        "type": "function",
        "function": {"name": "get_height", "arguments": json.dumps({"hill": hill})},
    }
    for hill in ("Rougemont", "Yamaska")
]
messages = [
    {"role": "user", "content": "How high are Rougemont and Yamaska?"},
    ChatCompletionAssistantMessageParam(role="assistant", content=None, tool_calls=calls),
    *(ChatCompletionToolMessageParam(role="tool", tool_call_id=call["id"], content="400 m") for call in calls),
]
completion = client.chat.completions.create(
    model="llama-3.1-8b",
    messages=messages,
    tools=[tool],
    tool_choice="none",
    parallel_tool_calls=True,
    max_tokens=1,
)
print(completion.choices[0].message.role, completion.choices[0].message.tool_calls, completion.choices[0].finish_reason)

completion = client.chat.completions.create(
    model="llama-3.1-8b",
    messages=messages[:1],
    tools=[{**tool, "function": {**tool["function"], "strict": False}}],
    tool_choice="required",
    parallel_tool_calls=False,
    temperature=0,
)
print(len(completion.choices[0].message.tool_calls))
