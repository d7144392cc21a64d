import openai
from openai import OpenAI

client = OpenAI()

try:
    client.chat.completions.create(model="gpt-9", messages=[{"role": "user", "content": "Hello"}])
except openai.APIConnectionError:
    print("The server could not be reached")
except openai.RateLimitError:
    print("A 429 status code was received; we should back off a bit.")
except openai.APIStatusError as e:
    print(type(e).__name__, e.status_code, e.code, e.param, e.type)
    print(e.response.status_code, e.request.method, e.request.url.path, bool(e.request_id))
    print("gpt-9" in e.message, "gpt-9" in str(e), sorted(e.body)[:2])
