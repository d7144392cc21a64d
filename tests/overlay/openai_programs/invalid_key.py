import openai
from openai import OpenAI

client = OpenAI(api_key="pg_not_a_key")

try:
    client.models.list()
except openai.AuthenticationError as e:
    print(type(e).__name__, e.status_code, e.code)
