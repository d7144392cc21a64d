# ruff: noqa: B904, PT017 - as users write it
import openai
from openai import OpenAI

client = OpenAI()

try:
    client.chat.completions.create(model="gpt-9", messages=[{"role": "user", "content": "Hello"}])
except openai.RateLimitError:
    raise AssertionError("expected another exception")
except openai.NotFoundError as e:
    assert e.status_code == 404
    assert e.code == "model_not_found"
    assert e.request_id
    assert "gpt-9" in e.message
else:
    raise AssertionError("expected an exception")
