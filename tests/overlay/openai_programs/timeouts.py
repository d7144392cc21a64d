import httpx
from openai import OpenAI

client = OpenAI(max_retries=0, timeout=httpx.Timeout(60.0, read=50.0, write=10.0, connect=2.0))

messages = [{"role": "user", "content": "How many days are in a week?"}]
client.with_options(max_retries=5, timeout=50.0).chat.completions.create(
    messages=messages, model="llama-3.1-8b", max_tokens=4
)
completion = client.chat.completions.create(messages=messages, model="llama-3.1-8b", max_tokens=1, timeout=50.0)
print(
    client.max_retries, client.timeout.read, client.with_options(max_retries=5).max_retries, completion.choices[0].index
)
