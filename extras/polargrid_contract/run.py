"""One run: is there a server and does it take the key, then the halves, then the report."""

from __future__ import annotations

import difflib
import secrets
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec

import httpx

from polargrid_contract import check as registry
from polargrid_contract.check import Check, Fault, Half
from polargrid_contract.conduct import Outcome, Verdict, chosen, conduct
from polargrid_contract.exchange import Exchange
from polargrid_contract.report.result import HALVES, Report, redacted, without_key
from polargrid_contract.server import Server, Target

#: The operations that load, unload or purge models.
CHANGES = ("load_model", "unload_model", "unload_all_models", "purge_gpu")
# Modules of checks that a report shows as one; another has a heading of its own.
_HEADINGS = {
    "errors": "http",
    "every_answer": "http",
    "keys": "http",
    "forms": "answers",
    "gpu_health": "lifecycle",
    "obedience": "answers",
    "stream_text": "streams",
    "stream_timing": "streams",
    "transcripts": "audio",
}
Tell = Callable[[Outcome], None]
Begin = Callable[[str], None]


def _ignore(_told: object) -> None:
    """Nobody listens."""


class UnreachableError(Exception):
    """Nothing at the URL answers HTTP, or it cannot be tested; a sentence says which."""


class KeyRefusedError(Exception):
    """The server answers 401 to the key."""


class UnknownNameError(ValueError):
    """No check and no operation has this name; a sentence says which are near."""


@dataclass(frozen=True)
class Plan:
    """What to run. `seconds` is for both halves together; what it does not suffice for is not run."""

    target: Target
    halves: tuple[Half, ...] = HALVES
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    max_examples: int = 20
    seed: int | None = None
    seconds: float | None = None


def run(plan: Plan, *, checks: Collection[Check] | None = None, tell: Tell = _ignore, begin: Begin = _ignore) -> Report:
    """The report on a server, which holds nothing of the key. `begin` hears of each half, `tell` of each outcome.

    `checks` are those of the conduct half, all that are registered where none are named.

    Raises UnknownNameError, UnreachableError and KeyRefusedError, and ModuleNotFoundError without schemathesis.
    """
    conducts = registry.checks() if checks is None else checks
    plan = replace(plan, seed=secrets.randbelow(2**31) if plan.seed is None else plan.seed)
    refuse_unknown(plan, conducts)
    if "schema" in plan.halves and find_spec("schemathesis") is None:
        raise ModuleNotFoundError("No module named 'schemathesis'", name="schemathesis")
    started, clock = datetime.now(UTC), time.monotonic()
    server = Server(plan.target)
    try:
        probe(server)
        operations = tuple(server.places)
        outcomes = tuple(_outcomes(plan, server, conducts, tell, begin))
    finally:
        server.close()
    return Report(
        url=redacted(plan.target.url, plan.target.api_key),
        profile=plan.target.profile,
        started=started.isoformat(timespec="seconds"),
        seconds=time.monotonic() - clock,
        outcomes=outcomes,
        seed=plan.seed if "schema" in plan.halves else None,
        version=version("polargrid"),
        operations=operations,
        groups={known.name: _heading(known) for known in conducts},
    )


def refuse_unknown(plan: Plan, conducts: Collection[Check]) -> None:
    """Raises UnknownNameError where a name of `only` or `skip` is neither a check nor an operation."""
    known = {name for check in conducts for name in (check.name, *check.operations)} | _schema_names()
    for name in (*plan.only, *plan.skip):
        if name not in known:
            near = difflib.get_close_matches(name, sorted(known), n=3, cutoff=0.4)
            hint = f"; near are: {', '.join(near)}" if near else ""
            raise UnknownNameError(f"No check and no operation is called {name}{hint}.")


def probe(server: Server) -> None:
    """Raises UnreachableError or KeyRefusedError where a run could tell nothing else."""
    try:
        listed = server.ask("list_models")
        health = server.ask("health") if not _fine(listed) else listed
    except (httpx.HTTPError, OSError) as error:
        raise UnreachableError(f"{server.target.url} cannot be reached: {error or type(error).__name__}") from error
    if not listed.status and not health.status:
        raise UnreachableError(f"{server.target.url} does not answer HTTP: {health.cut}")
    if listed.status == 401 or (health.status == 401 and not _fine(listed)):
        raise KeyRefusedError(f"{server.target.url} refused the key (401)")


def _heading(check: Check) -> str:
    module = check.run.__module__.rpartition(".")[2]
    return _HEADINGS.get(module, module)


def _fine(answer: Exchange) -> bool:
    return 200 <= answer.status < 300


def _schema_names() -> set[str]:
    from polargrid_contract.findings import CHECKS
    from polargrid_contract.server import specification

    operations = {item["operationId"] for path in specification()["paths"].values() for item in path.values()}
    return {*CHECKS, *operations}


def _outcomes(plan: Plan, server: Server, conducts: Collection[Check], tell: Tell, begin: Begin) -> Iterator[Outcome]:
    """Conduct first: it is quick, tells as it goes, and finds the server as it was."""
    until = time.monotonic() + (float("inf") if plan.seconds is None else plan.seconds)
    key = plan.target.api_key

    def told(outcome: Outcome) -> None:
        tell(without_key(outcome, key))

    if "conduct" in plan.halves:
        checks = tuple(chosen(conducts, plan.only, plan.skip))
        begin(f"conduct, {len(checks)} checks")
        yield from (without_key(outcome, key) for outcome in conduct(server, checks, until=until, tell=told))
    if "schema" in plan.halves and (not plan.only or set(plan.only) & _schema_names()):
        begin("schema, by schemathesis")
        for outcome in _schema(plan, until):
            told(outcome)
            yield without_key(outcome, key)


def _schema(plan: Plan, until: float) -> list[Outcome]:
    from polargrid_contract.schema import schema_outcomes

    left = until - time.monotonic()
    if left <= 0:
        return [_schema_outcome("not run", note="the time budget was spent")]
    try:
        return schema_outcomes(
            plan.target,
            max_examples=plan.max_examples,
            seed=plan.seed,
            seconds=None if plan.seconds is None else left,
            only=plan.only,
            skip=(*plan.skip, *(CHANGES if plan.target.read_only else ())),
        )
    except httpx.HTTPError as error:
        fault = Fault("list_models", "an answer", f"{type(error).__name__}: {error}")
        return [_schema_outcome("broken", faults=(fault,))]
    except RuntimeError as error:  # what conduct found is told all the same
        fault = Fault("list_models", "a server that schemathesis can test", str(error))
        return [_schema_outcome("broken", faults=(fault,))]


def _schema_outcome(verdict: Verdict, faults: tuple[Fault, ...] = (), note: str = "") -> Outcome:
    """What stands for the whole half where schemathesis told nothing."""
    why = "Answers are as openapi.yaml says."
    return Outcome("schema", "schemathesis", why, "openapi.yaml", (), verdict, faults, note)
