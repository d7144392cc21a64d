"""Outcomes from the event log of schemathesis."""

from __future__ import annotations

from polargrid_contract.document import load_document
from polargrid_contract.fuzz.event_log import CHECKS, EXTENSION_CHECKS, RESPONSE_RECEIVED, build_outcomes
from polargrid_contract.fuzz.suite import POLARGRID_ONLY

DOCUMENT = load_document()


def error_row(kind):
    value = {"type": kind, "message": "Connection broken: 3 bytes read, 100 more expected"}
    return {"NonFatalError": {"value": value, "label": "POST /v1/chat/completions"}}


def test_an_incomplete_response_is_a_violation():
    """schemathesis reports it as an error of the run."""
    outcomes = build_outcomes([error_row("ChunkedEncodingError")], DOCUMENT, [], timed_out=False)
    (failed,) = [outcome for outcome in outcomes if outcome.violations]
    assert (failed.check, failed.violations[0].operation) == (RESPONSE_RECEIVED, "chat_completion")


def test_other_errors_of_the_run_are_no_violations():
    """They are not the server's."""
    outcomes = build_outcomes([error_row("Unsatisfiable")], DOCUMENT, [], timed_out=False)
    assert not any(outcome.violations for outcome in outcomes)


def test_the_outcomes_of_a_run_that_timed_out_have_a_note():
    """What passed until then may fail later."""
    outcomes = build_outcomes([], DOCUMENT, list(CHECKS), timed_out=True)
    assert {outcome.note for outcome in outcomes} == {"the time budget ended it"}


def test_extensions_are_checked_in_the_polargrid_profile_only():
    """Other servers do not promise them."""
    assert set(EXTENSION_CHECKS) <= set(CHECKS)
    assert set(EXTENSION_CHECKS) <= set(POLARGRID_ONLY)
