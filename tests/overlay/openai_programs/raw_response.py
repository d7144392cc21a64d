from openai import OpenAI

client = OpenAI()

response = client.chat.completions.with_raw_response.create(
    messages=[{"role": "user", "content": "Say this is a test"}], model="llama-3.1-8b", max_tokens=4
)
assert response.headers.get("X-Request-ID") == response.headers["x-request-id"] == response.request_id
assert response.status_code == 200
completion = response.parse()
assert completion.object == "chat.completion"
