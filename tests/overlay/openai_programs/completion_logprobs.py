from openai import OpenAI

client = OpenAI()

completion = client.completions.create(
    model="llama-3.1-8b", prompt="One, two, three,", max_tokens=2, temperature=0, logprobs=2, echo=False
)
logprobs = completion.choices[0].logprobs
print(len(logprobs.tokens), len(logprobs.token_logprobs), [len(top) for top in logprobs.top_logprobs])
print(logprobs.text_offset[0] >= 0, "".join(logprobs.tokens) == completion.choices[0].text)
