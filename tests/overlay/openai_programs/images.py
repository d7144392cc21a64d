import openai
from openai import OpenAI

client = OpenAI()

try:
    client.chat.completions.create(
        model="llama-3.1-8b",
        messages=[
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What's in this image?"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo=", "detail": "low"}},
                ],
            }
        ],
    )
except openai.BadRequestError as e:
    print(type(e).__name__, "image" in e.message)
