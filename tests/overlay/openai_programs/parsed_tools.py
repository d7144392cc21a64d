from enum import StrEnum

import openai
from openai import OpenAI
from pydantic import BaseModel


class Table(StrEnum):
    orders = "orders"
    customers = "customers"


class Query(BaseModel):
    table: Table
    limit: int


client = OpenAI()
messages = [{"role": "user", "content": "List three orders."}]
completion = client.chat.completions.parse(
    model="llama-3.1-8b",
    messages=messages,
    tools=[openai.pydantic_function_tool(Query, name="query", description="Query the database.")],
    tool_choice="required",
    temperature=0,
)
message = completion.choices[0].message
call = message.tool_calls[0]
print(message.parsed, call.function.name, type(call.function.parsed_arguments).__name__)
print(type(call.function.parsed_arguments.table).__name__, type(call.function.parsed_arguments.limit).__name__)
messages += [message, {"role": "tool", "tool_call_id": call.id, "content": "[]"}]
final = client.chat.completions.create(model="llama-3.1-8b", messages=messages, max_tokens=3)
print(final.choices[0].message.role)
tool = openai.pydantic_function_tool(Query)
print(tool["type"], tool["function"]["name"], tool["function"]["strict"])
print(tool["function"]["parameters"]["required"], tool["function"]["parameters"]["additionalProperties"])
