import openai

client = openai.OpenAI()

try:
    client.chat.completions.create(model="llama-3.1-8b", messages=[])
except openai.BadRequestError as e:
    print(type(e).__name__, e.type, e.param)
try:
    client.embeddings.create(model="llama-3.1-8b", input="Hello")
except openai.APIError as e:
    print(type(e).__name__, e.code)
try:
    client.models.retrieve("gpt-9")
except openai.OpenAIError as e:
    print(type(e).__name__, isinstance(e, openai.APIStatusError))
