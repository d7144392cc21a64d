from openai import OpenAI
from openai.types.chat import ChatCompletion

client = OpenAI()
request = {"messages": [{"role": "user", "content": "Say this is a test"}], "model": "llama-3.1-8b", "max_tokens": 2}

with client.chat.completions.with_streaming_response.create(**request) as response:
    print(response.status_code, bool(response.headers.get("x-request-id")))
    lines = list(response.iter_lines())
print(len(lines), response.is_closed)

with client.chat.completions.with_streaming_response.create(**request) as response:
    print(isinstance(response.parse(), ChatCompletion))

with client.models.with_streaming_response.list() as response:
    print(sorted(response.json())[:2])
