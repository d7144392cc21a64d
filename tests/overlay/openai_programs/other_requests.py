import httpx
from openai import OpenAI
from openai.types.chat import ChatCompletion

client = OpenAI()

response = client.post(
    "/chat/completions",
    cast_to=httpx.Response,
    body={"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1},
)
print(response.status_code, response.json()["object"])
completion = client.post(
    "/chat/completions",
    cast_to=ChatCompletion,
    body={"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1},
)
print(isinstance(completion, ChatCompletion), completion.choices[0].finish_reason)
print(client.get("/models", cast_to=httpx.Response).status_code)
