"""The verdict on one call: pure."""

from __future__ import annotations

import asyncio
import re
import traceback
from dataclasses import dataclass
from typing import Final

from polargrid import NetworkError, PolarGridError
from qa.stress.payloads import expected_value, find_origins
from qa.stress.plans import Plan

KEY: Final = "pg_stress/key_of_the_run"
VALUE, CANCELLED, RACE = "value", "cancelled", "mix-up in the race"
MIX_UP, PARTIAL, WRONG, FOREIGN = "mix-up", "part as the whole", "wrong value", "foreign exception"
HANG, KEY_SHOWN, DOUBLE_SEND, TOO_MANY = "hang", "key shown", "double send", "retry beyond the policy"
NO_CONNECTION = "no connection to a server that accepts them"
#: What must not happen.
FAILURES: Final = (MIX_UP, PARTIAL, WRONG, FOREIGN, HANG, KEY_SHOWN, DOUBLE_SEND, TOO_MANY, NO_CONNECTION)
#: The faults after which the next call may get a response that was not for it: HTTP/1.1 cannot tell.
_RACES: Final = ("!late-response", "!late-timeout")
#: The fault whose late responses have the key of another request: an error is right.
_RECOGNIZABLE: Final = "!late-response-keyed"
MAX_SECONDS: Final = 30.0  # of a call; its deadline is 3 at most
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
    def other_origins(self) -> set[str]:
        """The origins of the response and of its words, except for this call."""
        origins = find_origins(self._text)
        if isinstance(self.outcome, tuple) or not self.origin.endswith(_RECOGNIZABLE):
            origins.add(self.origin)
        return origins - {self.plan.instruction.nonce, ""}

    @property
    def _text(self) -> str:
        return self.outcome[0] if isinstance(self.outcome, tuple) else getattr(self.outcome, "partial", "")

    @property
    def verdict(self) -> str:
        """The class of an exception of the SDK, or one of the verdicts of this module."""
        if self.seconds > MAX_SECONDS:
            return HANG
        return self._judge_error(self.outcome) if isinstance(self.outcome, BaseException) else self._judge_value()

    def _judge_value(self) -> str:
        value, is_whole = self._text, isinstance(self.outcome, tuple) and self.outcome[1]
        expected = expected_value(self.plan.instruction)
        if value == expected or (not is_whole and expected.startswith(value)):
            return VALUE
        return PARTIAL if expected.startswith(value) else WRONG

    def _judge_error(self, error: BaseException) -> str:
        if isinstance(error, asyncio.CancelledError):
            return CANCELLED if self.plan.action == "cancel" else FOREIGN
        if not isinstance(error, PolarGridError):
            return FOREIGN
        if KEY in f"{self._traceback}{vars(error)}":
            return KEY_SHOWN
        if isinstance(error, NetworkError) and not error.sent and not self.plan.address:
            return NO_CONNECTION
        return type(error).__name__ if expected_value(self.plan.instruction).startswith(error.partial) else WRONG

    @property
    def summary(self) -> str:
        """What similar failures have in common."""
        if isinstance(self.outcome, BaseException) and not isinstance(self.outcome, PolarGridError):
            return f"{type(self.outcome).__name__}: {self.outcome}"[:100]
        if self.verdict == NO_CONNECTION:
            return re.sub(r"[0-9]+", "N", str(self.outcome))[:100]
        return self.plan.instruction.fault

    @property
    def _traceback(self) -> str:
        return "".join(traceback.format_exception(self.outcome)) if isinstance(self.outcome, BaseException) else ""

    def __str__(self) -> str:
        text = self._traceback or repr(self.outcome)
        return f"{self.plan}\n{self.attempts} attempts, response of {self.origin or '?'}\n{text[-_MAX_LENGTH:]}"


def is_race(origin: str, shifted: set[str]) -> bool:
    """Whether the response was late, or the right one of a call that took a late response."""
    return origin.endswith(_RACES) or origin in shifted
