from openai import OpenAI
from openai.types import Completion

client = OpenAI()

completion = client.completions.create(
    model="llama-3.1-8b", prompt="One, two, three,", max_tokens=2, n=2, temperature=0
)
print(completion.object, [(choice.index, choice.finish_reason, choice.logprobs) for choice in completion.choices])
print(isinstance(completion, Completion), completion.usage.total_tokens > 2)
