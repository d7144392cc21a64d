"""The outcomes of the scenarios, and the exit status; pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from qa.clients.roster import Client, scenario_title


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a scenario, and the reason unless it passed; of a measurement, "3 of 10" runs that succeeded."""

    scenario: str
    outcome: Literal["passed", "measured", "unsupported", "failed"]
    reason: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Result:
    """The outcomes of a client. `skipped` says why it did not run, which is not a failure."""

    client: str
    kind: str
    version: str
    outcomes: tuple[Outcome, ...] = ()
    skipped: str = ""

    @property
    def failures(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.outcome == "failed"]


def parse_output(client: Client, output: str, ending: str) -> Result:
    """Parse the lines of a program. A scenario without a line failed; `ending` says how the program ended."""
    outcomes = {outcome.scenario: outcome for outcome in map(_parse_line, output.splitlines())}
    missing = f"the program printed no outcome: {ending}"
    complete = tuple(outcomes.get(name, Outcome(name, "failed", missing)) for name in client.scenarios)
    return Result(client.name, client.kind, client.version, complete)


def fail_all(client: Client, reason: str) -> Result:
    """The result of a client whose environment could not be created."""
    outcomes = tuple(Outcome(name, "failed", reason) for name in client.scenarios)
    return Result(client.name, client.kind, client.version, outcomes)


def _parse_line(line: str) -> Outcome:
    fields = json.loads(line)
    return Outcome(scenario_title(fields["scenario"]), fields["outcome"], fields["reason"], fields["seconds"])


def exit_status(results: Iterable[Result]) -> int:
    """1 if a scenario failed."""
    return 1 if any(result.failures for result in results) else 0


def results_as_json(results: Sequence[Result], run: str) -> dict[str, Any]:
    return {"run": run, "clients": [asdict(result) for result in results]}
