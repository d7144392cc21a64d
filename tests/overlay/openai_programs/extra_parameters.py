from openai import OpenAI

client = OpenAI()

completion = client.chat.completions.create(
    messages=[{"role": "user", "content": "Hello"}],
    model="llama-3.1-8b",
    max_tokens=4,
    extra_headers={"X-Stage": "test"},
    extra_query={"stage": "test"},
    extra_body={"temperature": 0},
)
assert completion.choices
