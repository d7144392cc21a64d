from openai import OpenAI

client = OpenAI()

completion = client.chat.completions.create(
    messages=[{"role": "user", "content": "Say this is a test"}], model="llama-3.1-8b", max_tokens=4
)
assert completion._request_id
