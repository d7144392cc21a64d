from openai import OpenAI

client = OpenAI()

stream = client.chat.completions.create(
    model="llama-3.1-8b",
    messages=[{"role": "user", "content": "Count from one to fifty."}],
    max_tokens=4,
    temperature=0,
    stream=True,
)
text, reasons, first = "", [], None
for chunk in stream:
    first = first or chunk
    delta = chunk.choices[0].delta
    text += delta.content or ""
    if chunk.choices[0].finish_reason:
        reasons.append(chunk.choices[0].finish_reason)
    print(chunk.object, delta.role) if chunk is first else None
print(bool(text), reasons, chunk.id == first.id, delta.refusal, delta.function_call, delta.tool_calls)
