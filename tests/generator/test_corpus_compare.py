"""The corpus fails if a call sends, returns, warns of or means anything else than its entry says."""

from __future__ import annotations

import base64

import pytest

from tests.generator.corpus.build import run_corpus
from tests.generator.corpus.compare import find_differences
from tests.generator.corpus.entries import Call, Construct

FACTS = {
    "call": "echo()",
    "sends": "POST /echo?a=1",
    "headers": {"x-a": "1", "x-b": None},
    "json": {"n": 1},
    "result": [1],
}
HEADERS = [["content-type", "application/json"], ["x-a", "1"]]
FORM = (
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n'
    b"Content-Type: text/plain\r\n\r\n1\r\n--x--\r\n"
)


def outcome(target="/echo?a=1", headers=HEADERS, body=b'{"n": 1}', warnings=(), **result):
    request = {"method": "POST", "target": target, "headers": headers, "body": base64.b64encode(body).decode()}
    return {"requests": [request], "warnings": list(warnings), **(result or {"result": [1]})}


def test_what_the_entry_says_is_no_difference():
    """Equal requests and results have no difference."""
    assert find_differences(Call(FACTS, "echo_0"), outcome()) == []


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (outcome(target="/echo?a=2"), "sent ['POST /echo?a=2']"),
        (outcome(headers=HEADERS[:1]), "expected the header x-a: '1', sent None"),
        (outcome(headers=[*HEADERS, ["x-b", "1"]]), "expected the header x-b: None, sent ['1']"),
        (outcome(headers=[["content-type", "text/plain"], ["x-a", "1"]]), "JSON was sent as 'text/plain'"),
        (outcome(body=b'{"n": 1.0}'), "expected the JSON {'n': 1}, sent {'n': 1.0}"),
        (outcome(body=b"{"), "expected JSON, sent"),
        (outcome(result=[2]), "expected the result [1], returned [2]"),
        (outcome(error={"names": ["ServerError"], "message": "no", "traceback": ""}), "raised ServerError: no"),
        (outcome(warnings=[{"message": "old", "category": "DeprecationWarning", "file": "calls.py"}]), "warned: old"),
    ],
)
def test_each_difference_is_found(changed, message):
    """A difference is a sentence with what was expected and what happened."""
    assert message in " ".join(find_differences(Call(FACTS, "echo_0"), changed))


def test_no_request_is_expected_unless_it_is_listed():
    """A call that an entry says nothing of must send nothing."""
    assert find_differences(Call({"call": "echo()"}, "echo_0"), outcome()) != []


def test_parts_of_a_form_are_compared():
    """Name, file name, media type and content of each part count."""
    headers = [["content-type", "multipart/form-data; boundary=x"]]
    parts = [{"name": "file", "filename": "a", "type": "text/plain", "text": "1"}]
    facts = {"call": "echo()", "sends": "POST /echo?a=1"}
    sent = outcome(headers=headers, body=FORM)
    assert find_differences(Call({**facts, "parts": parts}, "echo_0"), sent) == []
    for change in ({"name": "other"}, {"filename": None}, {"type": "text/html"}, {"text": "2"}):
        assert find_differences(Call({**facts, "parts": [{**parts[0], **change}]}, "echo_0"), sent) != []


def test_a_missing_exception_or_warning_is_found():
    """An exception of another class, another message, and a warning that does not come are differences."""
    error = {"names": ["ServerError"], "message": "no", "traceback": ""}
    raising = {**FACTS, "raises": "ServerError", "message": "no"}
    assert find_differences(Call(raising, "echo_0"), outcome(error=error)) == []
    assert find_differences(Call(raising, "echo_0"), outcome()) != []
    assert find_differences(Call({**raising, "message": "yes"}, "echo_0"), outcome(error=error)) != []
    assert find_differences(Call({**FACTS, "warns": "echo"}, "echo_0"), outcome()) != []


def test_a_wrong_type_and_a_wrong_rejection_are_found(tmp_path):
    """mypy is asked: a type that is not the result's, a condition that cannot be, and a legal line in `rejects`."""
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Ok"}}}
    operation = {
        "operationId": "seeded", "tags": ["corpus"], "summary": "Seeded.", "security": [{"bearerAuth": []}],
        "responses": {"200": {"description": "Fine.", "content": content}},
    }  # fmt: skip
    facts = {"call": "seeded()", "sends": "GET /seeded", "type": "types.TokenUsage", "then": ["result.ok == 'x'"]}
    construct = Construct(
        "seeded", "none", "It is wrong.", {"/seeded": {"get": operation}}, {}, [Call(facts, "seeded_0")], ["seeded()"]
    )
    run = run_corpus([construct], tmp_path)
    text = " ".join(run.type_errors["seeded"])
    assert 'not "TokenUsage"' in text
    assert "Non-overlapping equality check" in text
    assert "accepted, but should not be: client.seeded()" in text
    assert "AssertionError" in run.outcomes["sync_seeded_0"]["error"]["names"]
