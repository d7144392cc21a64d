"""Changed copies of the document and of small packages, and the lines that state what changed."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.changes.__main__ import name_exception, place_finder
from generator.changes.change import Change, Place, render
from generator.changes.names import NameComparison
from generator.changes.report import DocumentComparison, merge
from generator.changes.surface import find_file, read_surface

Spec = dict[str, Any]
Report = dict[str, list[str]]
Edit = Callable[[Spec], object]


def report_changes(changes: list[Change], find_place: Callable[[Place], str]) -> Report:
    """Return the lines below each heading, without the line breaks."""
    report: Report = {}
    for block in render(changes, find_place).split("### ")[1:]:
        heading, _, lines = block.partition("\n\n")
        report[heading] = [" ".join(line.split()) for line in lines.strip().split("\n- ")]
        report[heading][0] = report[heading][0].removeprefix("- ")
    return report


def dump(spec: Spec) -> str:
    """Return a document as YAML."""
    text: str = yaml.dump(spec, Dumper=yaml.CSafeDumper, sort_keys=False)
    return text


def find_operation_line(text: str, name: str) -> int:
    """Return the line of an operation's method, the nearest above its operationId with a smaller indent."""
    lines = text.splitlines()
    number = lines.index(f"      operationId: {name}")
    while lines[number].startswith("      "):
        number -= 1
    return number + 1


def find_schema_line(text: str, name: str, field: str = "") -> int:
    """Return the line of a component, or of a field of it."""
    lines = text.splitlines()
    number = lines.index(f"    {name}:", lines.index("  schemas:"))
    return lines.index(f"        {field}:", number) + 1 if field else number + 1


def fill_lines(line: str, old_text: str, new_text: str) -> str:
    """Replace `@name` by the line of an operation, `@Name` or `@Name.field` by that of a type; `@-` in the old text."""

    def find(match: re.Match[str]) -> str:
        text = old_text if match[1] else new_text
        number = (
            find_operation_line(text, match[2])
            if match[2][0].islower()
            else find_schema_line(text, match[2], match[3] or "")
        )
        return str(number)

    return re.sub(r"@(-?)(\w+)(?:\.(\w+))?", find, line)


@pytest.fixture
def fill() -> Callable[[str, str, str], str]:
    """`fill_lines`."""
    return fill_lines


@pytest.fixture(scope="session")
def document_text(document) -> str:
    """The document as `dump` writes it."""
    return dump(document)


@pytest.fixture
def assert_changes(document, document_text) -> Callable[..., None]:
    """Edit a copy of the document, and compare what changed with the expected lines (see `fill_lines`).

    `before` edits the older version as well.
    """

    def run(edit: Edit, expected: Report, before: Edit = dict) -> None:
        old = copy.deepcopy(document)
        before(old)
        new = copy.deepcopy(old)
        edit(new)
        lines = " ".join(line for section in expected.values() for line in section)
        needed = ("@-" in lines, "@" in lines)
        old_text = (document_text if before is dict else dump(old)) if needed[0] else ""
        texts = (old_text, dump(new) if needed[1] else "")
        comparison = DocumentComparison(old, new)
        changes = merge(comparison.compare(name_exception), [], comparison.method_names)
        filled = {section: [fill_lines(line, *texts) for line in lines] for section, lines in expected.items()}
        assert report_changes(changes, place_finder(texts[0], texts[1], "v1.0")) == filled

    return run


@pytest.fixture
def compare_packages(tmp_path) -> Callable[[dict[str, str], dict[str, str]], Report]:
    """Write two versions of the packages from their modules, and return what changed in their public names."""

    def write(name: str, modules: dict[str, str]) -> Path:
        for path, text in modules.items():
            file = tmp_path / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            (file.parent / "__init__.py").touch()
        return tmp_path / name

    def run(old: dict[str, str], new: dict[str, str]) -> Report:
        roots = [write(name, modules) for name, modules in (("old", old), ("new", new))]
        surfaces = [read_surface(root) for root in roots]
        assert surfaces[0] is not None
        assert surfaces[1] is not None
        find_old_file, find_new_file = (partial(find_file, root=root) for root in roots)
        names = NameComparison(surfaces[0], surfaces[1], find_old_file, find_new_file).compare()
        return report_changes(merge([], names, frozenset()), place_finder("", "", "v1.0"))

    return run
