import openai
from openai import OpenAI

client = OpenAI()

with client.chat.completions.stream(
    model="llama-3.1-8b", messages=[{"role": "user", "content": "Count to fifty."}], max_tokens=3, temperature=0
) as stream:
    for event in stream:
        if event.type == "content.delta":
            last = event.snapshot
    print(bool(last))
    try:
        stream.get_final_completion()
    except openai.LengthFinishReasonError as e:
        print(e.completion.choices[0].finish_reason)
