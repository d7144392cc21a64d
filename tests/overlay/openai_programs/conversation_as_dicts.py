from openai import OpenAI

client = OpenAI()

messages = [{"role": "user", "content": "Name a river."}]
first = client.chat.completions.create(model="llama-3.1-8b", messages=messages, max_tokens=5)
messages.append(first.choices[0].message.model_dump(exclude_none=True))
messages.append({"role": "user", "content": "Name another one."})
second = client.chat.completions.create(model="llama-3.1-8b", messages=messages, max_tokens=5)
messages.append(second.choices[0].message.to_dict())
messages.append({"role": "user", "content": "And a lake."})
third = client.chat.completions.create(model="llama-3.1-8b", messages=messages, max_tokens=5)
print(messages[1]["role"], messages[3]["role"], third.choices[0].message.role)
