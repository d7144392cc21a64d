from openai import OpenAI

client = OpenAI()

completion = client.chat.completions.create(
    messages=[{"role": "user", "content": "Say this is a test"}], model="llama-3.1-8b", max_tokens=4
)
print(type(completion._request_id).__name__)
print(
    type(client.models.list()._request_id).__name__,
    type(client.embeddings.create(model="text-embedding-3-small", input="a")._request_id).__name__,
)
