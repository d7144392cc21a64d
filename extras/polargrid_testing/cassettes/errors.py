"""What is wrong with a cassette, or with a program that is replayed."""

from __future__ import annotations

from collections.abc import Sequence


class CassetteMismatchError(AssertionError):
    """A program sent requests that its cassette does not have; or, with `allow_unused=False`, too few of them."""

    def __init__(self, messages: Sequence[str]) -> None:
        self.messages = tuple(messages)
        """One for each request: what was sent, and how it differs from the closest one that was recorded."""
        super().__init__("\n\n".join(messages))


class CassetteFormatError(ValueError):
    """A file that is not a cassette, or a cassette of a later version."""
