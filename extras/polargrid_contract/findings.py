"""schemathesis's event log -> outcomes; pure."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from polargrid_contract.check import Fault
from polargrid_contract.conduct import Outcome
from polargrid_contract.exchange import Arrival, Exchange

_SOURCE = "openapi.yaml"
#: Ours, beside schemathesis's: it tells of a request without an answer as an error of the run.
ANSWERED = "request_answered"
# Errors of the network, by the names that `requests` has for them.
_BROKEN_OFF = ("ChunkedEncodingError", "ConnectionError", "ContentDecodingError", "InvalidHeader")
_WHY_ANSWERED = "A client cannot tell a server that never answers from one that is gone."
#: Our checks of what openapi.yaml declares in its extensions, each with why it matters.
DECLARED: Mapping[str, str] = {
    "media_type_agreement": "Who asks for a format or a stream reads the answer as that.",
    "agreement_conformance": "An answer is to the request: it counts, sums and names what it should.",
    "event_stream_conformance": "A client puts a message together from all events of its stream.",
    "response_header_uniqueness": "An id that two requests share finds neither of them.",
    "refusal_conformance": "Who has no key or sends what cannot be read is told so.",
}
#: schemathesis's checks and ours, each with why it matters.
CHECKS: Mapping[str, str] = {
    **DECLARED,
    "not_a_server_error": "A request, however odd, is never a server's failure.",
    "status_code_conformance": "Clients can only handle statuses that are documented.",
    "content_type_conformance": "A client reads an answer by its media type.",
    "response_headers_conformance": "Request ids and Retry-After are what people and clients act on.",
    "response_schema_conformance": "Clients read the fields that the document promises.",
    "negative_data_rejection": "A request that is wrong is told so, not guessed at.",
    "positive_data_acceptance": "A request that is right is served.",
    "missing_required_header": "A request without what it needs is refused.",
    "unsupported_method": "A wrong method is told with the right ones.",
    "allow_header_conformance": "Allow names the methods that there are.",
    "use_after_free": "What was deleted is gone.",
    "ensure_resource_availability": "What was made is there.",
    "ignored_auth": "Nobody without a key is served.",
}


def outcomes(
    rows: Iterable[Mapping[str, Any]], document: Mapping[str, Any], checks: Sequence[str], *, ended: bool
) -> list[Outcome]:
    """One outcome a check. A fault of one kind at one operation is told once."""
    names = {
        f"{method.upper()} {path}": operation["operationId"]
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }
    found: dict[str, dict[tuple[str, str], Fault]] = {check: {} for check in (*checks, ANSWERED)}
    for check, code, fault in _faults(rows, names):
        found.setdefault(check, {}).setdefault((fault.operation, code), fault)
    note = "the time budget ended it" if ended else ""
    everywhere = tuple(names.values())
    return [
        Outcome(
            "schema",
            check,
            CHECKS.get(check, _WHY_ANSWERED),
            _SOURCE,
            everywhere,
            "broken" if faults else "kept",
            tuple(faults.values()),
            note,
        )
        for check, faults in found.items()
    ]


def _faults(rows: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> Iterator[tuple[str, str, Fault]]:
    for row in rows:
        yield from _broken_off(row.get("NonFatalError", {}), names)
        recorder = row.get("ScenarioFinished", {}).get("recorder", {})
        interactions = recorder.get("interactions", {})
        yield from _unanswered(recorder, names)
        for case, results in recorder.get("checks", {}).items():
            for result in results:
                if result["status"] != "failure":
                    continue
                failure = result["failure_info"]["failure"]
                label = str(failure.get("operation") or recorder.get("label"))
                exchange = _exchange(names.get(label, label), interactions.get(case))
                fault = Fault(
                    names.get(label, label),
                    CHECKS.get(result["name"], str(result["name"])),
                    f"{failure['title']}: {failure.get('message', '')}",
                    exchange,
                    exchange.curl if exchange else "",
                )
                yield result["name"], str(failure["code"]), fault


def _broken_off(error: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[tuple[str, str, Fault]]:
    """An answer that ends before it is whole; schemathesis tells it apart from all requests, and goes on elsewhere."""
    value = error.get("value", {})
    if value.get("type") in _BROKEN_OFF:
        operation = names.get(str(error.get("label")), str(error.get("label")))
        yield ANSWERED, "broken", Fault(operation, "a whole answer", str(value.get("message"))[:300])


def _unanswered(recorder: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[tuple[str, str, Fault]]:
    for interaction in recorder.get("interactions", {}).values():
        if not interaction.get("response"):
            operation = names.get(str(recorder.get("label")), str(recorder.get("label")))
            exchange = _exchange(operation, interaction)
            curl = exchange.curl if exchange else ""
            yield (
                ANSWERED,
                "none",
                Fault(operation, "an answer in time", "none: the connection broke or time ran out", exchange, curl),
            )


def _exchange(operation: str, interaction: Mapping[str, Any] | None) -> Exchange | None:
    if not interaction:
        return None
    request, response = interaction["request"], interaction.get("response") or {}
    headers = {name.lower(): values[0] for name, values in (request.get("headers") or {}).items() if values}
    key = "right" if headers.pop("authorization", None) is not None else "none"
    return Exchange(
        operation=operation,
        method=request["method"],
        url=request["uri"],
        headers={name: value for name, value in headers.items() if name == "content-type"},
        content=_bytes(request.get("body")),
        form=None,
        upload=None,
        key=key,
        status=int(response.get("status_code") or 0),
        answer_headers={name.lower(): values[0] for name, values in (response.get("headers") or {}).items() if values},
        arrivals=(Arrival(0.0, _bytes(response.get("content")) or b""),),
    )


def _bytes(body: Any) -> bytes | None:
    if isinstance(body, Mapping):
        return base64.b64decode(str(body.get("$base64", "")))
    return body.encode() if isinstance(body, str) else None
