from openai import OpenAI

client = OpenAI(default_headers={"X-App": "test"}, default_query={"app": "test"})

completion = client.chat.completions.create(
    messages=[{"role": "user", "content": "Hello"}],
    model="llama-3.1-8b",
    max_tokens=1,
    extra_headers={"X-Stage": "test"},
    extra_query={"stage": "test"},
    extra_body={"top_k": 1},
)
print(completion.choices[0].finish_reason)
