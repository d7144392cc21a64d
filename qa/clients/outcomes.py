"""What came of the clients, and whether it is well. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from qa.clients.roster import Client, scenario


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a scenario, and why, where it did not pass."""

    scenario: str
    outcome: Literal["passed", "cannot", "failed"]
    reason: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a client. `left_out` says why nothing was tried; that is no failure of it."""

    client: str
    version: str
    outcomes: tuple[Outcome, ...] = ()
    left_out: str = ""

    @property
    def failed(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.outcome == "failed"]


def result(client: Client, output: str, ended: str) -> Result:
    """What a program's lines say; a scenario without a line failed, and `ended` tells how the program did."""
    said = {outcome.scenario: outcome for outcome in map(_outcome, output.splitlines())}
    missing = f"The program told nothing of it: {ended}"
    outcomes = tuple(said.get(name, Outcome(name, "failed", missing)) for name in client.scenarios)
    return Result(client.name, client.version, outcomes)


def broken(client: Client, reason: str) -> Result:
    """The result of a client that could not be set up."""
    return Result(client.name, client.version, tuple(Outcome(name, "failed", reason) for name in client.scenarios))


def _outcome(line: str) -> Outcome:
    told = json.loads(line)
    return Outcome(scenario(told["scenario"]), told["outcome"], told["reason"], told["seconds"])


def exit_status(results: Iterable[Result]) -> int:
    """1 where anything failed."""
    return 1 if any(found.failed for found in results) else 0


def as_json(results: Sequence[Result], measured: str) -> dict[str, Any]:
    return {"measured": measured, "clients": [asdict(found) for found in results]}
