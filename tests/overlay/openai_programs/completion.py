from openai import OpenAI

client = OpenAI()

completion = client.completions.create(model="llama-3.1-8b", prompt="The capital of France is", max_tokens=5, n=2)
assert [choice.index for choice in completion.choices] == [0, 1]
assert all(isinstance(choice.text, str) for choice in completion.choices)
