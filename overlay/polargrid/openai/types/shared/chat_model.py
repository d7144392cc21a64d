# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.shared.chat_model`."""

__all__ = ["ChatModel"]
ChatModel = str
