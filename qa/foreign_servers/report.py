"""The results as text, and as a page of the docs; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from qa.foreign_servers.servers import SERVERS

_MAX_ACTUAL = 110  # characters
_HEAD = """# The contract tester on servers of other projects

Written by `make foreign-servers ARGS=--write-docs`, from its results.

What does `polargrid contract --profile openai` report about servers that nobody here wrote, and is it right? The
command installs each server from its pins into an environment of its own, starts it unmodified on loopback, and runs
both suites.

Each finding was judged by what OpenAI's API documentation, `openapi.yaml` and the RFCs say, and stands in a baseline
(`qa/foreign_servers/baselines`) with the reason why it is a violation. The command fails if the tester reports anything
else, and names what it no longer reports. False findings were mended in the tester, so none is left in the tables.

That a mock violates a contract is no reproach: LiteLLM's mock response and fakeai's texts promise no obedience to
`max_tokens` or `stop`. The tester does not know that a server is a mock, and says what a client would see. fakeai makes
up another text each time, so a few of its violations come and go. llama.cpp's server and faster-whisper's have real
models, those of the local edge.
"""


def render_text(name: str, results: Mapping[str, Any]) -> str:
    """Render the counts, and the violations that were not judged."""
    lines = [f"{name}: {results['status']}, {_count(results)}, {results['seconds']:.0f} s"]
    for check, violation in _iterate_violations(results):
        if not violation["accepted"]:
            actual = _shorten(violation["actual"])
            lines.append(f"  NEW {check['name']} {violation['operation']}: {violation['expected']}; actual {actual}")
    return "\n".join([*lines, *(f"  {warning}" for warning in results["warnings"])])


def render_docs(results: Mapping[str, Mapping[str, Any]]) -> str:
    """Render the page."""
    sections = [_render_server(name, result) for name, result in results.items()]
    return "\n".join([_HEAD, *sections]).rstrip() + "\n"


def _render_server(name: str, results: Mapping[str, Any]) -> str:
    server = SERVERS[name]
    title = f"## {name} {server.version}"
    facts = f"{server.description[0].upper()}{server.description[1:]}. On {results['started'][:10]} with seed "
    facts += f"{results['seed']}: {_count(results)}, in {results['seconds']:.0f} s."
    rows = ["| Check | Operations | Actual | Why it is a violation |", "|---|---|---|---|"]
    for (check, reason), violations in _group(results).items():
        operations = ", ".join(dict.fromkeys(violation["operation"] for violation in violations))
        rows.append(f"| {check} | {operations} | {_cell(_shorten(violations[0]['actual']))} | {_cell(reason)} |")
    return "\n".join([title, "", facts, "", *rows, ""])


def _group(results: Mapping[str, Any]) -> dict[tuple[str, str], list[Mapping[str, Any]]]:
    """The violations by check and reason."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for check, violation in _iterate_violations(results):
        groups.setdefault((check["name"], violation["reason"] or "not judged"), []).append(violation)
    return groups


def _iterate_violations(results: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    return ((check, violation) for check in results["checks"] for violation in check["violations"])


def _count(results: Mapping[str, Any]) -> str:
    totals: dict[str, int] = {}
    for counts in results["counts"].values():
        for status, count in counts.items():
            totals[status] = totals.get(status, 0) + count
    return ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in totals.items() if count)


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MAX_ACTUAL else f"{line[:_MAX_ACTUAL]}…"


def _cell(text: str) -> str:
    """Escape what a table of Markdown interprets."""
    return text.translate(str.maketrans({"|": "\\|", "<": "&lt;", "`": "'", "*": "\\*", "_": "\\_"}))
