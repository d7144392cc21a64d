"""What schemathesis's log becomes, and how the document is made the server's."""

from __future__ import annotations

from polargrid_contract.findings import ANSWERED, CHECKS, DECLARED, outcomes
from polargrid_contract.schema import _NOT_SHARED
from polargrid_contract.server import specification
from polargrid_contract.view import SHARED, view

DOCUMENT = specification()


def _broken_off(kind):
    value = {"type": kind, "message": "Connection broken: 3 bytes read, 100 more expected"}
    return {"NonFatalError": {"value": value, "label": "POST /v1/chat/completions"}}


def test_an_answer_that_breaks_off_is_a_fault():
    """schemathesis tells it as an error of the run; other errors of the run are not the server's."""
    (told,) = [it for it in outcomes([_broken_off("ChunkedEncodingError")], DOCUMENT, [], ended=False) if it.faults]
    assert (told.check, told.faults[0].operation) == (ANSWERED, "chat_completion")
    assert not any(it.faults for it in outcomes([_broken_off("Unsatisfiable")], DOCUMENT, [], ended=False))


def test_a_run_that_was_ended_says_so():
    """Each of its outcomes has a note."""
    assert {it.note for it in outcomes([], DOCUMENT, list(CHECKS), ended=True)} == {"the time budget ended it"}


def test_extensions_are_for_polargrid_alone():
    """What other servers are free to do otherwise is not asked of them."""
    assert set(DECLARED) <= set(CHECKS)
    assert set(DECLARED) <= set(_NOT_SHARED)


def test_the_model_is_asked_for_where_it_is_described():
    """In the component, so that a wrong request can be of another model; the shipped document stays as it is."""
    asked = {"chat": "m", "speech-to-text": "w"}
    schemas = view(specification(), asked, SHARED, shared_only=False)["components"]["schemas"]
    assert schemas["ChatCompletionRequest"]["properties"]["model"] == {"type": "string", "enum": ["m"]}
    assert schemas["TranscriptionRequest"]["properties"]["model"] == {"type": "string", "enum": ["w"]}


def test_errors_of_others_need_no_kind():
    """Which type an error has at which status is PolarGrid's."""
    shared = view(specification(), {}, SHARED, shared_only=True)
    for response in shared["components"]["responses"].values():
        assert response["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/ErrorResponse"}


def test_others_are_asked_for_what_all_have():
    """No example of what a server may leave out, and no condition on the form of a transcript."""
    paths = view(specification(), {}, SHARED, shared_only=True)["paths"]
    examples = paths["/v1/chat/completions"]["post"]["requestBody"]["content"]["application/json"]["examples"]
    assert set(examples) == {"question", "stream"}
    content = paths["/v1/audio/transcriptions"]["post"]["responses"]["200"]["content"]
    assert content["text/plain"]["schema"] == {"type": "string"}
    assert all(set(branch) == {"$ref"} for branch in content["application/json"]["schema"]["anyOf"])
