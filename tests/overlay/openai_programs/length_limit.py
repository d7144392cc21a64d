import openai
from openai import OpenAI
from pydantic import BaseModel


class Essay(BaseModel):
    title: str
    text: str


client = OpenAI()

try:
    client.chat.completions.parse(
        model="llama-3.1-8b",
        messages=[{"role": "user", "content": "Write an essay."}],
        response_format=Essay,
        max_tokens=3,
    )
except openai.LengthFinishReasonError as e:
    print(type(e).__name__, e.completion.choices[0].finish_reason, e.completion.usage.completion_tokens)
    print(isinstance(e, openai.OpenAIError))
