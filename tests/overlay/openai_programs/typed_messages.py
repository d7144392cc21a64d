from collections.abc import Iterator

from openai import OpenAI
from openai.types.chat import (
    ChatCompletion,
    ChatCompletionMessage,
    ChatCompletionMessageParam,
    ChatCompletionSystemMessageParam,
    ChatCompletionUserMessageParam,
)
from openai.types.chat.chat_completion import Choice
from openai.types.completion_usage import CompletionUsage

client = OpenAI()


def conversation(question: str) -> Iterator[ChatCompletionMessageParam]:
    yield ChatCompletionSystemMessageParam(role="system", content="Be brief.")
    yield ChatCompletionUserMessageParam(role="user", content=question)


completion = client.chat.completions.create(model="llama-3.1-8b", messages=conversation("What is snow?"), max_tokens=4)
print(isinstance(completion, ChatCompletion), isinstance(completion.choices[0], Choice))
print(isinstance(completion.choices[0].message, ChatCompletionMessage), isinstance(completion.usage, CompletionUsage))
