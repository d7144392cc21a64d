"""What one call came to: pure."""

from __future__ import annotations

import asyncio
import traceback
from dataclasses import dataclass
from typing import Final

from polargrid import PolarGridError
from qa.stress.payloads import expected_value, find_origins
from qa.stress.plans import Plan

KEY: Final = "pg_stress/key_of_the_run"
VALUE, CANCELLED, RACE = "value", "cancelled", "mix-up in the race"
MIX_UP, PARTIAL, WRONG, FOREIGN = "mix-up", "part as the whole", "wrong value", "foreign exception"
HANG, KEY_SHOWN, DOUBLE_SEND, TOO_MANY = "hang", "key shown", "double send", "retry beyond the policy"
#: What must not happen.
FAILURES: Final = (MIX_UP, PARTIAL, WRONG, FOREIGN, HANG, KEY_SHOWN, DOUBLE_SEND, TOO_MANY)
#: The faults after which the next call may get a response that was not for it: HTTP/1.1 cannot tell.
_RACES: Final = ("!late-response", "!late-timeout")
_MAX_LENGTH: Final = 2_000  # characters of a description


@dataclass(frozen=True)
class CallResult:
    """How a call ended: with a text, perhaps the whole, or with an exception."""

    plan: Plan
    outcome: tuple[str, bool] | BaseException
    attempts: int
    origin: str  # of the last response, by its header; empty without one
    seconds: float

    @property
    def strangers(self) -> set[str]:
        """The origins of the response and of its words, except for this call."""
        nonce = self.plan.instruction.nonce
        return {*find_origins(self._text), self.origin or nonce} - {nonce}

    @property
    def _text(self) -> str:
        return self.outcome[0] if isinstance(self.outcome, tuple) else getattr(self.outcome, "partial", "")

    @property
    def verdict(self) -> str:
        """The class of an exception of the SDK, or one of the verdicts of this module."""
        expected = expected_value(self.plan.instruction)
        if isinstance(self.outcome, tuple):
            value, is_whole = self.outcome
            if value == expected or (not is_whole and expected.startswith(value)):
                return VALUE
            return PARTIAL if expected.startswith(value) else WRONG
        if isinstance(self.outcome, asyncio.CancelledError):
            return CANCELLED if self.plan.action == "cancel" else HANG
        if not isinstance(self.outcome, PolarGridError):
            return FOREIGN
        if KEY in f"{self}{vars(self.outcome)}":
            return KEY_SHOWN
        return type(self.outcome).__name__ if expected.startswith(self._text) else WRONG

    @property
    def summary(self) -> str:
        """What similar failures have in common."""
        if isinstance(self.outcome, BaseException) and not isinstance(self.outcome, PolarGridError):
            return f"{type(self.outcome).__name__}: {self.outcome}"[:100]
        return self.plan.instruction.fault

    def __str__(self) -> str:
        if isinstance(self.outcome, BaseException):
            text = "".join(traceback.format_exception(self.outcome))
        else:
            text = repr(self.outcome)
        return f"{self.plan}\n{self.attempts} attempts, response of {self.origin or '?'}\n{text[-_MAX_LENGTH:]}"


def is_race(origin: str, shifted: set[str]) -> bool:
    """Whether the response was late, or the right one of a call that took a late response."""
    return origin.endswith(_RACES) or origin in shifted
