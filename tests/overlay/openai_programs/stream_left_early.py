from openai import OpenAI, Stream

client = OpenAI()

messages = [{"role": "user", "content": "Tell me a long story."}]
with client.chat.completions.create(model="llama-3.1-8b", messages=messages, max_tokens=30, stream=True) as stream:
    for chunk in stream:
        if chunk.choices and chunk.choices[0].delta.content:
            break
print(isinstance(stream, Stream), stream.response.status_code, stream.response.is_closed)

stream = client.chat.completions.create(model="llama-3.1-8b", messages=messages, max_tokens=30, stream=True)
print(next(stream).object)
stream.close()
print(stream.response.headers["content-type"].partition(";")[0])
