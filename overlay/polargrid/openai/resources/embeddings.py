# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.resources.embeddings`."""

from polargrid_generated.async_resources import AsyncEmbeddingsResource
from polargrid_generated.sync_resources import EmbeddingsResource

__all__ = ["AsyncEmbeddings", "Embeddings"]
AsyncEmbeddings = AsyncEmbeddingsResource
Embeddings = EmbeddingsResource
