from openai import OpenAI

client = OpenAI()

completion = client.chat.completions.create(
    model="llama-3.1-8b",
    messages=[
        {"role": "system", "content": "Answer in one word."},
        {"role": "user", "content": "How do I say yes in Spanish?"},
    ],
    max_tokens=1,
)
print(completion.object, completion.model)
for choice in completion.choices:
    print(choice.index, choice.message.role, choice.finish_reason, bool(choice.message.content))
print(completion.usage.completion_tokens)
print(completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens)
