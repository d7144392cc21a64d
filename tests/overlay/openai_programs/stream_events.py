from openai import OpenAI

client = OpenAI()

with client.chat.completions.stream(
    model="llama-3.1-8b", messages=[{"role": "user", "content": "Count to five."}], max_tokens=12
) as stream:
    text = ""
    for event in stream:
        if event.type == "content.delta":
            text += event.delta
            assert event.snapshot == text
        elif event.type == "content.done":
            assert event.content == text
completion = stream.get_final_completion()
assert completion.choices[0].message.content == text
assert completion.usage.completion_tokens > 0
