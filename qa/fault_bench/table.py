"""The results as text; pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from polargrid_contract.results import SUITES

_CORRECT_KINDS = ("correct", "variation")
_MAX_NAMES = 4
#: The kinds of faults as docs/contract.md names them.
_TITLES = {
    "http": "HTTP",
    "json": "JSON",
    "dialects": "requests in other spellings",
    "wire": "bytes of responses",
    "streamed": "streamed, not plain",
    "concurrency": "many at once",
    "models": "two models",
    "timing": "time",
    "profile": "profile openai",
}


def format_result(result: Any) -> str:
    """Format the checks that failed for one fault or variation; a false alarm with its reasons."""
    is_correct = result.kind in _CORRECT_KINDS
    failed = [f"{suite}: {_join_names(checks)}" for suite, checks in result.failed.items() if checks]
    default = "nothing" if is_correct else "NOT DETECTED"
    indent = " " * 10
    lines = [
        f"{result.id:<10} {result.description}",
        f"{indent} {'; '.join(failed) or default} ({result.seconds:.0f} s)",
    ]
    lines += [f"{indent} THE CHANGE FAILED: {error.strip()}" for error in result.errors]
    if is_correct:
        reasons = [f"{name}: {actual}" for checks in result.failed.values() for name, actual in checks.items()]
        lines += [f"{indent} FALSE ALARM {reason}" for reason in reasons]
    return "\n".join(lines)


def format_markdown(results: Sequence[Any]) -> str:
    """Format the number of detected faults by suite and kind as the table of docs/contract.md."""
    suites = _list_suites(results)
    lines = [f"| Faults | Total | {' | '.join((*suites, 'either'))} |", "|---" * (len(suites) + 3) + "|"]
    for name, rows in _group_faults(results):
        counts = [sum(fault.is_detected(suite) for fault in rows) for suite in suites]
        cells = [len(rows), *counts, sum(fault.is_detected() for fault in rows)]
        lines.append(f"| {_TITLES.get(name, name)} | {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def _list_suites(results: Sequence[Any]) -> list[str]:
    return [suite for suite in SUITES if any(suite in result.failed for result in results)]


def _group_faults(results: Sequence[Any]) -> list[tuple[str, list[Any]]]:
    """The faults of each kind, and all of them."""
    faults = [result for result in results if result.kind not in _CORRECT_KINDS]
    kinds = dict.fromkeys(result.kind for result in faults)
    return [*((kind, [fault for fault in faults if fault.kind == kind]) for kind in kinds), ("all", faults)]


def format_summary(results: Sequence[Any], seconds: float) -> str:
    """Format the share of detected faults by suite and kind, and the false alarms."""
    faults = [result for result in results if result.kind not in _CORRECT_KINDS]
    correct = [result for result in results if result.kind in _CORRECT_KINDS]
    suites = _list_suites(results)
    lines = ["", f"{'faults':<12}{'total':>8}" + "".join(f"{suite:>16}" for suite in (*suites, "either"))]
    for name, rows in _group_faults(results):
        cells = [_format_share(sum(fault.is_detected(suite) for fault in rows), len(rows)) for suite in suites]
        cells.append(_format_share(sum(fault.is_detected() for fault in rows), len(rows)))
        lines.append(f"{name:<12}{len(rows):>8}" + "".join(f"{cell:>16}" for cell in cells))
    missed = [result.id for result in faults if not result.is_detected()]
    alarms = [result.id for result in correct if result.is_detected()]
    names = f": {', '.join(alarms)}" if alarms else ""
    lines += [
        "",
        f"not detected: {', '.join(missed) or 'none'}",
        f"changes that failed: {', '.join(result.id for result in results if result.errors) or 'none'}",
        f"false alarms: {len(alarms)} of {len(correct)} correct servers{names}",
        f"duration: {seconds / 60:.1f} minutes",
        "",
        format_markdown(results),
    ]
    return "\n".join(lines)


def _format_share(count: int, total: int) -> str:
    return f"{count} ({100 * count / total:.0f}%)" if total else "-"


def _join_names(checks: dict[str, str]) -> str:
    names = list(checks)
    more = f" and {len(names) - _MAX_NAMES} more" if len(names) > _MAX_NAMES else ""
    return ", ".join(names[:_MAX_NAMES]) + more
