from openai import OpenAI

client = OpenAI()

completion = client.chat.completions.create(
    model="llama-3.1-8b", messages=[{"role": "user", "content": "Hello"}], max_tokens=2, temperature=0
)
message = completion.choices[0].message
print(message.refusal, message.function_call, message.tool_calls, message.audio, message.annotations)
print(completion.choices[0].logprobs, completion.service_tier)
details = completion.usage.prompt_tokens_details
print(details.cached_tokens is not None if details else details)
details = completion.usage.completion_tokens_details
print(details.reasoning_tokens if details else details)
