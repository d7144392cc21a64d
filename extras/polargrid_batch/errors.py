"""Errors of a run as a whole. What fails a row is a result of the run, and no exception."""

from __future__ import annotations

from polargrid.errors import PolarGridError, ValidationError


class BatchInputError(ValidationError):
    """The input, the output or an option cannot be used; the message names the file and the line."""

    def __init__(self, message: str) -> None:
        super().__init__(message, sent=False)


class BatchStoppedError(PolarGridError):
    """The run ended before its last row; what was done is in the output, and the same call continues it.

    `__cause__` is the error that ended it: of the key (401), of the credit (402), or of the disk.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message, sent=False)


class BudgetReachedError(BatchStoppedError):
    """The next row might cost more than the budget has left; the same run with a larger budget continues."""
