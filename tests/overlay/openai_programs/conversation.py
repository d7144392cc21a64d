from openai import OpenAI

client = OpenAI()

messages = [{"role": "system", "content": "You are a guide to Quebec."}]
for question in ("What is Gaspé?", "How far is it from Montreal?", "Is there a train?"):
    messages.append({"role": "user", "content": question})
    response = client.chat.completions.create(model="llama-3.1-8b", messages=messages, max_tokens=6, seed=1)
    messages.append(response.choices[0].message)
print([message["role"] if isinstance(message, dict) else message.role for message in messages])
print([type(message).__name__ == "dict" for message in messages])
