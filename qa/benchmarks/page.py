"""The results as text for a terminal, as docs/benchmarks.md, and as a table for README.md. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from qa.benchmarks.criteria import US, verdict_word
from qa.benchmarks.figures import FIGURES, written

_GROUPS: Final = {
    "Calls": ("chat_sync", "chat_async", "chat_64", "chat_256"),
    "Streams": ("stream_50_sync", "stream_50_async", "stream_2000_sync", "stream_2000_async"),
    "Chunks": ("chunk_sync", "chunk_async", "paced_64", "first_sync", "first_async"),
    "Bytes": ("speech_1_sync", "speech_1_async", "upload_10_sync", "upload_10_async"),
    "Getting ready": ("import", "import_client", "construct"),
    "Memory": (
        "upload_300_sync",
        "upload_300_async",
        "speech_64_sync",
        "speech_64_async",
        "calls_sync",
        "calls_async",
    ),
}
_README: Final = ("chat_sync", "chat_async", "chat_64", "chunk_sync", "chunk_async", "import_client")
_MARKED: Final = re.compile(r"(<!-- bench -->\n).*?(<!-- /bench -->)", flags=re.DOTALL)

Table = list[list[str]]  # rows of cells, the first row their titles


def _cell(told: dict[str, Any], name: str, who: str, *, spread: bool = True) -> str:
    """A figure, how far its rounds lie from it, and how many times ours it is."""
    found = told["figures"].get(name, {})
    if who not in found:
        return "-"
    value = found[who]["median"]
    cell = written(value, FIGURES[name], told["unit"])
    if spread and len(found[who]["rounds"]) > 1:
        cell += f" ±{found[who]['spread']:.0%}"
    ours = found.get(US, {}).get("median", 0)
    # What is near nothing makes no ratio.
    if who == US or ours <= 0 or FIGURES[name].kind in ("memory", "share"):
        return cell
    return f"{cell} · {value / ours:.2g}x" if value < 100 * ours else f"{cell} · {value / ours:.0f}x"


def _table(told: dict[str, Any], names: Sequence[str], *, spread: bool = True) -> Table:
    there = [name for name in names if name in told["figures"]]
    rows = [[who, *(_cell(told, name, who, spread=spread) for name in there)] for who in told["versions"]]
    shown = [row for row in rows if set(row[1:]) - {"-"}]
    return [["SDK", *(FIGURES[name].title for name in there)], *shown] if there else []


def _criteria(told: dict[str, Any]) -> Table:
    rows = [[one["criterion"], one["bound"], one["measured"], verdict_word(one["kept"])] for one in told["criteria"]]
    return [["criterion", "bound", "measured", ""], *rows]


def _measured_by(told: dict[str, Any]) -> str:
    machine = told["machine"]
    by = "instructions in user space" if told["unit"] == "instructions" else "CPU time"
    pinned = "server and client on a core each" if machine["pinned"] else "server and client on the same cores"
    return (
        f"{told['date']}, {machine['system']}, {machine['cores']} cores, Python {machine['python']}; {pinned}; "
        f"{by} of the client's process; rounds: {told['rounds']}, of {told['seconds']:g} s."
    )


# For a terminal


def text(told: dict[str, Any]) -> str:
    """All tables, aligned, and a line for each criterion."""
    parts = [_measured_by(told)]
    for title, names in _GROUPS.items():
        table = _table(told, names)
        if table:
            parts.append("\n".join((title, *_aligned(table))))
    lines = [" · ".join(row) for row in _criteria(told)[1:] if told["whole"] or row[2] != "-"]
    return "\n\n".join([*parts, "\n".join(lines)])


def _aligned(table: Table) -> list[str]:
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]


# As Markdown


def _markdown(table: Table) -> str:
    head, *rows = table
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *rows))


_INTRO = """\
# What the SDK costs

Written by `make bench ARGS=--write-docs`, from what it measured:

```text
{measured_by}
```

A server on loopback answers with bytes that it has ready, so that what is measured is the client. The same work is done
by each SDK in an environment of its own; all run in turns, task by task, and the order changes from round to round. A
figure is the median of the rounds, with how far the farthest lies from it, and how many times ours it is. What an SDK
cannot do is left out, and so is what takes it too long. Clients are used as they come. The floor is the least that a
client can do: a socket, or a protocol of asyncio's, with `json.loads` and no check of anything.

A chat is a request of two messages and an answer of one, a call after the other unless it says how many at once. A
stream comes as fast as it can be sent; one chunk more is the difference of the long and the short one. The paced
streams send a chunk every 20 ms. An import is that of a fresh interpreter, without what the interpreter takes itself.
Memory is what the process takes at its peak beyond what it had before, or what it keeps after the calls.

![Costs by contender](benchmarks.png)
"""
_OUTRO = """\
## Measure it yourself

```sh
make bench                                         # all of it: about 15 minutes
make bench ARGS=--quick                            # about two minutes, not to be quoted
make bench ARGS="--only polargrid openai chat"     # some contenders, some tasks
make bench ARGS="--read --write-docs"              # this page again, from out/bench.json
```

Another SDK is a module of about 20 lines in qa/benchmarks/contenders/, and `make bench ARGS="--lock NAME"`, which
pins what it requires.
"""


def docs(told: dict[str, Any]) -> str:
    """docs/benchmarks.md."""
    versions = ", ".join(f"{who} {version}" for who, version in told["versions"].items() if version)
    parts = [_INTRO.format(measured_by=_measured_by(told)), f"Versions: {versions}.\n"]
    parts.append(f"## What was promised\n\n{_markdown(_criteria(told))}\n")
    for title, names in _GROUPS.items():
        table = _table(told, names)
        if table:
            parts.append(f"## {title}\n\n{_markdown(table)}\n")
    return "\n".join([*parts, _OUTRO])


def with_table(readme: str, told: dict[str, Any]) -> str:
    """README.md with the table, and its date, between its two markers. Raises ValueError where they are not there."""
    table = f"\n{_markdown(_table(told, _README, spread=False))}\n\n{_measured_by(told)}\n"
    changed, count = _MARKED.subn(lambda found: found[1] + table + found[2], readme)
    if count != 1:
        raise ValueError("README.md needs the lines <!-- bench --> and <!-- /bench -->, once")
    return changed
