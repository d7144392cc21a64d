from openai import OpenAI

client = OpenAI()
response_format = {
    "type": "json_schema",
    "json_schema": {
        "name": "answer",
        "schema": {
            "type": "object",
            "properties": {"answer": {"type": "string", "enum": ["yes", "no"]}},
            "required": ["answer"],
            "additionalProperties": False,
        },
    },
}
with client.beta.chat.completions.stream(
    model="llama-3.1-8b",
    messages=[{"role": "user", "content": "Is snow cold? Answer as JSON."}],
    response_format=response_format,
    stream_options={"include_usage": True},
    temperature=0,
) as stream:
    stream.until_done()
usage = stream.get_final_completion().usage
print(usage.completion_tokens > 0, usage.total_tokens == usage.prompt_tokens + usage.completion_tokens)
print(stream.current_completion_snapshot.choices[0].finish_reason)
