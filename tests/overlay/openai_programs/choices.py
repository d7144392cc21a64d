from openai import OpenAI

client = OpenAI()

request = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "A word"}], "max_tokens": 2}
completion = client.chat.completions.create(**request, n=2, seed=11, temperature=1, user="user-1")
print([choice.index for choice in completion.choices])
again = client.chat.completions.create(**request, n=2, seed=11, temperature=1)
print([choice.message.content for choice in completion.choices] == [choice.message.content for choice in again.choices])
