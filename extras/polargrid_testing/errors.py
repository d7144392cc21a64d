"""What is wrong with a test: an answer that the API cannot give, or a request that no rule answers."""

from __future__ import annotations

from typing import Any

from polargrid_testing.received import ReceivedRequest


class InvalidAnswerError(ValueError):
    """A scripted answer that does not match openapi.yaml; `validate=False` sends one on purpose."""

    def __init__(self, operation: str, path: str, expected: str, actual: Any, *, subject: str = "answer") -> None:
        self.operation, self.path, self.expected, self.actual = operation, path, expected, actual
        super().__init__(
            f"{operation}: invalid {subject}: {path or 'the body'}: expected {expected}, got {actual}; "
            "correct it, or pass validate=False to send it on purpose"
        )


class UnusedFaultError(AssertionError):
    """A fault did not happen: what was to be tested was not."""


class UnscriptedRequestError(AssertionError):
    """The fake received requests that no rule answers."""

    def __init__(self, message: str, requests: tuple[ReceivedRequest, ...]) -> None:
        super().__init__(message)
        self.requests = requests
