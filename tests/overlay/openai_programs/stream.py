from openai import OpenAI

client = OpenAI()

stream = client.chat.completions.create(
    model="llama-3.1-8b", messages=[{"role": "user", "content": "Count to five."}], max_tokens=12, stream=True
)
text = ""
for chunk in stream:
    text += chunk.choices[0].delta.content or ""
assert text
