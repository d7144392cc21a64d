import math

from openai import OpenAI
from openai.types.chat import ChatCompletionTokenLogprob

client = OpenAI()

completion = client.chat.completions.create(
    model="llama-3.1-8b",
    messages=[{"role": "user", "content": "Is ice cold? Answer yes or no."}],
    logprobs=True,
    top_logprobs=2,
    max_tokens=1,
)
for entry in completion.choices[0].logprobs.content:
    print(
        isinstance(entry, ChatCompletionTokenLogprob),
        type(entry.token).__name__,
        0 <= math.exp(entry.logprob) <= 1,
        type(entry.bytes).__name__,
    )
    print(len(entry.top_logprobs), entry.top_logprobs[0].logprob >= entry.top_logprobs[1].logprob)
print(completion.choices[0].logprobs.refusal)
