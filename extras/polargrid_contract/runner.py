"""One run: probe the server and the API key, run the suites, build the report."""

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

from polargrid_contract.behaviour import run_checks, select_checks
from polargrid_contract.checks import all_checks
from polargrid_contract.client import ServerClient, TargetServer
from polargrid_contract.examples import build_parameters
from polargrid_contract.operations import DocumentedOperation, read_operations
from polargrid_contract.redaction import redact, redact_outcome
from polargrid_contract.registry import Check
from polargrid_contract.results import SUITES, Outcome, Report, Status, Suite, Violation

# Modules of checks that a report shows under one heading; other modules have a heading of their own.
_HEADINGS = {
    "abandoned_responses": "concurrency",
    "authentication": "http",
    "cancellation": "streams",
    "conventions": "http",
    "errors": "http",
    "forced_strings": "text",
    "gpu": "lifecycle",
    "health": "lifecycle",
    "idempotency": "http",
    "leaving_clients": "concurrency",
    "lifecycle_others": "lifecycle",
    "listed_objects": "objects",
    "log_probabilities": "text",
    "parameters": "text",
    "prompt_usage": "text",
    "rate_limits": "http",
    "speech": "audio",
    "speech_forms": "audio",
    "speech_streams": "audio",
    "stream_parity": "streams",
    "stream_text": "streams",
    "stream_timing": "streams",
    "stream_twins": "streams",
    "strict_json": "http",
    "structured_output": "text",
    "tool_calls": "text",
    "transcript_forms": "audio",
    "transcripts": "audio",
    "usage": "text",
    "wire_connections": "wire",
    "wire_dialects": "wire",
    "wire_responses": "wire",
}
_MAX_PROBES = 3  # requests before the suites start
OnOutcome = Callable[[Outcome], None]
OnSuite = Callable[[str], None]


def _ignore(_event: object) -> None:
    """Default callback."""


class UnreachableError(Exception):
    """The server does not respond over HTTP, or cannot be tested; the message says why."""


class KeyRejectedError(Exception):
    """The server responds to the API key with 401."""


class UnknownNameError(ValueError):
    """No check and no operation has this name; the message suggests similar names."""


@dataclass(frozen=True)
class Plan:
    """What to run. `seconds` is the time budget of all suites together; what does not fit is skipped."""

    target: TargetServer
    suites: tuple[Suite, ...] = SUITES
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    max_examples: int = 20
    seed: int | None = None
    seconds: float | None = None
    workers: int = 4
    """How many checks of the behaviour suite run side by side."""


def run(
    plan: Plan,
    *,
    checks: Collection[Check] | None = None,
    on_outcome: OnOutcome = _ignore,
    on_suite: OnSuite = _ignore,
) -> Report:
    """Run a plan and return a report that does not contain the API key.

    `on_suite` is called when a suite starts, `on_outcome` with each outcome. `checks` are those of the behaviour suite;
    the default is all registered checks.

    Raises UnknownNameError, UnreachableError and KeyRejectedError, and ModuleNotFoundError without schemathesis.
    """
    behaviour_checks = all_checks() if checks is None else checks
    plan = replace(plan, seed=secrets.randbelow(2**31) if plan.seed is None else plan.seed)
    validate_names(plan, behaviour_checks)
    if "schema" in plan.suites and find_spec("schemathesis") is None:
        raise ModuleNotFoundError("No module named 'schemathesis'", name="schemathesis")
    started, started_monotonic = datetime.now(UTC), time.monotonic()
    # Beside the name of a check, which runs for all of its operations, an operation selects checks only.
    only = plan.only if set(plan.only) <= read_operations(plan.target.document).keys() else ()
    client = ServerClient(plan.target, only=only, skip=plan.skip)
    try:
        probe(client)
        operations = tuple(client.operations)
        outcomes = tuple(_run_suites(plan, client, behaviour_checks, on_outcome, on_suite))
    finally:
        client.close()
    return Report(
        url=redact(plan.target.url, plan.target.api_key),
        profile=plan.target.profile,
        started=started.isoformat(timespec="seconds"),
        seconds=time.monotonic() - started_monotonic,
        outcomes=outcomes,
        seed=plan.seed if "schema" in plan.suites else None,
        version=version("polargrid"),
        operations=operations,
        groups={check.name: _heading(check) for check in behaviour_checks},
    )


def validate_names(plan: Plan, checks: Collection[Check]) -> None:
    """Raise UnknownNameError if a name in `only` or `skip` is neither a check nor an operation."""
    names = {*(check.name for check in checks), *_schema_names(plan.target)}
    for name in (*plan.only, *plan.skip):
        if name not in names:
            similar = difflib.get_close_matches(name, sorted(names), n=3, cutoff=0.4)
            hint = f"; similar names: {', '.join(similar)}" if similar else ""
            raise UnknownNameError(f"unknown check or operation {name!r}{hint}")


def probe(client: ServerClient) -> None:
    """Raise UnreachableError or KeyRejectedError if no check could give another result."""
    url, exchange = client.target.url, None
    try:
        for operation in _probes(client):
            exchange = client.send(operation.name)
            if 200 <= exchange.status < 300:
                return
            if exchange.status == 401:
                raise KeyRejectedError(f"{url} rejected the API key (401)")
    except (httpx.HTTPError, OSError) as error:
        raise UnreachableError(f"cannot connect to {url}: {error or type(error).__name__}") from error
    if exchange is not None and not exchange.status:
        raise UnreachableError(f"{url} does not respond over HTTP: {exchange.error}")


def _probes(client: ServerClient) -> list[DocumentedOperation]:
    """Operations that only read and need nothing but a key; first those that more profiles share."""
    operations = [
        it
        for it in client.operations.values()
        if it.is_in(client.target.profile)
        and it.method == "GET"
        and it.requires_key
        and "{" not in it.key
        and not build_parameters(it)
    ]
    return sorted(operations, key=lambda it: not it.is_in("openai"))[:_MAX_PROBES]


def _heading(check: Check) -> str:
    module = check.run.__module__.rpartition(".")[2]
    return _HEADINGS.get(module, module)


def _schema_names(target: TargetServer) -> set[str]:
    from polargrid_contract.fuzz.event_log import CHECKS

    return {*CHECKS, *read_operations(target.document)}


def _run_suites(
    plan: Plan, client: ServerClient, checks: Collection[Check], on_outcome: OnOutcome, on_suite: OnSuite
) -> Iterator[Outcome]:
    """Run the behaviour suite first: it is quick, reports progress, and needs the server in its initial state."""
    until = time.monotonic() + (float("inf") if plan.seconds is None else plan.seconds)
    key = plan.target.api_key

    def report_outcome(outcome: Outcome) -> None:
        on_outcome(redact_outcome(outcome, key))

    if "behaviour" in plan.suites:
        selected = tuple(select_checks(checks, client.operations.values(), plan.only, plan.skip))
        on_suite(f"behaviour, {len(selected)} checks")
        outcomes = run_checks(client, selected, until=until, on_outcome=report_outcome, workers=plan.workers)
        yield from (redact_outcome(outcome, key) for outcome in outcomes)
    if "schema" in plan.suites and (not plan.only or set(plan.only) & _schema_names(plan.target)):
        on_suite("schema, by schemathesis")
        for outcome in _run_schema_suite(plan, until):
            report_outcome(outcome)
            yield redact_outcome(outcome, key)


def _run_schema_suite(plan: Plan, until: float) -> list[Outcome]:
    from polargrid_contract.fuzz.suite import run_schemathesis

    remaining = until - time.monotonic()
    if remaining <= 0:
        return [_schema_outcome("skipped", note="the time budget is spent")]
    try:
        return run_schemathesis(
            plan.target,
            max_examples=plan.max_examples,
            seed=plan.seed,
            seconds=None if plan.seconds is None else remaining,
            only=plan.only,
            skip=plan.skip,
        )
    except httpx.HTTPError as error:
        violation = Violation("server", "a response", f"{type(error).__name__}: {error}")
    except RuntimeError as error:  # the outcomes of the behaviour suite are reported all the same
        violation = Violation("server", "a server that schemathesis can test", str(error))
    return [_schema_outcome("failed", (violation,))]


def _schema_outcome(status: Status, violations: tuple[Violation, ...] = (), note: str = "") -> Outcome:
    """Build the outcome of the suite as a unit, if schemathesis reports nothing."""
    rationale = "Responses match openapi.yaml."
    return Outcome("schema", "schemathesis", rationale, "openapi.yaml", (), status, violations, note)
