"""openapi.yaml is complete, agrees with the reference of the API, and is relaxed for clients only."""

from __future__ import annotations

import json
import re

import yaml

from generator.__main__ import ROOT
from generator.normalize import normalize
from generator.operations import parse_operations
from generator.relax import relax
from generator.schemas import list_items

DOCUMENT = ROOT / "openapi.yaml"
REFERENCE = ROOT / "tests/docs/reference"


def test_operations_of_the_api_overview(document):
    """The document has them, besides others."""
    overview = (REFERENCE / "api-overview.txt").read_text(encoding="utf-8")
    expected = re.findall(r"^(GET|POST)(/\S+?)(?=[A-Z])", overview, flags=re.MULTILINE)
    assert len(expected) == 14
    assert set(expected) <= {(item.method.upper(), item.path) for item in parse_operations(normalize(document))}


def test_both_clients_have_every_method_of_the_sdk_reference():
    """Each row of the reference's tables names a method of both classes."""
    from polargrid import PolarGrid, PolarGridSync

    reference = (REFERENCE / "sdk-reference.txt").read_text(encoding="utf-8")
    names = re.findall(r"^([a-z_]+)\([a-z, ]*\)[A-Z]", reference, flags=re.MULTILINE)
    assert len(names) == 20
    assert [name for name in names for client in (PolarGrid, PolarGridSync) if not hasattr(client, name)] == []


def test_every_request_and_json_response_has_an_example(document):
    """Documentation and fuzzers start from examples."""
    missing = [
        f"{path} {media_type}"
        for path, item in document["paths"].items()
        for operation in item.values()
        for body in (operation.get("requestBody", {}), *list_successes(operation))
        for media_type, content in body.get("content", {}).items()
        if "example" not in content and "examples" not in content and not media_type.startswith("audio/")
    ]
    assert missing == []


def list_successes(operation):
    return [response for status, response in operation["responses"].items() if status.startswith("2")]


def test_every_response_has_a_request_id(document):
    """x-request-id is a required header of every response, including errors."""
    shared = document["components"]["responses"]
    responses = [
        shared[response["$ref"].rsplit("/", 1)[-1]] if "$ref" in response else response
        for item in document["paths"].values()
        for operation in item.values()
        for response in operation["responses"].values()
    ]
    assert all("x-request-id" in response["headers"] for response in responses)
    assert document["components"]["headers"]["RequestId"]["required"] is True


def test_every_field_has_a_description(document):
    """Descriptions become docstrings."""
    missing = [
        f"{name}.{field}"
        for name, schema in document["components"]["schemas"].items()
        for field, item in schema.get("properties", {}).items()
        if "description" not in item and "$ref" not in item and not name.endswith("Event")
    ]
    assert missing == []


def test_every_operation_says_whether_it_requires_a_key(document):
    """Each operation has its own `security`, because some tools do not read it at the top level."""
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    assert [operation["operationId"] for operation in operations if "security" not in operation] == []


def test_regions_match_the_document(document):
    """The region table and the server's variable have the same regions and URLs."""
    from polargrid.regions import DEFAULT_REGION, POLARGRID_REGIONS

    server = document["servers"][0]
    assert server["variables"]["region"]["enum"] == list(POLARGRID_REGIONS)
    assert server["variables"]["region"]["default"] == DEFAULT_REGION
    for region in POLARGRID_REGIONS.values():
        assert server["url"].format(region=region["id"]) == region["url"]


def test_shipped_document_is_the_strict_one():
    """polargrid_generated/openapi.json is openapi.yaml without any relaxation."""
    shipped = json.loads((ROOT / "generated/polargrid_generated/openapi.json").read_text(encoding="utf-8"))
    assert shipped == json.loads(json.dumps(yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))))


def test_responses_are_relaxed_and_requests_are_not(document):
    """A client accepts any finish_reason but checks the roles that it sends."""
    schemas = relax(document)["components"]["schemas"]
    reason = schemas["ChatCompletionChoice"]["properties"]["finish_reason"]
    assert {"type": "string"} in reason["anyOf"]
    assert "maximum" not in schemas["Created"]
    roles = schemas["Message"]["properties"]["role"]
    assert roles == document["components"]["schemas"]["Message"]["properties"]["role"]


def test_conditions_on_responses_are_dropped(document):
    """`if`, `then` and conditions in `allOf` bind the server only; the document keeps them."""
    relaxed = relax(document)
    error = "components", "responses", "BadRequest", "content", "application/json", "schema"
    assert get_node(document, *error)["allOf"][1]
    assert get_node(relaxed, *error) == {"$ref": "#/components/schemas/ErrorResponse"}
    assert get_node(relaxed, "components", "schemas", "HealthResponse").keys().isdisjoint({"if", "then"})
    content = get_node(relaxed, "paths", "/v1/audio/speech", "post", "responses", "200", "content")
    assert content["audio/wav"]["schema"] == {"type": "string", "format": "binary"}


def get_node(node, *path):
    for key in path:
        node = node[key]
    return node


def test_list_responses_have_items(spec):
    """A response of the form {object: list, data: [...]} is a list of its items."""
    assert list_items(spec)["ListModelsResponse"] == "ModelInfo"
    fields = spec["components"]["schemas"]["ListModelsResponse"]["properties"]
    fields["object"] = {"type": "string", "enum": ["list"]}
    assert list_items(spec)["ListModelsResponse"] == "ModelInfo"
    fields["object"] = {"const": "page"}
    assert "ListModelsResponse" not in list_items(spec)
