"""The document as it applies to one server."""

from __future__ import annotations

from polargrid_contract.document import load_document, restrict_document
from polargrid_contract.operations import read_operations

SHARED_OPERATIONS = [it.name for it in read_operations(load_document()).values() if it.is_in("openai")]


def test_the_model_is_restricted_in_the_component():
    """A generated request can then be invalid by its model; the shipped document is not modified."""
    models = {"chat": "m", "speech-to-text": "w"}
    document = restrict_document(load_document(), models, SHARED_OPERATIONS, shared_only=False)
    schemas = document["components"]["schemas"]
    assert schemas["ChatCompletionRequest"]["properties"]["model"] == {"type": "string", "enum": ["m"]}
    assert schemas["TranscriptionRequest"]["properties"]["model"] == {"type": "string", "enum": ["w"]}


def test_errors_of_other_servers_need_no_type():
    """The type of an error for each status is PolarGrid's."""
    document = restrict_document(load_document(), {}, SHARED_OPERATIONS, shared_only=True)
    for response in document["components"]["responses"].values():
        assert response["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/ErrorResponse"}


def test_generated_requests_have_no_idempotency_key():
    """A tool sends one key with several bodies; other parameters stay."""
    paths = restrict_document(load_document(), {}, ("chat_completion", "transcribe"), shared_only=False)["paths"]
    assert "parameters" not in paths["/v1/chat/completions"]["post"]
    assert [item["name"] for item in paths["/v1/audio/transcriptions"]["post"]["parameters"]] == ["sync"]


def test_other_servers_get_only_basic_examples():
    """No example uses an optional feature, and no condition applies to the format of a transcript."""
    paths = restrict_document(load_document(), {}, SHARED_OPERATIONS, shared_only=True)["paths"]
    examples = paths["/v1/chat/completions"]["post"]["requestBody"]["content"]["application/json"]["examples"]
    assert set(examples) == {"question", "stream", "token"}
    content = paths["/v1/audio/transcriptions"]["post"]["responses"]["200"]["content"]
    assert content["text/plain"]["schema"] == {"type": "string"}
    assert all(set(branch) == {"$ref"} for branch in content["application/json"]["schema"]["anyOf"])
