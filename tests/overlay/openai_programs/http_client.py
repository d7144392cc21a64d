from openai import DefaultHttpxClient, OpenAI

with OpenAI(http_client=DefaultHttpxClient(headers={"X-App": "test"})) as client:
    completion = client.chat.completions.create(
        messages=[{"role": "user", "content": "Hello"}], model="llama-3.1-8b", max_tokens=1
    )
print(completion.choices[0].finish_reason)
