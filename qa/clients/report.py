"""The results as text for a terminal, and as docs/clients.md; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from qa.clients.outcomes import Outcome, Result
from qa.clients.roster import KINDS, SCENARIOS

_CELLS: Final = {"passed": "yes", "measured": "", "unsupported": "no", "failed": "FAILED"}

ReasonNumbers = dict[str, int]


def render_text(results: Sequence[Result]) -> str:
    """A line for each client and scenario, and the totals."""
    lines = []
    for result in results:
        heading = f"{result.client} {result.version}"
        lines.append(f"{heading}: left out, {result.skipped}" if result.skipped else heading)
        lines += [
            f"  {outcome.scenario:29}  {outcome.outcome:11}  {outcome.seconds:5.1f} s  {outcome.reason}".rstrip()
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

A "no" is measured as well: the scenario runs each time, and the note below the tables is its result.

The agents that call tools in a row use an edge whose chat model is a script, so that each run has the same calls;
prompts, tools, the parsing of calls, streams and HTTP are those of the edge. Two agents also try a task of three calls
with the model of half a billion parameters, ten times or for two minutes. The table says how many runs made the calls
in order and ended with a response; they do not check that an argument is right.
"""
_OUTRO: Final = """\
An empty cell has no scenario: the client does not have the feature, or uses that of OpenAI's client. OpenAI's
clients, and those built on them, are configured with `OPENAI_BASE_URL` and `OPENAI_API_KEY`; llm with an entry with
`api_base` and `api_key_name` in extra-openai-models.yaml; smolagents, autogen and the AI SDK with their own options for
the URL.

- The agents of OpenAI use chat completions after `set_default_openai_api("chat_completions")` or
  `setOpenAIAPI("chat_completions")`, and `@ai-sdk/openai` with `openai.chat(model)`: their default is /v1/responses.
- autogen takes the facts of a model that it does not know as `model_info`.
- The speech and transcription of livekit and pipecat use the models and voices of their defaults.
- llm cannot require a tool call, so the choice was the model's, and it called the tool.
- `createOpenAICompatible` of the AI SDK needs `supportsStructuredOutputs: true`; without it, it requests any JSON
  object.
- `ai`, `@ai-sdk/openai` and `@langchain/openai` require Node 22; these versions passed on the Node of this page.
- lm-eval is not in the tables: its environment has 0.6 GB without PyTorch, and its likelihoods need the tokenizer of
  the model from a hub. Its `local-completions` generates from the edge with `tokenizer_backend=None`.

## Run it yourself

```sh
make clients                                   # everything: about five minutes
make clients ARGS="--only openai llm"          # some clients
make clients ARGS=--json                       # as JSON
```

To add a client, write a program in qa/clients/programs/ whose public functions are its scenarios, and pin its
requirements with `make clients ARGS="--lock NAME"`. Without Node, its clients are left out, and the page says so.
"""


def render_docs(results: Sequence[Result], run: str) -> str:
    """docs/clients.md, with a table for each kind of client."""
    tested = [result for result in results if not result.skipped]
    numbers = _number_reasons(tested)
    tables = [
        f"## {title}\n\n{_render_table([result for result in tested if result.kind == kind], numbers)}\n"
        for kind, title in KINDS.items()
        if any(result.kind == kind for result in tested)
    ]
    notes = "\n".join(f"{number}. {reason}" for reason, number in numbers.items())
    skipped = "\n".join(f"{result.client} is left out: {result.skipped}" for result in results if result.skipped)
    parts = [_INTRO.format(run=run, summary=summarize(results)), *tables, "## Notes\n"]
    parts += [f"{part}\n" for part in (notes, skipped) if part]
    return "\n".join([*parts, _OUTRO])


def _render_table(results: Sequence[Result], numbers: ReasonNumbers) -> str:
    head = ["", *(f"{result.client} {result.version}" for result in results)]
    rule = ["---", *("---" for _ in results)]
    scenarios = {outcome.scenario for result in results for outcome in result.outcomes}
    rows = [
        [f"{name}: {description}", *(_format_cell(result, name, numbers) for result in results)]
        for name, description in SCENARIOS.items()
        if name in scenarios
    ]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *rows))


def _number_reasons(results: Iterable[Result]) -> ReasonNumbers:
    """Number the reasons in the order of the rows; equal reasons share a number."""
    order = list(SCENARIOS)
    outcomes = [outcome for result in results for outcome in result.outcomes if _has_note(outcome)]
    outcomes.sort(key=lambda outcome: order.index(outcome.scenario))
    return {reason: number for number, reason in enumerate(dict.fromkeys(item.reason for item in outcomes), 1)}


def _format_cell(result: Result, name: str, numbers: ReasonNumbers) -> str:
    for outcome in result.outcomes:
        if outcome.scenario == name:
            note = f" ({numbers[outcome.reason]})" if _has_note(outcome) else ""
            return outcome.reason if outcome.outcome == "measured" else _CELLS[outcome.outcome] + note
    return ""


def _has_note(outcome: Outcome) -> bool:
    return bool(outcome.reason) and outcome.outcome != "measured"
