import openai

client = openai.OpenAI()

try:
    client.chat.completions.create(model="gpt-9", messages=[{"role": "user", "content": "Hello"}], stream=True)
except openai.NotFoundError as e:
    print(type(e).__name__, e.status_code, e.code)
try:
    with client.chat.completions.stream(model="gpt-9", messages=[{"role": "user", "content": "Hello"}]):
        print("opened")
except openai.NotFoundError as e:
    print(type(e).__name__, e.status_code, e.code)
