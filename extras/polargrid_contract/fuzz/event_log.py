"""Reads the event log of schemathesis and builds outcomes; pure."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from polargrid_contract.curl import build_curl
from polargrid_contract.exchange import Exchange, TimedBytes
from polargrid_contract.operations import read_operations
from polargrid_contract.results import OperationResult, Outcome, Status, Violation

_REFERENCE = "openapi.yaml"
#: Our own check: schemathesis reports a request without a response as an error of the run.
RESPONSE_RECEIVED = "response_received"
_RESPONSE_RECEIVED_RATIONALE = "A client cannot distinguish a server that never responds from one that is down."
_TIMED_OUT = "the time budget ended it"
_NOT_SEEN = "schemathesis sent no request that it looks at"
# Headers that any client sets itself, so a curl command has its own.
_CLIENT_HEADERS = (
    "accept",
    "accept-encoding",
    "authorization",  # see `Exchange.key`
    "connection",
    "content-length",
    "host",
    "transfer-encoding",
    "user-agent",
    "x-schemathesis-testcaseid",
)
# Network errors, by their names in `requests`.
_INCOMPLETE = ("ChunkedEncodingError", "ConnectionError", "ContentDecodingError", "InvalidHeader")
#: Our checks of the extensions in openapi.yaml, with their rationales.
EXTENSION_CHECKS: Mapping[str, str] = {
    "media_type_conformance": "A client that requests a format or a stream parses the response as such.",
    "consistency_conformance": "Counts, sums and names in a response match its request.",
    "event_stream_conformance": "A client assembles a message from all events of its stream.",
    "response_header_uniqueness": "An id that two requests share identifies neither of them.",
    "strict_json_conformance": "Parsers differ in what they make of NaN, of a byte order mark and of two equal names.",
    "rejection_conformance": "A client without a valid key, or with an unreadable request, gets the documented error.",
}
#: The checks of schemathesis and ours, with their rationales.
CHECKS: Mapping[str, str] = {
    **EXTENSION_CHECKS,
    "not_a_server_error": "No request causes an internal server error.",
    "status_code_conformance": "Clients can only handle documented statuses.",
    "content_type_conformance": "A client parses a response by its media type.",
    "response_headers_conformance": "Clients and operators rely on request ids and Retry-After.",
    "response_schema_conformance": "Clients read the fields that the document promises.",
    "negative_data_rejection": "An invalid request is rejected, not interpreted.",
    "positive_data_acceptance": "A valid request is accepted.",
    "missing_required_header": "A request without a required header is rejected.",
    "unsupported_method": "An unsupported method is rejected with the supported ones.",
    "allow_header_conformance": "Allow lists the supported methods.",
    "use_after_free": "A deleted resource is gone.",
    "ensure_resource_availability": "A created resource exists.",
    "ignored_auth": "A request without a key is rejected.",
}


@dataclass
class _Coverage:
    """What a run looked at."""

    operations: dict[str, set[str]]
    """The operations of each check whose responses it looked at."""
    seconds: dict[str, float]
    """The time of the requests to each operation."""


def build_outcomes(
    rows: Iterable[Mapping[str, Any]], document: Mapping[str, Any], checks: Sequence[str], *, timed_out: bool
) -> list[Outcome]:
    """Build one outcome for each check. Violations of one kind at one operation are reported once."""
    rows = list(rows)
    operations = {f"{it.method} {it.key}": it.name for it in read_operations(document).values()}
    violations: dict[str, dict[tuple[str, str], Violation]] = {check: {} for check in (*checks, RESPONSE_RECEIVED)}
    for check, code, violation in _read_violations(rows, operations):
        violations.setdefault(check, {}).setdefault((violation.operation, code), violation)
    coverage = _read_coverage(rows, operations)
    return [
        _build_outcome(check, tuple(by_code.values()), tuple(operations.values()), coverage, timed_out=timed_out)
        for check, by_code in violations.items()
    ]


def _build_outcome(
    check: str,
    violations: tuple[Violation, ...],
    operations: tuple[str, ...],
    coverage: _Coverage,
    *,
    timed_out: bool,
) -> Outcome:
    failed = {violation.operation for violation in violations}
    seen = coverage.operations.get(check, set()) | failed
    results = tuple(_build_result(operation, failed, seen, coverage, timed_out=timed_out) for operation in operations)
    status: Status = "failed" if failed else "passed" if seen else "skipped"
    return Outcome(
        "schema",
        check,
        CHECKS.get(check, _RESPONSE_RECEIVED_RATIONALE),
        _REFERENCE,
        operations,
        status,
        violations,
        _TIMED_OUT if timed_out else _NOT_SEEN if status == "skipped" else "",
        sum(result.seconds for result in results),
        results,
    )


def _build_result(
    operation: str, failed: set[str], seen: set[str], coverage: _Coverage, *, timed_out: bool
) -> OperationResult:
    """Build the result of a check for one operation, with its part of the time of the requests."""
    if operation not in seen:
        return OperationResult(operation, "skipped", _TIMED_OUT if timed_out else _NOT_SEEN)
    sharing = sum(operation in names for names in coverage.operations.values())
    seconds = coverage.seconds.get(operation, 0.0) / max(sharing, 1)
    return OperationResult(operation, "failed" if operation in failed else "passed", seconds=seconds)


def _read_coverage(rows: Iterable[Mapping[str, Any]], operations: Mapping[str, str]) -> _Coverage:
    coverage = _Coverage({}, {})
    for row in rows:
        recorder = row.get("ScenarioFinished", {}).get("recorder", {})
        for case, interaction in recorder.get("interactions", {}).items():
            value = recorder.get("cases", {}).get(case, {}).get("value", {})
            label = f"{value.get('method')} {value.get('path')}"
            operation = operations.get(label) or operations.get(str(recorder.get("label")))
            if operation is None:
                continue
            elapsed = float((interaction.get("response") or {}).get("elapsed") or 0.0)
            coverage.seconds[operation] = coverage.seconds.get(operation, 0.0) + elapsed
            for check in {RESPONSE_RECEIVED, *(it["name"] for it in recorder.get("checks", {}).get(case, ()))}:
                coverage.operations.setdefault(check, set()).add(operation)
    return coverage


def _read_violations(
    rows: Iterable[Mapping[str, Any]], operations: Mapping[str, str]
) -> Iterator[tuple[str, str, Violation]]:
    for row in rows:
        yield from _read_incomplete(row.get("NonFatalError", {}), operations)
        recorder = row.get("ScenarioFinished", {}).get("recorder", {})
        interactions = recorder.get("interactions", {})
        yield from _read_unanswered(recorder, operations)
        for case, results in recorder.get("checks", {}).items():
            for result in results:
                if result["status"] != "failure":
                    continue
                failure = result["failure_info"]["failure"]
                label = str(failure.get("operation") or recorder.get("label"))
                exchange = _build_exchange(operations.get(label, label), interactions.get(case))
                violation = Violation(
                    operations.get(label, label),
                    CHECKS.get(result["name"], str(result["name"])),
                    f"{failure['title']}: {failure.get('message', '')}",
                    exchange,
                    build_curl(exchange) if exchange else "",
                )
                yield result["name"], str(failure["code"]), violation


def _read_incomplete(error: Mapping[str, Any], operations: Mapping[str, str]) -> Iterator[tuple[str, str, Violation]]:
    """A response that breaks off: schemathesis reports it apart from all requests."""
    value = error.get("value", {})
    if value.get("type") in _INCOMPLETE:
        operation = operations.get(str(error.get("label")), str(error.get("label")))
        violation = Violation(operation, "a complete response", str(value.get("message"))[:300])
        yield RESPONSE_RECEIVED, "incomplete", violation


def _read_unanswered(
    recorder: Mapping[str, Any], operations: Mapping[str, str]
) -> Iterator[tuple[str, str, Violation]]:
    for interaction in recorder.get("interactions", {}).values():
        if not interaction.get("response"):
            operation = operations.get(str(recorder.get("label")), str(recorder.get("label")))
            exchange = _build_exchange(operation, interaction)
            actual = "none: the connection broke or the request timed out"
            curl = build_curl(exchange) if exchange else ""
            yield RESPONSE_RECEIVED, "none", Violation(operation, "a response", actual, exchange, curl)


def _build_exchange(operation: str, interaction: Mapping[str, Any] | None) -> Exchange | None:
    if not interaction:
        return None
    request, response = interaction["request"], interaction.get("response") or {}
    headers = {name.lower(): values[0] for name, values in (request.get("headers") or {}).items() if values}
    response_headers = (response.get("headers") or {}).items()
    return Exchange(
        operation=operation,
        method=request["method"],
        url=request["uri"],
        headers={name: value for name, value in headers.items() if name not in _CLIENT_HEADERS},
        content=_decode_body(request.get("body")),
        form=None,
        uploads=(),
        key="valid" if "authorization" in headers else "none",
        status=int(response.get("status_code") or 0),
        response_headers={name.lower(): values[0] for name, values in response_headers if values},
        chunks=(TimedBytes(0.0, _decode_body(response.get("content")) or b""),),
    )


def _decode_body(body: Any) -> bytes | None:
    if isinstance(body, Mapping):
        return base64.b64decode(str(body.get("$base64", "")))
    return body.encode() if isinstance(body, str) else None
