# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.create_embedding_response`."""

from polargrid_generated.models import EmbeddingResponse, TokenUsage

__all__ = ["CreateEmbeddingResponse", "Usage"]
CreateEmbeddingResponse = EmbeddingResponse
Usage = TokenUsage
