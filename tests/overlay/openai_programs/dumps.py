import json

from openai import OpenAI

client = OpenAI()

completion = client.chat.completions.create(
    model="llama-3.1-8b", messages=[{"role": "user", "content": "Hello"}], max_tokens=2
)
keys = {"id", "choices", "created", "model", "object", "usage"}
for data in (completion.model_dump(), completion.to_dict(), json.loads(completion.to_json())):
    print(keys <= set(data), type(data["choices"]).__name__, data["choices"][0]["message"]["role"])
print(json.loads(completion.model_dump_json())["object"])
print(sorted(completion.choices[0].message.to_dict())[:2])
