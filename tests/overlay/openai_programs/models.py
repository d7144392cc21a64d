# ruff: noqa: PERF401 - as users write it
from openai import OpenAI
from openai.pagination import SyncPage
from openai.types import Model

client = OpenAI()

names = []
for model in client.models.list():
    names.append(model.id)
print("llama-3.1-8b" in names, [model.id for model in client.models.list().data] == names)
model = client.models.retrieve("llama-3.1-8b")
print(isinstance(model, Model), model.id, model.object, type(model.created).__name__, type(model.owned_by).__name__)
page = client.models.list()
print(isinstance(page, SyncPage), page.object, page.has_next_page())
