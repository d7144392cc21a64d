from openai import OpenAI

client = OpenAI()

kinds = []
with client.chat.completions.stream(
    model="llama-3.1-8b",
    messages=[{"role": "user", "content": "Count to fifty."}],
    logprobs=True,
    max_tokens=3,
    temperature=0,
) as stream:
    for event in stream:
        if event.type not in kinds:
            kinds.append(event.type)
        if event.type == "logprobs.content.done":
            print(len(event.content))
print(kinds)
