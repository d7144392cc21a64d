# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.chat_completion_token_logprob`."""

from polargrid_generated.models import TokenLogprob, TopLogprob as TopLogprob

__all__ = ["ChatCompletionTokenLogprob", "TopLogprob"]
ChatCompletionTokenLogprob = TokenLogprob
