"""The document, and the generator run on changed copies of it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator.__main__ import ROOT, generate, main
from generator.spec import read_spec

DOCUMENT = ROOT / "openapi.yaml"
Run = Callable[..., int]
Generate = Callable[[Path], dict[str, str]]


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    """The parsed document; tests must not change it."""
    return read_spec(DOCUMENT)


@pytest.fixture
def spec(document) -> dict[str, Any]:
    """A copy of the document that a test may change."""
    return copy.deepcopy(document)


@pytest.fixture(scope="session")
def generate_once() -> Generate:
    """Generate a package, the first time that a document has this text."""
    packages: dict[bytes, dict[str, str]] = {}

    def run(path: Path) -> dict[str, str]:
        text = path.read_bytes()
        if text not in packages:
            packages[text] = generate(path)
        return packages[text]

    return run


@pytest.fixture
def run_generator(tmp_path, generate_once) -> Run:
    """Run the generator into tmp_path, without the overlay of the repository; once for each document."""

    def run(*flags: str, spec: Path = DOCUMENT, output: Path = tmp_path / "polargrid_generated") -> int:
        folders = ["--spec", str(spec), "--output", str(output), "--overlay", str(tmp_path / "overlay")]
        return main([*folders, *flags], run=generate_once)

    return run


@pytest.fixture
def replace_in_document(tmp_path) -> Callable[[str, str], Path]:
    """Write a copy of the document in which one text is replaced."""

    def replace(old: str, new: str) -> Path:
        text = DOCUMENT.read_text(encoding="utf-8")
        assert old in text
        path = tmp_path / "openapi.yaml"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return replace


@pytest.fixture(scope="session")
def generate_with(tmp_path_factory, generate_once) -> Callable[[str, str], Path]:
    """Generate a package from the document with a path and schemas added; returns the folder that holds it."""

    def generate(path: str, schemas: str) -> Path:
        folder = tmp_path_factory.mktemp("generated")
        text = DOCUMENT.read_text(encoding="utf-8")
        text = text.replace("\ncomponents:\n", path, 1).replace("\n    # Shared\n", schemas, 1)
        (folder / "openapi.yaml").write_text(text, encoding="utf-8")
        arguments = ["--spec", str(folder / "openapi.yaml"), "--output", str(folder / "polargrid_generated")]
        arguments += ["--overlay", str(folder / "overlay")]
        assert main(arguments, run=generate_once) == 0
        assert main([*arguments, "--check"], run=generate_once) == 0
        return folder

    return generate
