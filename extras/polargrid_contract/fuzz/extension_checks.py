"""schemathesis checks of the extensions in openapi.yaml, called for one response at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import requests
import schemathesis
from schemathesis.checks import CheckContext
from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response
from schemathesis.generation.case import Case

from polargrid_contract.document import METHODS_BY_PATH
from polargrid_contract.exchange import Exchange, TimedBytes
from polargrid_contract.extensions.consistency import find_inconsistencies, find_media_type_error
from polargrid_contract.extensions.event_streams import find_stream_errors
from polargrid_contract.extensions.rejections import SentRequest, derive_invalid_requests
from polargrid_contract.extensions.runtime_expressions import resolve, response_for
from polargrid_contract.operations import EVENT_STREAM, DocumentedOperation, is_path
from polargrid_contract.readers.event_stream import Stream, read_last_data
from polargrid_contract.readers.strict_responses import iter_json_errors

_TIMEOUT = 30.0  # seconds; a rejection takes no time


# schemathesis reports one failure of each class at an operation, so each check needs a class of its own.


class MediaTypeFailure(Failure):
    """`x-answers` is violated."""

    kind_title = "Response has another media type than requested"


class ConsistencyFailure(Failure):
    """`x-agreement` is violated."""

    kind_title = "Response is inconsistent with its request"


class EventStreamFailure(Failure):
    """`x-event-stream` is violated."""

    kind_title = "Event stream violates its rules"


class StrictJSONFailure(Failure):
    """A body or an event is no strict JSON."""

    kind_title = "Response is not strict JSON"


class RepeatedHeaderFailure(Failure):
    """A documented header occurs more than once."""

    kind_title = "Response header is repeated"


class UniqueHeaderFailure(Failure):
    """`x-unique` is violated."""

    kind_title = "Response header is not unique"


class RejectionFailure(Failure):
    """An invalid request is accepted."""

    kind_title = "Invalid request is not rejected as documented"


@schemathesis.check
def media_type_conformance(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """`x-answers`: the response has the requested media type."""
    if _is_success_of_valid_request(response, case):
        error = find_media_type_error(_content(response, case), _request_body(case), _media_type(response))
        _fail(MediaTypeFailure, case, error)


@schemathesis.check
def consistency_conformance(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """`x-agreement`: the response is consistent with the request."""
    rules = _content(response, case).get(_media_type(response), {}).get("x-agreement")
    if rules and _is_success_of_valid_request(response, case):
        errors = find_inconsistencies(rules, _request_body(case), _parse_json(response), parameters_of(case))
        _fail(ConsistencyFailure, case, *errors)


@schemathesis.check
def event_stream_conformance(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """`x-event-stream`: the events of a stream are consistent with each other."""
    media_type = _media_type(response)
    content = _content(response, case).get(media_type)
    is_stream = content is not None and (media_type == EVENT_STREAM or "x-event-stream" in content)
    if content is not None and is_stream and not response.stream_cut_short:
        rules = content.get("x-event-stream", {})
        if _is_success_of_valid_request(response, case):
            _fail(EventStreamFailure, case, *_stream_errors(rules, _request_body(case), _stream(response, rules)))


def _stream_errors(rules: Mapping[str, Any], request: Mapping[str, Any], stream: Stream) -> list[str]:
    try:
        return list(find_stream_errors(rules, request, stream))
    except (AttributeError, KeyError, TypeError) as error:  # the rules read events by their documented shape
        return [f"an event has another shape than documented: {type(error).__name__}: {error}"]


@schemathesis.check
def strict_json_conformance(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """A body or an event is UTF-8 without NaN, duplicate names, or text after the value."""
    if response.stream_cut_short:
        return
    rules = _content(response, case).get(_media_type(response), {}).get("x-event-stream", {})
    exchange = _stream(response, rules).exchange
    exchange = replace(exchange, method=case.method.upper())
    _fail(StrictJSONFailure, case, next(iter_json_errors(exchange, read_last_data(rules)), ""))


@schemathesis.check
class response_header_uniqueness:  # noqa: N801 - named like the other checks
    """A documented header occurs once; with `x-unique` its value never occurs twice."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], str] = {}
        """Name and value of a header -> id of the case."""

    def after_response(self, ctx: CheckContext, response: Response, case: Case[Any]) -> None:
        headers = _declaration(response, case).get("headers", {})
        for name, reference in headers.items():
            values = response.headers.get(name.lower(), [])
            if len(values) > 1:
                _fail(RepeatedHeaderFailure, case, f"{name}: {', '.join(values)}")
            if not values or not resolve(raw_document(case), reference).get("x-unique"):
                continue
            if self._seen.setdefault((name, values[0]), case.id) != case.id:
                _fail(UniqueHeaderFailure, case, f"{name}: {values[0]} is in another response too")


@schemathesis.check
class rejection_conformance:  # noqa: N801 - named like the other checks
    """A valid request that is made invalid beyond its schema is rejected; tried once for each operation."""

    def __init__(self) -> None:
        self._errors: dict[str, list[str]] = {}

    def after_response(self, ctx: CheckContext, response: Response, case: Case[Any]) -> None:
        label = case.operation.label
        if label not in self._errors and _is_success_of_valid_request(response, case):
            self._errors[label] = _send_invalid_requests(response, case)
        # Reported with every response: schemathesis repeats a failed case and expects the same failure.
        _fail(RejectionFailure, case, *self._errors.get(label, ()))


def _send_invalid_requests(response: Response, case: Case[Any]) -> list[str]:
    """Send the invalid requests and return a sentence for each that does not get its documented status."""
    request = response.request
    body = request.body.encode() if isinstance(request.body, str) else request.body
    headers = {name: str(value) for name, value in request.headers.items()}
    valid = SentRequest(str(request.url), headers, body if isinstance(body, bytes) else None)
    document, errors = raw_document(case), []
    schemes = document.get("components", {}).get("securitySchemes", {})
    definition = {"security": document.get("security", []), **case.operation.definition.raw}

    def is_known(path: str) -> bool:
        return any(is_path(template, path) for template in document.get(METHODS_BY_PATH, ()))

    with requests.Session() as session:
        session.trust_env = False
        for invalid in derive_invalid_requests(definition, schemes, valid, is_known):
            expected = f"the same request with {invalid.description}: expected {invalid.status}"
            headers = {
                name: value for name, value in invalid.request.headers.items() if name.lower() != "content-length"
            }
            try:
                actual = session.request(
                    str(request.method),
                    invalid.request.url,
                    headers=headers,
                    data=invalid.request.body,
                    timeout=_TIMEOUT,
                    allow_redirects=False,
                )
            except requests.RequestException as error:
                errors.append(f"{expected}, got {type(error).__name__}")
                continue
            if actual.status_code != invalid.status:
                errors.append(f"{expected}, got {actual.status_code}")
    return errors


def _fail(failure: type[Failure], case: Case[Any], *sentences: str) -> None:
    """Raise the failure if any sentence is not empty."""
    errors = [sentence for sentence in sentences if sentence]
    if errors:
        raise failure(operation=case.operation.label, message="\n".join(errors[:5]))


def _is_success_of_valid_request(response: Response, case: Case[Any]) -> bool:
    valid = case.meta is None or case.meta.generation.mode.is_positive
    return valid and 200 <= response.status_code < 300 and case.method.lower() == case.operation.method.lower()


def _request_body(case: Case[Any]) -> Mapping[str, Any]:
    return case.body if isinstance(case.body, Mapping) else {}


def find_documented(case: Case[Any]) -> DocumentedOperation:
    """Return the operation of a case as the other parts of the contract know it."""
    definition = case.operation.definition.raw
    name = str(definition.get("operationId"))
    return DocumentedOperation(name, case.operation.method.upper(), case.operation.path, definition, raw_document(case))


def raw_document(case: Case[Any]) -> Mapping[str, Any]:
    """Return the document of a case."""
    document: Mapping[str, Any] = case.operation.schema.raw_schema
    return document


def _declaration(response: Response, case: Case[Any]) -> Mapping[str, Any]:
    return response_for(raw_document(case), case.operation.definition.raw, response.status_code)


def _content(response: Response, case: Case[Any]) -> Mapping[str, Any]:
    content: Mapping[str, Any] = _declaration(response, case).get("content", {})
    return content


def _media_type(response: Response) -> str:
    return response.headers.get("content-type", [""])[0].partition(";")[0].strip().lower()


def _parse_json(response: Response) -> Any:
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return None


def parameters_of(case: Case[Any]) -> dict[str, Mapping[str, Any]]:
    """Return the values of a case's parameters, by place and name."""
    encoded = case.path_parameters or {}
    path = {name: unquote(str(value)) for name, value in encoded.items()}
    return {"path": path, "query": case.query or {}, "header": case.headers or {}}


def _stream(response: Response, rules: Mapping[str, Any]) -> Stream:
    chunks = (TimedBytes(0.0, response.content),)
    headers = {"content-type": _media_type(response)}
    exchange = Exchange(
        "", "", "", {}, None, None, status=response.status_code, response_headers=headers, chunks=chunks
    )
    return Stream(exchange, read_last_data(rules))
