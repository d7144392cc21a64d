"""The checks as schemathesis calls them, one response at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import requests
import schemathesis
from schemathesis.checks import CheckContext
from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response
from schemathesis.generation.case import Case

from polargrid_contract.declared.agreement import disagreements, wrong_media_type
from polargrid_contract.declared.events import broken_rules
from polargrid_contract.declared.expressions import resolved, response_for
from polargrid_contract.declared.refusals import Sent, wrong_requests
from polargrid_contract.exchange import Arrival, Exchange
from polargrid_contract.streamed import Stream

_TIMEOUT = 30.0  # seconds, for what is to be refused at once
_SSE = "text/event-stream"


@schemathesis.check
def media_type_agreement(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """`x-answers`: the answer is of the media type that was asked for."""
    if _answers_right_request(response, case):
        wrong = wrong_media_type(_content(response, case), _asked(case), _media(response))
        _tell(case, "Another media type was asked for", wrong)


@schemathesis.check
def agreement_conformance(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """`x-agreement`: request and answer agree."""
    rules = _content(response, case).get(_media(response), {}).get("x-agreement")
    if rules and _answers_right_request(response, case):
        _tell(case, "Request and answer disagree", *disagreements(rules, _asked(case), _json(response)))


@schemathesis.check
def event_stream_conformance(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """`x-event-stream`: the events of a stream keep together."""
    rules = _content(response, case).get(_SSE, {}).get("x-event-stream")
    if rules and _media(response) == _SSE and not response.stream_cut_short and _answers_right_request(response, case):
        _tell(case, "A stream breaks its rules", *_broken(rules, _asked(case), _stream(response)))


def _broken(rules: Mapping[str, Any], request: Mapping[str, Any], stream: Stream) -> list[str]:
    try:
        return list(broken_rules(rules, request, stream))
    except (AttributeError, KeyError, TypeError) as error:  # rules read events as they should be
        return [f"an event is of another shape: {type(error).__name__}: {error}"]


@schemathesis.check
class response_header_uniqueness:  # noqa: N801 - a check is named as the others are
    """A documented header comes once; under `x-unique` never twice the same."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, str], str] = {}
        """Name and value of a header -> the case that it answered."""

    def after_response(self, ctx: CheckContext, response: Response, case: Case[Any]) -> None:
        headers = _declared(response, case).get("headers", {})
        for name, reference in headers.items():
            values = response.headers.get(name.lower(), [])
            if len(values) > 1:
                _tell(case, "A header comes more than once", f"{name}: {', '.join(values)}")
            if not values or not resolved(_document(case), reference).get("x-unique"):
                continue
            if self._told.setdefault((name, values[0]), case.id) != case.id:
                _tell(case, "A header is not unique", f"{name}: {values[0]} came with another answer too")


@schemathesis.check
class refusal_conformance:  # noqa: N801 - a check is named as the others are
    """A right request that is made wrong beyond its schema is refused; tried once for each operation."""

    def __init__(self) -> None:
        self._found: dict[str, list[str]] = {}

    def after_response(self, ctx: CheckContext, response: Response, case: Case[Any]) -> None:
        label = case.operation.label
        if label not in self._found and _answers_right_request(response, case):
            self._found[label] = _accepted(response, case)
        # Told with every answer: schemathesis asks again for what failed, and has to hear the same.
        _tell(case, "A wrong request is not refused as documented", *self._found.get(label, ()))


def _accepted(response: Response, case: Case[Any]) -> list[str]:
    """The wrong requests that are not answered as they must be."""
    asked = response.request
    body = asked.body.encode() if isinstance(asked.body, str) else asked.body
    headers = {name: str(it) for name, it in asked.headers.items()}
    sent = Sent(str(asked.url), headers, body if isinstance(body, bytes) else None)
    schemes = _document(case).get("components", {}).get("securitySchemes", {})
    found = []
    with requests.Session() as session:
        session.trust_env = False
        for wrong in wrong_requests(case.operation.definition.raw, schemes, sent):
            headers = {name: it for name, it in wrong.sent.headers.items() if name.lower() != "content-length"}
            try:
                came = session.request(
                    str(asked.method),
                    wrong.sent.url,
                    headers=headers,
                    data=wrong.sent.body,
                    timeout=_TIMEOUT,
                    allow_redirects=False,
                )
            except requests.RequestException as error:
                found.append(f"the same request with {wrong.what}: {wrong.status} expected, {type(error).__name__}")
                continue
            if came.status_code != wrong.status:
                found.append(f"the same request with {wrong.what}: {wrong.status} expected, {came.status_code} came")
    return found


def _tell(case: Case[Any], title: str, *sentences: str) -> None:
    told = [sentence for sentence in sentences if sentence]
    if told:
        raise Failure(operation=case.operation.label, title=title, message="\n".join(told[:5]))


def _answers_right_request(response: Response, case: Case[Any]) -> bool:
    right = case.meta is None or case.meta.generation.mode.is_positive
    return right and 200 <= response.status_code < 300 and case.method.lower() == case.operation.method.lower()


def _asked(case: Case[Any]) -> Mapping[str, Any]:
    return case.body if isinstance(case.body, Mapping) else {}


def _document(case: Case[Any]) -> Mapping[str, Any]:
    document: Mapping[str, Any] = case.operation.schema.raw_schema
    return document


def _declared(response: Response, case: Case[Any]) -> Mapping[str, Any]:
    return response_for(_document(case), case.operation.definition.raw, response.status_code)


def _content(response: Response, case: Case[Any]) -> Mapping[str, Any]:
    content: Mapping[str, Any] = _declared(response, case).get("content", {})
    return content


def _media(response: Response) -> str:
    return response.headers.get("content-type", [""])[0].partition(";")[0].strip().lower()


def _json(response: Response) -> Any:
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return None


def _stream(response: Response) -> Stream:
    arrivals = (Arrival(0.0, response.content),)
    return Stream(Exchange("", "", "", {}, None, None, None, status=response.status_code, arrivals=arrivals))
