"""The results as text and as JSON, and the parts of docs/guide/from-openai.md that are made; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

from qa.compat.meant import Meant, Result
from qa.compat.programs import ProgramResult


def render_text(result: Result, programs: Sequence[ProgramResult]) -> str:
    """Each difference with what is different or why it is meant, and the shares."""
    lines = [f"{name}: {problem}" for name, problem in result.others.items()]
    if result.meant:
        lines += ["", "meant:"]
        pairs = sorted(result.meant.items(), key=lambda pair: pair[1])
        for title, group in groupby(pairs, key=lambda pair: pair[1]):
            lines += [f"  {title}", *(f"    {name}: {result.details[name]}" for name, _ in group)]
    lines += [f"on the list, and no difference: {name}" for name in result.stale]
    lines += [f"{program.name}: {program.problem}" for program in programs if program.problem]
    return "\n".join([*lines, "", summarize(result), summarize_programs(programs)]).strip()


def summarize(result: Result) -> str:
    """The number of names and the share of those that are the same."""
    return (
        f"openai {result.version}: {len(result.names)} names, {_percent(result.share)} the same, "
        f"{len(result.meant)} different on purpose, {len(result.others)} others"
    )


def summarize_programs(programs: Sequence[ProgramResult]) -> str:
    """The number of programs that print the same on both SDKs."""
    if not programs:
        return ""
    same = sum(not program.problem for program in programs)
    return f"programs: {same} of {len(programs)} print the same on both SDKs"


def as_json(result: Result, programs: Sequence[ProgramResult]) -> dict[str, Any]:
    return {
        "openai": result.version,
        "names": len(result.names),
        "share": round(result.share, 4),
        "differences": dict(result.others),
        "meant": dict(result.meant),
        "stale": list(result.stale),
        "programs": [asdict(program) | {"problem": program.problem} for program in programs],
    }


def exit_status(result: Result, programs: Iterable[ProgramResult]) -> int:
    """1 if a difference is not meant, if an entry of the list is stale, or if a program does not pass."""
    return int(bool(result.others or result.stale or any(program.problem for program in programs)))


# The page


def render_differences(entries: Iterable[Meant]) -> str:
    """The table of what is different."""
    rows = [f"| {entry.title} | {entry.reason} |" for entry in entries]
    return "\n".join(["| | What is different, and why |", "|---|---|", *rows])


def render_measured(result: Result, programs: Sequence[ProgramResult], date: str) -> str:
    """What was measured, in a sentence."""
    same = sum(not program.problem for program in programs)
    return (
        f"`make compat` compared both on {date}, with openai {result.version}: of {len(result.names):,} names\n"
        f"{_percent(result.share)} are the same, and the others are in the table below; "
        f"{same} of {len(programs)} programs\nprint the same on both SDKs, with only their imports changed."
    )


def replace_part(page: str, name: str, text: str) -> str:
    """Replace the part of a page between two markers. Raises ValueError if the page has no such part."""
    start, end = f"<!-- {name} -->\n", f"\n<!-- end of {name} -->"
    if page.count(start) != 1 or page.count(end) != 1:
        raise ValueError(f"the page has no part {name!r}")
    return re.sub(f"{re.escape(start)}.*?{re.escape(end)}", lambda _: f"{start}{text}{end}", page, flags=re.DOTALL)


def read_part(page: str, name: str) -> str:
    """The text between two markers of a page."""
    return page.partition(f"<!-- {name} -->\n")[2].partition(f"\n<!-- end of {name} -->")[0]


def _percent(share: float) -> str:
    return f"{share:.1%}" if share < 1 else "100%"
