"""Mistakes of an API document are found with line, column, operation and what to do; legal documents pass."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.__main__ import ROOT
from generator.lint import lint
from generator.lint.document import find_at
from generator.spec import SpecError, read_spec

FOLDER = Path(__file__).parent / "mistakes"
BASE = (FOLDER / "base.yaml").read_text(encoding="utf-8")
DOCUMENT = ROOT / "openapi.yaml"
TOO_DEEP = "invalid YAML: more than 100 levels; name parts of the document in components, and use $ref"
KINDS = ("text", "keywords", "operations", "contents", "schemas", "references", "examples")


def read_cases(*names: str) -> list[Any]:
    """Return the entries of data files as parameters."""
    return [
        pytest.param(entry, id=f"{name}: {case}")
        for name in names
        for case, entry in yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8")).items()
    ]


def build_document(entry: dict[str, Any]) -> bytes:
    """Return the text of an entry: its document, or the base with its edits."""
    text = entry.get("document", BASE)
    for edit in (entry, entry.get("and", {})):
        if "replace" in edit:
            assert edit["replace"] in text
            text = text.replace(edit["replace"], edit["by"], 1)
    return text.replace("\n", "\r\n" if entry.get("windows") else "\n").encode()


def find_mistakes(data: bytes) -> list[str]:
    """Return `line:column: message` of every finding."""
    return [f"{finding.line}:{finding.column}: {finding.message}" for finding in lint(data)[1]]


@pytest.mark.parametrize("entry", read_cases(*KINDS))
def test_mistake(entry):
    """Each mistake is found where it is, once, with what to do, and nothing else is reported."""
    assert find_mistakes(build_document(entry)) == entry["says"]


@pytest.mark.parametrize("entry", read_cases("legal"))
def test_legal_document(entry):
    """What is legal and looks odd is not reported."""
    assert find_mistakes(build_document(entry)) == []


def test_documents_without_mistakes():
    """The document of the API and the base of these tests pass."""
    assert find_mistakes(DOCUMENT.read_bytes()) == []
    assert find_mistakes(BASE.encode()) == []


@pytest.mark.parametrize(
    ("data", "mistake"),
    [
        (BASE.replace("Zoo", "Zoé", 1).encode("latin-1"), "3:12: byte 0xE9 is not UTF-8; save the file as UTF-8"),
        (b"openapi: '\xc3", "1:11: byte 0xC3 is not UTF-8; save the file as UTF-8"),
        (b"\xef\xbb\xbf" + BASE.encode(), "1:1: the file starts with a byte order mark; save it as UTF-8 without one"),
        (BASE.encode("utf-16"), "1:1: the file is UTF-16 or UTF-32; save it as UTF-8"),
        (BASE.encode("utf-32-be"), "1:1: the file is UTF-16 or UTF-32; save it as UTF-8"),
        (b"", "1:1: the document is empty; it starts with `openapi: 3.1.0`"),
        (b"a: " + b"[" * 100_000, f"1:103: {TOO_DEEP}"),
        (b"#" * 10_000_001, "1:1: the file has 10000001 bytes; the limit is 10000000"),
    ],
    ids=["Latin-1", "cut", "BOM", "UTF-16", "UTF-32", "empty", "deep", "huge"],
)  # fmt: skip
def test_text(data, mistake):
    """What is no YAML in UTF-8, or too large, is reported like any mistake."""
    assert find_mistakes(data) == [mistake]


def test_aliases_that_multiply():
    """A few lines cannot expand to a document that no memory holds."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{step}: &a{step} [{', '.join([f'*a{step - 1}'] * 9)}]" for step in range(1, 20)]
    text = "\n".join([*lines, "end: *a19"])
    assert find_mistakes(text.encode()) == ["1:1: its aliases expand to more than 500000 values; use $ref"]


def test_all_mistakes_are_printed_in_order(replace_in_document, run_generator, capsys):
    """A run prints every mistake, by line, as `openapi.yaml:LINE:COLUMN: METHOD path: message`, and fails."""
    document = replace_in_document("tags: [text]", "tags: [txt]")
    text = document.read_text(encoding="utf-8").replace("minLength: 1", "minLenght: 1", 1)
    document.write_text(text.replace("operationId: health", "operationId: Health", 1), encoding="utf-8")
    assert run_generator(spec=document) == 1
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(": ")[2] for line in lines] == [
        "POST /v1/chat/completions: tags.0: unknown tag 'txt'; did you mean 'text'?",
        "POST /v1/audio/speech: responses.200.content.audio/mpeg.schema: unknown field 'minLenght' of the schema; "
        "did you mean 'minLength'?",
        "GET /health: operationId: 'Health' is not a lower-case Python name; write health",
    ]
    assert all(re.match(r"openapi\.yaml:\d+:\d+: ", line) for line in lines)
    assert not document.with_name("polargrid_generated").exists()


def test_error_of_the_document_has_all_findings(tmp_path):
    """SpecError has the message and the position of the first mistake, and all findings."""
    path = tmp_path / "openapi.yaml"
    path.write_text(BASE.replace("[animals]", "[animal]").replace("Sound'", "Sond'"), encoding="utf-8")
    with pytest.raises(SpecError, match="unknown tag 'animal'") as caught:
        read_spec(path)
    assert (caught.value.line, caught.value.column) == (17, 14)
    assert len(caught.value.findings) > 2


@pytest.mark.parametrize("seed", range(8))
def test_no_document_is_a_traceback(seed):
    """A document with any value in place of any other is read, or refused with positions in the text."""
    chance = random.Random(seed)  # noqa: S311
    lines = BASE.count("\n") + 1
    for _ in range(25):
        tree = yaml.compose(BASE, yaml.CSafeLoader)
        for _ in range(chance.randint(1, 3)):
            replace_node(chance, tree)
        findings = lint(yaml.serialize(tree).encode())[1]
        assert all(1 <= finding.line <= 3 * lines and finding.column >= 1 for finding in findings)


def replace_node(chance: random.Random, tree: yaml.Node) -> None:
    """Replace a node of a tree by a value of another kind, or give a key another name."""
    node = tree
    for _ in range(chance.randint(1, 9)):
        pairs = node.value if isinstance(node, yaml.MappingNode) else [(None, item) for item in node.value]
        if not pairs or isinstance(node, yaml.ScalarNode):
            break
        index = chance.randrange(len(pairs))
        values = ["null", "true", "1", "1.5", "text", "[]", "{}", "[[1]]", "{a: {b: 1}}", "{$ref: '#/a'}", "{$ref: 1}",
                  "{$ref: '#/components/schemas/Animal'}", "['']", "{'': null}"]  # fmt: skip
        if chance.random() < 0.3:
            new = yaml.compose(chance.choice(values), yaml.CSafeLoader)
            node.value[index] = (pairs[index][0], new) if isinstance(node, yaml.MappingNode) else new
            return
        if isinstance(node, yaml.MappingNode) and chance.random() < 0.1:
            keys = ["$ref", "x-a", "type", "properties", "schema", "content", "get", "200", "", "allOf", "example"]
            pairs[index][0].value = chance.choice(keys)
            return
        node = pairs[index][1]


def test_position_of_a_node():
    """Lines and columns count from 1."""
    finding = find_at(yaml.compose("  a", yaml.CSafeLoader), "wrong")
    assert (finding.line, finding.column) == (1, 3)
