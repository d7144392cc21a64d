"""The results as text; pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from polargrid_contract.report.result import HALVES

_OTHERS = ("correct", "decoy")
_MOST = 4  # checks that a line names


def line(result: Any) -> str:
    """What was seen of one fault or decoy; a false alarm also with its reason."""
    alarm = result.kind in _OTHERS
    words = "nothing" if alarm else "NOT SEEN"
    seen = [f"{half}: {_names(checks)}" for half, checks in result.broken.items() if checks]
    text = f"{result.id:<10} {result.what}\n{'':<10} {'; '.join(seen) or words} ({result.seconds:.0f} s)"
    if alarm:
        reasons = [f"{name}: {came}" for checks in result.broken.values() for name, came in checks.items()]
        text = "\n".join([text, *(f"{'':<10} FALSE ALARM {reason}" for reason in reasons)])
    return text


def summary(results: Sequence[Any], seconds: float) -> str:
    """The share of faults that was seen, by half and kind, and the false alarms."""
    faults = [result for result in results if result.kind not in _OTHERS]
    others = [result for result in results if result.kind in _OTHERS]
    halves = [half for half in HALVES if any(half in result.broken for result in results)]
    lines = ["", f"{'faults':<12}{'in all':>8}" + "".join(f"{half:>16}" for half in (*halves, "either"))]
    kinds = dict.fromkeys(result.kind for result in faults)
    for name, rows in [*((kind, [it for it in faults if it.kind == kind]) for kind in kinds), ("all", faults)]:
        cells = [_share(sum(it.seen(half) for it in rows), len(rows)) for half in halves]
        cells.append(_share(sum(it.seen() for it in rows), len(rows)))
        lines.append(f"{name:<12}{len(rows):>8}" + "".join(f"{cell:>16}" for cell in cells))
    missed = [result.id for result in faults if not result.seen()]
    alarms = [result.id for result in others if result.seen()]
    lines += [
        "",
        f"not seen: {', '.join(missed) or 'none'}",
        f"false alarms: {len(alarms)} of {len(others)} correct servers{' – ' if alarms else ''}{', '.join(alarms)}",  # noqa: RUF001
        f"it took {seconds / 60:.1f} minutes",
    ]
    return "\n".join(lines)


def _share(count: int, of: int) -> str:
    return f"{count} ({100 * count / of:.0f}%)" if of else "-"


def _names(checks: dict[str, str]) -> str:
    names = list(checks)
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return ", ".join(names[:_MOST]) + more
