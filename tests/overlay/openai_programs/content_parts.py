from openai import OpenAI

client = OpenAI()

completion = client.chat.completions.create(
    model="llama-3.1-8b",
    messages=[
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "What is"}, {"type": "text", "text": " ice?"}]},
    ],
    max_completion_tokens=1,
    stop=["\n"],
)
print(completion.choices[0].finish_reason in ("stop", "length"), completion.usage.completion_tokens)
