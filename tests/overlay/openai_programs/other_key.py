import os

import openai
from openai import OpenAI

client = OpenAI(api_key=os.environ["OPENAI_API_KEY"])
print(client.api_key == os.environ["OPENAI_API_KEY"])
try:
    client.with_options(api_key="pg_other").models.list()
except openai.AuthenticationError as e:
    print(type(e).__name__)
print(bool(client.models.list().data))
