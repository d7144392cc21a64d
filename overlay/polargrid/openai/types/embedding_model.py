# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.embedding_model`."""

__all__ = ["EmbeddingModel"]
EmbeddingModel = str
