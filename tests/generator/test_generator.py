"""openapi.yaml -> generated/: agreement, repeatability, and what a fault in the document looks like."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from generator.__main__ import ROOT, generate, main
from generator.operations import operations
from generator.relax import relaxed
from generator.spec import SpecError, read

DOCUMENT = ROOT / "openapi.yaml"


@pytest.fixture(scope="module")
def spec() -> dict:
    return read(DOCUMENT)


def test_the_committed_package_agrees_with_the_document(capsys):
    """`python -m generator --check` finds nothing to say."""
    assert main(["--check"]) == 0, capsys.readouterr().out


def test_two_runs_give_the_same_bytes():
    """Nothing in the output depends on time, order or place."""
    assert generate(DOCUMENT) == generate(DOCUMENT)


def test_the_operations_are_those_of_the_overview(spec):
    """Fourteen operations, each method and path of the API overview."""
    overview = (ROOT / "tests/docs/reference/api-overview.txt").read_text(encoding="utf-8")
    promised = re.findall(r"^(GET|POST)(/\S+?)(?=[A-Z])", overview, flags=re.MULTILINE)
    assert {(item.method.upper(), item.path) for item in operations(spec)} == set(promised)
    assert len(promised) == 14


def test_every_method_of_the_reference_is_on_both_clients():
    """Each row of the tables of client methods names a method of both classes."""
    from polargrid import PolarGrid, PolarGridSync

    reference = (ROOT / "tests/docs/reference/sdk-reference.txt").read_text(encoding="utf-8")
    names = re.findall(r"^([a-z_]+)\([a-z, ]*\)[A-Z]", reference, flags=re.MULTILINE)
    assert len(names) == 20
    assert [name for name in names for kind in (PolarGrid, PolarGridSync) if not hasattr(kind, name)] == []


def test_every_request_and_json_answer_has_an_example(spec):
    """Documentation and fuzzers start from examples."""
    missing = [
        f"{path} {media}"
        for path, item in spec["paths"].items()
        for operation in item.values()
        for body in (operation.get("requestBody"), operation["responses"]["200"])
        for media, content in (body or {}).get("content", {}).items()
        if "example" not in content and "examples" not in content and not media.startswith("audio/")
    ]
    assert missing == []


def test_every_answer_carries_a_request_id(spec):
    """x-request-id is a required header of every answer, errors too."""
    answers = [
        answer
        for item in spec["paths"].values()
        for operation in item.values()
        for answer in operation["responses"].values()
    ]
    answers = [spec["components"]["responses"][a["$ref"].rsplit("/", 1)[-1]] if "$ref" in a else a for a in answers]
    assert all("x-request-id" in answer["headers"] for answer in answers)
    assert spec["components"]["headers"]["RequestId"]["required"] is True


def test_every_field_has_a_description(spec):
    """Descriptions become docstrings."""
    missing = [
        f"{name}.{field}"
        for name, schema in spec["components"]["schemas"].items()
        for field, item in schema.get("properties", {}).items()
        if "description" not in item and "$ref" not in item and not name.endswith("Event")
    ]
    assert missing == []


def test_every_operation_asks_for_a_key(spec):
    """Security stands at each operation: some tools do not read it at the top level."""
    assert all(op["security"] == [{"bearerAuth": []}] for item in spec["paths"].values() for op in item.values())


def test_the_regions_are_those_of_the_document(spec):
    """The table of regions and the server's variable say the same."""
    from polargrid.regions import DEFAULT_REGION, POLARGRID_REGIONS

    server = spec["servers"][0]
    assert server["variables"]["region"]["enum"] == list(POLARGRID_REGIONS)
    assert server["variables"]["region"]["default"] == DEFAULT_REGION
    assert [server["url"].format(region=item["id"]) for item in POLARGRID_REGIONS.values()] == [
        item["url"] for item in POLARGRID_REGIONS.values()
    ]


def test_answers_are_loosened_and_requests_are_not(spec):
    """A client takes any finish_reason, and still checks the roles that it sends."""
    schemas = relaxed(spec)["components"]["schemas"]
    reason = schemas["ChatCompletionChoice"]["properties"]["finish_reason"]
    assert {"type": "string"} in reason["anyOf"]
    assert "maximum" not in schemas["Created"]
    assert schemas["Message"]["properties"]["role"] == spec["components"]["schemas"]["Message"]["properties"]["role"]


def test_conditions_on_answers_make_no_types(spec):
    """What a server must keep of a component beside its type is nothing to a client; the document keeps it."""
    loose = relaxed(spec)
    refusal = "components", "responses", "BadRequest", "content", "application/json", "schema"
    assert _at(spec, *refusal)["allOf"][1]
    assert _at(loose, *refusal) == {"$ref": "#/components/schemas/ErrorResponse"}
    assert _at(loose, "components", "schemas", "HealthResponse").keys().isdisjoint({"if", "then"})
    speech = _at(loose, "paths", "/v1/audio/speech", "post", "responses", "200", "content", "audio/wav", "schema")
    assert speech == {"type": "string", "format": "binary"}


def _at(node, *path):
    for step in path:
        node = node[step]
    return node


def test_generated_files_name_their_command():
    """Whoever opens a generated file learns how to change it."""
    package = ROOT / "generated" / "polargrid_generated"
    heads = {path: path.read_text(encoding="utf-8").partition("\n")[0] for path in package.rglob("*.py")}
    assert [path for path, head in heads.items() if "make generate" not in head] == []


def test_an_outdated_file_is_named(tmp_path, capsys):
    """--check names each file that does not agree, and writes nothing."""
    package = tmp_path / "polargrid_generated"
    assert main(["--output", str(package)]) == 0
    (package / "operations.py").write_text("# edited by hand\n", encoding="utf-8")
    (package / "stray.py").write_text("", encoding="utf-8")
    assert main(["--check", "--output", str(package)]) == 1
    said = capsys.readouterr().out
    assert "polargrid_generated/operations.py does not agree" in said
    assert "polargrid_generated/stray.py does not agree" in said
    assert (package / "stray.py").exists()


def _with(tmp_path: Path, old: str, new: str) -> Path:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert old in text
    changed = tmp_path / "openapi.yaml"
    changed.write_text(text.replace(old, new, 1), encoding="utf-8")
    return changed


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("operationId: chat_completion\n", "operationId: Chat Completion\n", "operationId must be a Python name"),
        ("operationId: completion\n", "operationId: chat_completion\n", "chat_completion"),
        ("'#/components/schemas/ChatCompletionRequest'", "'#/components/schemas/Missing'", "Missing"),
        ("openapi: 3.1.0", "openapi: 3.0.3", "3.1"),
        ("paths:\n", "paths: [\n", "not YAML"),
        ("      summary: Answer a conversation.\n", "", "summary"),
        ("name: sync\n          in: query", "name: sync\n          in: nowhere", "nowhere"),
    ],
)
def test_a_fault_is_told_with_its_place_and_no_traceback(tmp_path, capsys, old, new, told):
    """The first words are the file and the line; the rest is one sentence."""
    document = _with(tmp_path, old, new)
    assert main(["--spec", str(document), "--output", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert re.match(r"openapi\.yaml:\d+: ", said), said
    assert told in said
    assert "Traceback" not in said
    assert not (tmp_path / "out").exists()


def test_a_place_is_the_line_of_the_fault(tmp_path):
    """The line that is told is the line that is wrong."""
    document = _with(tmp_path, "    post:\n      operationId: translate\n", "    post:\n      operationId: 7\n")
    line = document.read_text(encoding="utf-8").splitlines().index("      operationId: 7") + 1
    with pytest.raises(SpecError) as fault:
        read(document)
    assert fault.value.line in (line, line - 1)


def test_the_document_as_data_is_shipped(spec):
    """polargrid_generated/openapi.json is openapi.yaml, strict as it is written."""
    shipped = json.loads((ROOT / "generated/polargrid_generated/openapi.json").read_text(encoding="utf-8"))
    assert shipped == json.loads(json.dumps(yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))))


def test_the_command_runs_as_a_module():
    """`python -m generator --check` is what CI calls."""
    done = subprocess.run([sys.executable, "-m", "generator", "--check"], cwd=ROOT, check=False, capture_output=True)
    assert done.returncode == 0, done.stderr
