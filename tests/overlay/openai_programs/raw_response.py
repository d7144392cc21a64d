from openai import OpenAI
from openai.types.chat import ChatCompletion

client = OpenAI()

response = client.chat.completions.with_raw_response.create(
    messages=[{"role": "user", "content": "Say this is a test"}], model="llama-3.1-8b", max_tokens=4
)
print(response.headers.get("X-Request-ID") == response.headers["x-request-id"] == response.request_id)
print(
    response.status_code, response.http_response.status_code, response.method, response.url.path, response.retries_taken
)
completion = response.parse()
print(isinstance(completion, ChatCompletion), completion.object, completion._request_id == response.request_id)
print(response.text.startswith("{"), response.content[:1], response.http_request.method, response.is_closed)
