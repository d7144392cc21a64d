# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.embedding_create_params`."""

from polargrid_generated.params import EmbeddingRequestParam

__all__ = ["EmbeddingCreateParams"]
EmbeddingCreateParams = EmbeddingRequestParam
