# ruff: noqa: PERF401 - as users write it
from openai import OpenAI

client = OpenAI()

names = []
for model in client.models.list():
    names.append(model.id)
assert "llama-3.1-8b" in names
assert [model.id for model in client.models.list().data] == names
