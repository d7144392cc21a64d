from openai import OpenAI

client = OpenAI()

completion = client.chat.completions.create(
    model="llama-3.1-8b",
    messages=[
        {"role": "system", "content": "Answer in one word."},
        {"role": "user", "content": "How do I say yes in Spanish?"},
    ],
    max_tokens=8,
)
assert completion.choices[0].message.content
assert completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens
