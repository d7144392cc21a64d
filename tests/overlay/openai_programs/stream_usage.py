from openai import OpenAI

client = OpenAI()

stream = client.chat.completions.create(
    model="llama-3.1-8b",
    messages=[{"role": "user", "content": "Count from one to fifty."}],
    max_tokens=4,
    temperature=0,
    stream=True,
    stream_options={"include_usage": True},
)
chunks = list(stream)
print([len(chunk.choices) for chunk in (chunks[0], chunks[-2], chunks[-1])])
print(chunks[-1].usage.completion_tokens, all(chunk.usage is None for chunk in chunks[:-1]))
print(chunks[-2].choices[0].finish_reason)
