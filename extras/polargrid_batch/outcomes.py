"""What a response or an exception of the SDK says to a limiter. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from polargrid.errors import NetworkError, PolarGridError, TimeoutError  # noqa: A004 - the documented name
from polargrid_batch.limiter import Outcome
from polargrid_codec.error_responses import parse_retry_after

_REFUSALS = frozenset({429, 503})
_OVERLOADS = frozenset({408, 502, 504})
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+|\d+(?:\.\d+)?")
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)?")
_REMAINING, _RESET = "x-ratelimit-remaining-", "x-ratelimit-reset-"


class Report(NamedTuple):
    """What `release` takes: what came of an attempt, and for how many seconds the server asks for nothing more."""

    outcome: Outcome
    hold: float | None = None


def read_outcome(error: BaseException | None = None, headers: Mapping[str, str] | None = None) -> Report:
    """Return what came of a call of the SDK: its exception, or None if it succeeded, and the response's headers.

    Without `headers`, those of the exception's `meta` count.
    """
    if headers is None:
        headers = error.meta.headers if isinstance(error, PolarGridError) and error.meta is not None else {}
    if error is None:
        return Report("success", read_hold(headers))
    if not isinstance(error, PolarGridError):
        return Report("abandoned")
    if error.status_code is not None:
        return read_status(error.status_code, headers)
    if isinstance(error, TimeoutError):
        return Report("overload" if error.sent else "unreachable")
    return Report("unreachable" if isinstance(error, NetworkError) else "failure")


def read_status(status: int, headers: Mapping[str, str]) -> Report:
    """Return what a response says; the names of the headers are lower-case."""
    hold = read_hold(headers)
    if status in _REFUSALS:
        after = parse_retry_after(headers)
        return Report("refusal", after if after is not None else hold)
    if 200 <= status < 300:
        return Report("success", hold)
    return Report("overload" if status in _OVERLOADS else "failure", hold)


def read_hold(headers: Mapping[str, str]) -> float | None:
    """Seconds until the server accepts requests again, if `x-ratelimit-remaining-*` is 0: those of
    `x-ratelimit-reset-*`, as `1.5`, `20ms` or `6m0s`.
    """
    holds = [
        seconds
        for name, value in headers.items()
        if name.startswith(_REMAINING)
        and value.strip() == "0"
        and (seconds := _parse_duration(headers.get(_RESET + name.removeprefix(_REMAINING), ""))) is not None
    ]
    return max(holds, default=None)


def _parse_duration(value: str) -> float | None:
    text = value.strip().lower()
    if not _DURATION.fullmatch(text):
        return None
    return sum(float(number) * _UNITS[unit or "s"] for number, unit in _PART.findall(text))
