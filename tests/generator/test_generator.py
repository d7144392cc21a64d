"""`python -m generator`: it is repeatable, --check reports drift, and errors name their line."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from generator.__main__ import ROOT, generate, main
from generator.spec import SpecError, read_spec

DOCUMENT = ROOT / "openapi.yaml"
PACKAGE = ROOT / "generated" / "polargrid_generated"
SCHEMA_OF_KEY = """\
      schema: {type: string, minLength: 1, maxLength: 255, pattern: '^[ -~]*$'}
      example: 8e03978e-40d5-43e8-bc93-6894a57f9324
"""


def test_committed_files_match_their_sources(generate_once, capsys):
    """`python -m generator --check` reports nothing for the repository."""
    assert main(["--check"], run=generate_once) == 0, capsys.readouterr().out


def test_command_runs_as_a_module():
    """`python -m generator --check` is the command that CI runs."""
    command = [sys.executable, "-m", "generator", "--check"]
    process = subprocess.run(command, cwd=ROOT, check=False, capture_output=True)
    assert process.returncode == 0, process.stderr


def test_output_is_repeatable(generate_once):
    """Two runs generate the same bytes."""
    assert generate(DOCUMENT) == generate_once(DOCUMENT)


def test_generated_files_name_the_command():
    """The first line of every generated module names `make generate`."""
    first_lines = {path: path.read_text(encoding="utf-8").partition("\n")[0] for path in PACKAGE.rglob("*.py")}
    assert [path for path, line in first_lines.items() if "make generate" not in line] == []


def test_check_names_outdated_files_and_writes_nothing(run_generator, tmp_path, capsys):
    """--check reports edited and unknown files and leaves them unchanged."""
    package = tmp_path / "polargrid_generated"
    assert run_generator() == 0
    (package / "operations.py").write_text("# edited\n", encoding="utf-8")
    (package / "unknown.py").write_text("", encoding="utf-8")
    capsys.readouterr()
    assert run_generator("--check") == 1
    assert capsys.readouterr().out.splitlines() == [
        "polargrid_generated/operations.py does not match openapi.yaml; run `make generate`",
        "polargrid_generated/unknown.py does not match openapi.yaml; run `make generate`",
    ]
    assert (package / "operations.py").read_text(encoding="utf-8") == "# edited\n"
    assert (package / "unknown.py").exists()


def test_check_reports_a_renamed_call(replace_in_document, run_generator, capsys):
    """A change of `x-call` makes the resources of both clients outdated."""
    document = replace_in_document("x-call: gpu.purge", "x-call: gpu.clear")
    assert run_generator("--check", spec=document, output=PACKAGE) == 1
    names = set(re.findall(r"polargrid_generated/(\S+) does not match", capsys.readouterr().out))
    assert {"async_resources.py", "sync_resources.py", "openapi.json"} <= names


def test_outdated_sync_package_is_reported_and_derived(run_generator, tmp_path, capsys):
    """Each `_async` package of the overlay has a derived `_sync` sibling under the same check."""
    source = tmp_path / "overlay" / "example" / "_async"
    source.mkdir(parents=True)
    (source / "stream.py").write_text("async def read() -> None: ...\n", encoding="utf-8")
    derived = source.with_name("_sync") / "stream.py"
    assert run_generator() == 0
    assert derived.read_text(encoding="utf-8").endswith("\ndef read() -> None: ...\n")
    derived.write_text("# edited\n", encoding="utf-8")
    capsys.readouterr()
    assert run_generator("--check") == 1
    assert capsys.readouterr().out == "_sync/stream.py does not match example/_async; run `make generate`\n"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("operationId: chat_completion\n", "operationId: Chat Completion\n", "is not a lower-case Python name"),
        ("operationId: completion\n", "operationId: chat_completion\n", "chat_completion"),
        ("'#/components/schemas/ChatCompletionRequest'", "'#/components/schemas/Missing'", "Missing"),
        ("openapi: 3.1.0", "openapi: 3.0.3", "unsupported version '3.0.3'; expected 3.1.x"),
        ("paths:\n", "paths: [\n", "invalid YAML"),
        ("      summary: Generate the next message of a conversation.\n", "", "a tag and a summary are required"),
        ("name: sync\n          in: query", "name: sync\n          in: nowhere", "nowhere"),
        (
            SCHEMA_OF_KEY,
            "      schema: {type: string, maxLength: 20}\n",
            "'Idempotency-Key' must accept a UUID, which the SDK sends",
        ),
        ("x-call: gpu.purge", "x-call: gpu.memory", "x-call: 'gpu.memory' is the name of another operation"),
    ],
)
def test_error_is_one_line_with_file_and_line(  # noqa: PLR0917 - fixtures
    replace_in_document, run_generator, capsys, old, new, message
):
    """An error in the document is printed as `openapi.yaml:LINE:COLUMN: message`, and nothing is written."""
    document = replace_in_document(old, new)
    assert run_generator(spec=document) == 1
    output = capsys.readouterr().err
    assert re.fullmatch(r"openapi\.yaml:\d+:\d+: [^\n]+\n", output), output
    assert message in output
    assert not document.with_name("polargrid_generated").exists()


def test_error_of_an_operation_names_its_line(replace_in_document, run_generator, capsys):
    """An error that is raised after parsing still names the line in the document."""
    document = replace_in_document("x-call: gpu.purge", "x-call: gpu.memory")
    assert run_generator(spec=document) == 1
    line = document.read_text(encoding="utf-8").splitlines().index("      operationId: purge_gpu") + 2
    assert capsys.readouterr().err.startswith(f"openapi.yaml:{line}:7: ")


def test_validation_error_names_its_line(replace_in_document):
    """The line of a validation error is the line of the value, or of its parent."""
    document = replace_in_document("    post:\n      operationId: translate\n", "    post:\n      operationId: 7\n")
    line = document.read_text(encoding="utf-8").splitlines().index("      operationId: 7") + 1
    with pytest.raises(SpecError) as caught:
        read_spec(document)
    assert caught.value.line in (line, line - 1)
