"""Strict JSON: every body, event and error that is declared as JSON is read alike by every parser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

from polargrid_contract.checks.conventions import list_responses
from polargrid_contract.checks.embeddings import EMBEDDED_TEXTS, embed
from polargrid_contract.checks.objects import run_job, starts_job
from polargrid_contract.checks.requests import TEXT_OPERATIONS, UPLOAD_OPERATIONS, ask_cached, is_forbidden
from polargrid_contract.checks.transcript_requests import transcribe
from polargrid_contract.client import OperationMissing, ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.operations import DocumentedOperation
from polargrid_contract.readers import strict_responses
from polargrid_contract.readers.event_stream import read_last_data
from polargrid_contract.registry import UnexpectedResponse, check, every_operation
from polargrid_contract.results import Violation


@check(
    "strict-json",
    on=every_operation,
    rationale="Parsers differ in what they make of NaN, of a byte order mark and of two fields with one name.",
    reference="RFC 8259, 4, 6, 8 and 9; RFC 7493 (I-JSON)",
)
def check_strict_json(client: ServerClient) -> Iterator[Violation]:
    """JSON is UTF-8 without a byte order mark, NaN, duplicate names, unpaired surrogates, or text after the value."""
    responses = list_responses(client)
    for exchange in (*responses, *_list_results(client), *_list_rich_responses(client)):
        if exchange.error:
            continue  # responses-complete reports it
        for error in iter_json_errors(client.operations[exchange.operation], exchange):
            yield client.violation(exchange, expected="strict JSON", actual=error)
            break


def _list_rich_responses(client: ServerClient) -> list[Exchange]:
    """Responses with the fields that a short one lacks, among them numbers that a model computes."""
    requests: list[Callable[[], Exchange]] = []
    for operation in (it.name for it in client.profile_operations):
        if operation in UPLOAD_OPERATIONS:
            requests.append(partial(transcribe, client, operation, response_format="verbose_json"))
        if operation in TEXT_OPERATIONS:
            requests.append(partial(_ask, client, operation))
        if operation == "chat_completion":
            requests.append(partial(_ask, client, operation, logprobs=True, top_logprobs=2))
        if operation == "create_embedding":
            requests.append(partial(embed, client, [*EMBEDDED_TEXTS, EMBEDDED_TEXTS[0]]))
    exchanges = []
    for request in requests:
        with suppress(OperationMissing, UnexpectedResponse):  # the checks of these operations report it
            exchanges.append(request())
    return exchanges


def _ask(client: ServerClient, operation: str, **fields: Any) -> Exchange:
    return ask_cached(client, operation, max_tokens=5, optional=True, **fields).exchange


def _list_results(client: ServerClient) -> list[Exchange]:
    """The results of the jobs that the selected operations start or return."""
    names = {operation.name for operation in client.profile_operations}
    jobs = [it for it in client.operations.values() if starts_job(it) and it.is_in(client.target.profile)]
    jobs = [it for it in jobs if names & {it.name, it.definition["x-job"]["poll"]} and not is_forbidden(client, it)]
    results = (run_job(client, operation) for operation in jobs)
    return [exchange for exchange in results if exchange is not None]


def iter_json_errors(operation: DocumentedOperation, exchange: Exchange) -> Iterator[str]:
    """Yield why a response of an operation is not strict JSON."""
    declared = next((it for it in operation.event_streams if it.media_type == exchange.media_type), None)
    yield from strict_responses.iter_json_errors(exchange, read_last_data(declared.rules) if declared else None)
