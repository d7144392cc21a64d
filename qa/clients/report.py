"""The results as text for a terminal, and as docs/clients.md; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from qa.clients.outcomes import Result
from qa.clients.roster import SCENARIOS

_CELLS: Final = {"passed": "yes", "unsupported": "no", "failed": "FAILED"}

ReasonNumbers = dict[str, int]


def render_text(results: Sequence[Result]) -> str:
    """A line for each client and scenario, and the totals."""
    lines = []
    for result in results:
        heading = f"{result.client} {result.version}"
        lines.append(f"{heading}: left out, {result.skipped}" if result.skipped else heading)
        lines += [
            f"  {outcome.scenario:26}  {outcome.outcome:11}  {outcome.seconds:5.1f} s  {outcome.reason}".rstrip()
            for outcome in result.outcomes
        ]
    return "\n".join([*lines, summarize(results)])


def summarize(results: Iterable[Result]) -> str:
    """The number of each outcome."""
    results = list(results)
    outcomes = [outcome.outcome for result in results for outcome in result.outcomes]
    counts = [f"{outcomes.count(kind)} {kind}" for kind in _CELLS]
    skipped = [result.client for result in results if result.skipped]
    return ", ".join(counts) + (f"; left out: {', '.join(skipped)}" if skipped else "")


_INTRO: Final = """\
# Clients of other projects

Written by `make clients ARGS=--write-docs`, from its results:

```text
{run}
{summary}
```

Each client is installed from its pins in its own environment and used unmodified, as its documentation shows, with
the URL and key of a local edge and the model `llama-3.1-8b`, which is a model of half a billion parameters there. The
scenarios check what an API can promise: types, schemas, names and arguments of tool calls, the order and end of a
stream, usage, and the exception for each error. They do not check the text of the model.

A "no" is measured as well: the scenario runs each time, and the note below the table is its result.
"""
_OUTRO: Final = """\
An empty cell has no scenario: the client does not have the feature, or uses that of OpenAI's client. OpenAI's
clients, and those built on them, are configured with `OPENAI_BASE_URL` and `OPENAI_API_KEY`; llm with an entry with
`api_base` and `api_key_name` in extra-openai-models.yaml. llm cannot require a tool call, so the choice was the
model's, and it called the tool. The AI SDK needs `supportsStructuredOutputs: true` in `createOpenAICompatible`;
without it, it requests any JSON object. Its version 7 requires Node 22, and passed on Node 20.

## Run it yourself

```sh
make clients                                   # everything: two to five minutes
make clients ARGS="--only openai llm"          # some clients
make clients ARGS=--json                       # as JSON
```

To add a client, write a program in qa/clients/programs/ whose public functions are its scenarios, and pin its
requirements with `make clients ARGS="--lock NAME"`. Without Node, its two clients are left out, and the page says so.
"""


def render_docs(results: Sequence[Result], run: str) -> str:
    """docs/clients.md."""
    tested = [result for result in results if not result.skipped]
    numbers = _number_reasons(tested)
    head = ["", *(f"{result.client} {result.version}" for result in tested)]
    rule = ["---", *("---" for _ in tested)]
    scenarios = {outcome.scenario for result in tested for outcome in result.outcomes}
    rows = [
        [f"{name}: {description}", *(_format_cell(result, name, numbers) for result in tested)]
        for name, description in SCENARIOS.items()
        if name in scenarios
    ]
    table = "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *rows))
    notes = "\n".join(f"{number}. {reason}" for reason, number in numbers.items())
    skipped = "\n".join(f"{result.client} is left out: {result.skipped}" for result in results if result.skipped)
    parts = [_INTRO.format(run=run, summary=summarize(results)), f"{table}\n"]
    parts += [f"{part}\n" for part in (notes, skipped) if part]
    return "\n".join([*parts, _OUTRO])


def _number_reasons(results: Iterable[Result]) -> ReasonNumbers:
    """Number the reasons in the order of the rows; equal reasons share a number."""
    order = list(SCENARIOS)
    outcomes = [outcome for result in results for outcome in result.outcomes if outcome.reason]
    outcomes.sort(key=lambda outcome: order.index(outcome.scenario))
    return {reason: number for number, reason in enumerate(dict.fromkeys(item.reason for item in outcomes), 1)}


def _format_cell(result: Result, name: str, numbers: ReasonNumbers) -> str:
    for outcome in result.outcomes:
        if outcome.scenario == name:
            return _CELLS[outcome.outcome] + (f" ({numbers[outcome.reason]})" if outcome.reason else "")
    return ""
