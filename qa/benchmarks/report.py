"""The results as text for a terminal, as docs/benchmarks.md, and as a table for README.md; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from qa.benchmarks.criteria import DEFAULT, verdict_word
from qa.benchmarks.figures import FIGURES, format_value

Json = dict[str, Any]
Table = list[list[str]]
"""Rows of cells; the first row has the titles."""

_GROUPS: Final = {
    "Calls": ("chat_sync", "chat_async", "chat_64", "chat_256"),
    "Streams": ("stream_50_sync", "stream_50_async", "stream_2000_sync", "stream_2000_async"),
    "Chunks": ("chunk_sync", "chunk_async", "paced_64", "first_sync", "first_async"),
    "Parts of a chunk": ("receive_sync", "receive_async", "typing"),
    "Bytes": ("speech_1_sync", "speech_1_async", "upload_10_sync", "upload_10_async"),
    "Start": ("import", "import_client", "construct"),
    "Memory": (
        *("upload_300_sync", "upload_300_async", "speech_64_sync", "speech_64_async"),
        *("calls_sync", "calls_async"),
    ),
}
_README_FIGURES: Final = ("chat_sync", "chat_async", "chat_64", "chunk_sync", "chunk_async", "import_client")
_README_CONTENDERS: Final = ("polargrid", "polargrid on fast", "httpx", "openai", "polargrid-sdk")
_README_TABLE: Final = re.compile(r"(<!-- bench -->\n).*?(<!-- /bench -->)", flags=re.DOTALL)
_LEGEND: Final = """\
`polargrid` is this SDK as it is installed, on httpx; the rows on httpx2 and on fast are the same SDK with
`transport="httpx2"` and `transport="fast"`. `httpx` and `aiohttp` are those libraries without an SDK,
`polargrid-sdk` is the vendor's SDK, and the floor is a bare socket with `json.loads`.
"""
_README_LEGEND: Final = """\
`polargrid` is this SDK as it is installed, on httpx; the second row is the same SDK with `transport="fast"`. `httpx` is
that library without an SDK, and `polargrid-sdk` is the vendor's SDK.
"""


def _format_cell(results: Json, name: str, contender: str, *, spread: bool) -> str:
    """A figure, the spread of its rounds, and its ratio to the default's."""
    summaries = results["figures"].get(name, {})
    if contender not in summaries:
        return "-"
    value = summaries[contender]["median"]
    cell = format_value(value, FIGURES[name], results["unit"])
    if spread and len(summaries[contender]["rounds"]) > 1:
        cell += f" ±{summaries[contender]['spread']:.0%}"
    own = summaries.get(DEFAULT, {}).get("median", 0)
    # A ratio of memory or of shares near zero says nothing.
    if contender == DEFAULT or own <= 0 or FIGURES[name].kind in ("memory", "share"):
        return cell
    return f"{cell} · {value / own:.2g}x" if value < 100 * own else f"{cell} · {value / own:.0f}x"


def _build_table(results: Json, names: Sequence[str], *, spread: bool = True) -> Table:
    measured = [name for name in names if name in results["figures"]]
    rows = [
        [contender, *(_format_cell(results, name, contender, spread=spread) for name in measured)]
        for contender in results["versions"]
    ]
    rows = [row for row in rows if set(row[1:]) - {"-"}]
    return [["SDK", *(FIGURES[name].title for name in measured)], *rows] if measured else []


def _build_criteria_table(results: Json) -> Table:
    rows = [
        [verdict["criterion"], verdict["bound"], verdict["measured"], verdict_word(verdict["passed"])]
        for verdict in results["criteria"]
    ]
    return [["criterion", "bound", "measured", ""], *rows]


def _describe_run(results: Json) -> str:
    machine = results["machine"]
    cost = "instructions in user space" if results["unit"] == "instructions" else "CPU time"
    cores = "server and client on a core each" if machine["pinned"] else "server and client on the same cores"
    return (
        f"{results['date']}, {machine['system']}, {machine['cores']} cores, Python {machine['python']}; {cores}; "
        f"{cost} of the client's process; rounds: {results['rounds']}, of {results['seconds']:g} s."
    )


# For a terminal


def render_text(results: Json) -> str:
    """All tables, aligned, and a line for each criterion that was measured."""
    parts = [_describe_run(results)]
    for title, names in _GROUPS.items():
        table = _build_table(results, names)
        if table:
            parts.append("\n".join((title, *_align(table))))
    rows = _build_criteria_table(results)[1:]
    lines = [" · ".join(row) for row in rows if results["complete"] or row[2] != "-"]
    return "\n\n".join([*parts, "\n".join(lines)])


def _align(table: Table) -> list[str]:
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]


# As Markdown


def _render_markdown(table: Table) -> str:
    head, *rows = table
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *rows))


_INTRO: Final = """\
# Benchmarks

Written by `make bench ARGS=--write-docs`, from its measurements:

```text
{run}
```

A server on loopback sends prepared bytes, so that only the client is measured. Each SDK does the same work in its own
environment, with its defaults; all of them take turns, task by task, in an order that changes from round to round. A
figure is the median of the rounds, with the largest deviation and the ratio to the first row. What an SDK does not
support, or does too slowly, is left out. The floor is a bare socket, or an asyncio protocol, with `json.loads` and
without any validation.

A chat is a request of two messages and a response of one; calls are sequential unless the name says otherwise. A
stream is sent as fast as possible; the cost of a chunk is the difference between a long and a short stream, per chunk.
The paced streams send a chunk every 20 ms. An import is measured in a new interpreter, without the start of the
interpreter. Memory is the peak beyond the start of the task, or what remains after the calls.

{legend}
`httpx.HTTPTransport` is one connection of httpx, without httpx's client and without an SDK: it reads the bytes of a
stream and decodes nothing. The typing of a chunk is its validation by Pydantic. Both together are the least that a
typed chunk costs on httpx.

![Costs by contender](benchmarks.png)
"""
_OUTRO: Final = """\
## Measure it yourself

```sh
make bench                                         # everything: about 20 minutes
make bench ARGS=--quick                            # about five minutes, not precise
make bench ARGS="--only polargrid openai chat"     # some contenders, some tasks
make bench ARGS="--read --write-docs"              # this page again, from out/bench.json
```

To add an SDK, write a module of about 20 lines in qa/benchmarks/contenders/, and pin its requirements with `make bench
ARGS="--lock NAME"`.
"""


def render_docs(results: Json) -> str:
    """docs/benchmarks.md."""
    versions = ", ".join(f"{contender} {version}" for contender, version in results["versions"].items() if version)
    parts = [_INTRO.format(run=_describe_run(results), legend=_LEGEND), f"Versions: {versions}.\n"]
    parts.append(f"## Criteria\n\n{_render_markdown(_build_criteria_table(results))}\n")
    for title, names in _GROUPS.items():
        table = _build_table(results, names)
        if table:
            parts.append(f"## {title}\n\n{_render_markdown(table)}\n")
    return "\n".join([*parts, _OUTRO])


def replace_readme_table(readme: str, results: Json) -> str:
    """README.md with the table between its two markers. Raises ValueError if they are missing."""
    head, *rows = _build_table(results, _README_FIGURES, spread=False)
    table = _render_markdown([head, *(row for row in rows if row[0] in _README_CONTENDERS)])
    block = f"\n{table}\n\n{_README_LEGEND}\n{_describe_run(results)}\n"
    replaced, count = _README_TABLE.subn(lambda match: match[1] + block + match[2], readme)
    if count != 1:
        raise ValueError(f"README.md has the markers <!-- bench --> and <!-- /bench --> {count} times; expected once")
    return replaced
