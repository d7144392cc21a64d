from openai import OpenAI
from openai.types import CreateEmbeddingResponse

client = OpenAI()

response = client.embeddings.create(model="text-embedding-3-small", input=["Hello", "Good morning"])
print(
    response.object,
    isinstance(response, CreateEmbeddingResponse),
    [(item.index, item.object, len(item.embedding)) for item in response.data],
)
print(type(response.data[0].embedding[0]).__name__, response.usage.prompt_tokens == response.usage.total_tokens)


def get_embedding(text, model="text-embedding-3-small"):
    return (
        client.embeddings.create(input=[text.replace("\n", " ")], model=model, encoding_format="float")
        .data[0]
        .embedding
    )


print(
    len(get_embedding("a\nb")),
    max(abs(one - other) for one, other in zip(get_embedding("c"), get_embedding("c"), strict=True)),
)
