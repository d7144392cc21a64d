"""Objects that are named by an id: an unknown id gets 404, and a job ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from polargrid_contract.cache import cached
from polargrid_contract.checks.requests import build_minimal_request, describe_status, is_missing, select, send
from polargrid_contract.client import ServerClient
from polargrid_contract.curl import build_curl
from polargrid_contract.examples import build_request
from polargrid_contract.exchange import Exchange
from polargrid_contract.extensions.runtime_expressions import evaluate, is_equal, resolve
from polargrid_contract.operations import DocumentedOperation
from polargrid_contract.registry import check
from polargrid_contract.results import Violation

_UNKNOWN_ID = "no-such-id-1"
_POLL_SECONDS = 0.5
_MAX_POLL_SECONDS = 5.0
# Keywords that leave a text no choice, so that an unknown id would be an invalid one.
_NARROW = ("enum", "const", "pattern", "format")


def takes_id(operation: DocumentedOperation) -> bool:
    """Select operations that document 404 and have an id in their path, which is not that of a model."""
    return operation.model is None and operation.documents(404) and bool(_list_ids(operation))


def starts_job(operation: DocumentedOperation) -> bool:
    """Select operations that start a job."""
    return "x-job" in operation.definition


@check(
    "unknown-id-404",
    on=takes_id,
    rationale="A client must learn that an object does not exist, and not read another one or an empty one.",
    reference="openapi.yaml, NotFound; RFC 9110, 15.5.5",
    profiles=("polargrid",),
)
def check_unknown_id(client: ServerClient) -> Iterator[Violation]:
    """An id that nobody created gets 404, or 400 where it is documented."""
    for operation in select(client, takes_id):
        request = build_request(operation)
        ids = dict.fromkeys(_list_ids(operation), _UNKNOWN_ID)
        exchange = send(client, operation.name, **{**request, "parameters": {**request["parameters"], **ids}})
        if exchange.status != 404 and not (exchange.status == 400 and operation.documents(400)):
            yield client.violation(exchange, expected="status 404", actual=describe_status(exchange))


@check(
    "job-ends",
    on=starts_job,
    rationale="A client waits for the result of a job, and gives up if the job never ends.",
    reference="openapi.yaml, x-job",
    profiles=("polargrid",),
)
def check_job_ends(client: ServerClient) -> Iterator[Violation]:
    """The job of a right request gets its result in time: another status than 202, and no state of a job that runs."""
    for operation in select(client, starts_job):
        job, exchange = operation.definition["x-job"], run_job(client, operation)
        if exchange is None:
            continue  # a violation of success-as-documented
        is_served = exchange.status != 501  # else it is a violation of success-as-documented, at that operation
        has_result = 200 <= exchange.status < 300 and not _is_running(job, exchange)
        if is_served and (not has_result or _is_in_state(job, "failed", exchange)):
            expected, actual = "the result of the job", describe_status(exchange)
            yield Violation(operation.name, expected, actual, exchange, build_curl(exchange))


def run_job(client: ServerClient, operation: DocumentedOperation) -> Exchange | None:
    """Start the job of the shortest right request, once, and return its last response; None if it does not start."""

    def start() -> Exchange | None:
        started = send(client, operation.name, **build_minimal_request(client, operation))
        job = operation.definition["x-job"]
        identifier = evaluate(job["id"], response=started.json())
        if is_missing(client, started) or not 200 <= started.status < 300 or identifier is None:
            return None
        return poll_job(client, job, identifier)

    return cached(client.base, ("job", operation.name), start)


def poll_job(client: ServerClient, job: Mapping[str, Any], identifier: Any) -> Exchange:
    """Poll until the job ends or fails, at most for the timeout of the target; return the last response."""
    started = client.clock.monotonic()
    while True:
        exchange = send(client, job["poll"], parameters={job["parameter"]: identifier})
        is_late = client.clock.monotonic() - started > client.target.timeout
        if not _is_running(job, exchange) or is_late or _is_in_state(job, "failed", exchange):
            return exchange
        interval = evaluate(job["interval"], response=exchange.json()) if "interval" in job else None
        seconds = interval / 1000 if isinstance(interval, int | float) else _POLL_SECONDS
        client.clock.sleep(min(max(seconds, 0.0), _MAX_POLL_SECONDS))


def _is_running(job: Mapping[str, Any], exchange: Exchange) -> bool:
    return exchange.status == 202 or _is_in_state(job, "running", exchange)


def _is_in_state(job: Mapping[str, Any], name: str, exchange: Exchange) -> bool:
    """Whether the job is in one of the states that `x-job` declares by this name."""
    return any(
        is_equal(evaluate(expression, response=exchange.json()), value)
        for expression, values in job.get(name, {}).items()
        for value in values
    )


def _list_ids(operation: DocumentedOperation) -> list[str]:
    """The names of the parameters of the path that are any text."""
    return [
        item["name"]
        for item in operation.parameters
        if item["in"] == "path" and _is_any_text(resolve(operation.document, item.get("schema", {})))
    ]


def _is_any_text(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") == "string" and not any(name in schema for name in _NARROW)
