"""The results as text for a terminal, and as docs/clients.md. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from qa.clients.outcomes import Result
from qa.clients.roster import SCENARIOS

_CELLS: Final = {"passed": "yes", "cannot": "no", "failed": "FAILED"}

Reasons = dict[str, int]  # a reason, and its number


def text(results: Sequence[Result]) -> str:
    """A line for each client and scenario, and what it adds up to."""
    lines = []
    for found in results:
        lines.append(f"{found.client} {found.version}" + (f": left out. {found.left_out}" if found.left_out else ""))
        lines += [
            f"  {one.scenario:26}  {one.outcome:6}  {one.seconds:5.1f} s  {one.reason}".rstrip()
            for one in found.outcomes
        ]
    return "\n".join([*lines, total(results)])


def total(results: Iterable[Result]) -> str:
    """How many of each outcome."""
    results = list(results)
    outcomes = [one.outcome for found in results for one in found.outcomes]
    counts = [f"{outcomes.count(kind)} {kind}" for kind in _CELLS]
    left_out = [found.client for found in results if found.left_out]
    return ", ".join(counts) + (f"; left out: {', '.join(left_out)}" if left_out else "")


_INTRO: Final = """\
# Others' clients against the local edge

Written by `make clients ARGS=--write-docs`, from what it saw:

```text
{measured}
{total}
```

Each client is installed from its pins in an environment of its own and used as its own pages say, unmodified, with the
edge's address and key and the model `llama-3.1-8b`, for which a model of half a billion parameters stands in. So what
is looked at is what an API can promise: types, schemas, the names and arguments of calls, the order of a stream, how it
ends, usage, and which error of the client a refusal becomes. What the model says is not.

"no" is not said by hand: it is tried each time, and what came of it stands below the table.
"""
_OUTRO: Final = """\
An empty cell was not tried: the client does not have it, or leaves it to openai's. The clients of OpenAI, and those
built on them, find an edge by `OPENAI_BASE_URL` and `OPENAI_API_KEY`; llm by an entry with `api_base` and
`api_key_name` in extra-openai-models.yaml. llm cannot demand a call of a tool, so there the model was free to make one,
and made it. The AI SDK needs `supportsStructuredOutputs: true` in `createOpenAICompatible`: else it asks for any JSON
object, and the schema is left to the model. Its version 7 asks for Node 22, and did all this on Node 20.

## Look yourself

```sh
make clients                                   # all of it: two to five minutes
make clients ARGS="--only openai llm"          # some clients
make clients ARGS=--json                       # as JSON
```

Another client is a program in qa/clients/programs/ whose public functions are its scenarios, and `make clients
ARGS="--lock NAME"`, which pins what it requires. Without Node its two clients are left out, and the table says so.
"""


def docs(results: Sequence[Result], measured: str) -> str:
    """docs/clients.md."""
    shown = [found for found in results if not found.left_out]
    reasons = _reasons(shown)
    head = ["", *(f"{found.client} {found.version}" for found in shown)]
    rule = ["---", *("---" for _ in shown)]
    tried = {one.scenario for found in shown for one in found.outcomes}
    rows = [
        [f"{name}: {about}", *(_cell(found, name, reasons) for found in shown)]
        for name, about in SCENARIOS.items()
        if name in tried
    ]
    table = "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *rows))
    notes = "\n".join(f"{number}. {reason}" for reason, number in reasons.items())
    left_out = "".join(f"{found.client} is left out: {found.left_out}\n" for found in results if found.left_out)
    parts = [_INTRO.format(measured=measured, total=total(results)), f"{table}\n"]
    parts += [f"{part}\n" for part in (notes, left_out.strip()) if part]
    return "\n".join([*parts, _OUTRO])


def _reasons(results: Iterable[Result]) -> Reasons:
    """Each reason once, numbered in the order of the table's rows."""
    order = list(SCENARIOS)
    outcomes = sorted((one for found in results for one in found.outcomes), key=lambda one: order.index(one.scenario))
    return {
        reason: number for number, reason in enumerate(dict.fromkeys(one.reason for one in outcomes if one.reason), 1)
    }


def _cell(found: Result, name: str, reasons: Reasons) -> str:
    for one in found.outcomes:
        if one.scenario == name:
            return _CELLS[one.outcome] + (f" ({reasons[one.reason]})" if one.reason else "")
    return ""
