# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.chat_completion_stream_options_param`."""

from polargrid_generated.params import StreamOptionsParam

__all__ = ["ChatCompletionStreamOptionsParam"]
ChatCompletionStreamOptionsParam = StreamOptionsParam
