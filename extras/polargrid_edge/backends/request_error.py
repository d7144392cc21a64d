"""The errors of a request for text that cannot be served. Pure."""

from __future__ import annotations


class InvalidFieldError(ValueError):
    """A field of the request that cannot be served; `param` names it."""

    def __init__(self, param: str, message: str) -> None:
        super().__init__(f"{param}: {message}")
        self.param = param


class ContextLengthError(ValueError):
    """The prompt alone is longer than the context; both sizes are in tokens.

    The message has OpenAI's words: clients search for them to shorten a conversation.
    """

    def __init__(self, prompt_tokens: int, context: int, *, is_counted: bool = True) -> None:
        super().__init__(
            f"This model's maximum context length is {context} tokens. However, your prompt resulted in "
            f"{'' if is_counted else 'at least '}{prompt_tokens} tokens. Please reduce its length."
        )
        self.prompt_tokens = prompt_tokens
        self.context = context


class UnloadedError(RuntimeError):
    """The model is no longer in memory."""
