# ruff: noqa: PT017 - as users write it
import openai
from openai import OpenAI

client = OpenAI(api_key="pg_not_a_key")

try:
    client.models.list()
except openai.AuthenticationError as e:
    assert e.status_code == 401
else:
    raise AssertionError("expected an exception")
