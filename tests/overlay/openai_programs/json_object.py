from openai import OpenAI

client = OpenAI()

completion = client.chat.completions.create(
    model="llama-3.1-8b",
    messages=[
        {"role": "system", "content": "You output JSON."},
        {"role": "user", "content": "A town and its country."},
    ],
    response_format={"type": "json_object"},
    max_tokens=80,
    temperature=0,
)
print(completion.choices[0].message.content.lstrip()[0], completion.choices[0].message.refusal)
