"""What a stress prints."""

from __future__ import annotations

from collections import Counter
from typing import Final

from qa.stress.faults import FAULTS
from qa.stress.tally import Tally
from qa.stress.verdicts import CANCELLED, FAILURES, RACE, VALUE

_COLUMNS: Final = {
    VALUE: "value",
    "NetworkError": "network",
    "StreamInterruptedError": "interrupted",
    "TimeoutError": "timeout",
    "ServerError": "server",
    CANCELLED: "cancelled",
}
_ROW: Final = "{:21}" + "{:>12}" * len(_COLUMNS) + "{:>8}{:>9}  {}"


def describe_lane(tally: Tally, seconds: float, memory: float) -> str:
    """A line about a lane."""
    failures = [f"{count} {verdict}" for verdict in FAILURES if (count := tally.count(verdict))]
    if tally.problems:
        failures.append(f"{len(tally.problems)} problems")
    figures = f"{tally.calls:>6} calls {seconds:4.0f} s {memory:4.0f} MiB {tally.count(VALUE):>6} values"
    return f"{tally.lane:26}{figures}{tally.count(RACE):>5} {RACE}  {', '.join(failures) or 'passed'}"


def print_report(tally: Tally, growth: float, seconds: float) -> None:
    """Print the outcomes by fault, an example of each failure, and the verdict."""
    print(_ROW.format("fault", *_COLUMNS.values(), "other", "slowest", ""))
    for name in FAULTS:
        verdicts = Counter({verdict: count for (fault, verdict), count in tally.outcomes.items() if fault == name})
        counts = [verdicts.pop(column, 0) for column in _COLUMNS]
        remarks = ", ".join(
            f"{verdicts.pop(verdict)} {verdict}" for verdict in (*FAILURES, RACE) if verdict in verdicts
        )
        print(_ROW.format(name, *counts, verdicts.total(), f"{tally.slowest[name]:.1f} s", remarks).rstrip())
    for (verdict, summary), example in tally.examples.items():
        print(f"\n{example.count} {verdict}, {summary}, such as\n{example.text}")
    for problem in tally.problems:
        print(f"\nproblem: {problem}")
    print()
    for verdict in FAILURES:
        print(f"{tally.count(verdict):>7} {verdict}")
    print(f"{len(tally.problems):>7} leaks and other problems")
    share = tally.count(RACE) / max(1, tally.calls)
    print(f"{tally.count(RACE):>7} {RACE}, {share:.2%} of {tally.calls} calls; {tally.late} late responses")
    print(f"{growth:7.1f} MiB more memory, {seconds:.0f} s: {'FAILED' if tally.failures else 'passed'}")
