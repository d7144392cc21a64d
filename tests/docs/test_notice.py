"""NOTICE is true: of the files of models, and of the libraries in the wheels that the extras install."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import distributions
from pathlib import Path

import pytest

from polargrid_edge.models.catalog import MODELS
from polargrid_edge.models.files import HubFile, ModelFile, NpmMember, WheelMembers
from polargrid_edge.models.voices import KOKORO_VOICES

NOTICE = (Path(__file__).parent.parent.parent / "NOTICE").read_text(encoding="utf-8")
FILES = [file for model in MODELS for file in (*model.files, *model.optional_files)]


def _format_sources(file: ModelFile) -> Iterable[str]:
    for source in file.sources:
        match source:
            case WheelMembers(members):
                yield "PyPI " + ", ".join(f"{package} {version}" for package, version, _ in members)
            case NpmMember(package, version):
                yield f"npm {package} {version}"
            case HubFile(repo):
                yield f"hub {repo}"


def _read_files() -> dict[str, list[str]]:
    """Return the sources of each line of files in NOTICE."""
    section = NOTICE.split("\nMODELS\n")[1].split("\nLIBRARIES")[0].split("polargrid_edge/models.\n\n")[1]
    section = re.sub(r",\n {5,}", ", ", section)
    entries: dict[str, list[str]] = {}
    names = ""
    for line in section.splitlines():
        if line.startswith(" "):
            entries[names].append(line.strip())
        elif line:
            names = line
            entries[names] = []
    return entries


@pytest.mark.parametrize("file", FILES, ids=[file.name for file in FILES])
def test_each_file_has_its_sources(file):
    """In the order of the catalog."""
    name = "voices of Kokoro (*.bin)" if file in KOKORO_VOICES.values() else file.name
    (entry,) = [sources for names, sources in _read_files().items() if name in re.split(r", | (?=\(W)", names)]
    assert entry == list(_format_sources(file))


def test_no_other_file_is_listed():
    """Each name is that of a file of the catalog."""
    names = {name for names in _read_files() for name in names.partition(" (Whisper)")[0].split(", ")}
    voices = {file.name for file in KOKORO_VOICES.values()}
    assert names - {"voices of Kokoro (*.bin)"} == {file.name for file in FILES} - voices


def test_each_model_has_its_licence():
    """A line for each model: the page and the catalog have as many."""
    licences = re.findall(r" {2,}(Apache License 2.0|MIT License)$", NOTICE, flags=re.MULTILINE)
    assert sorted(name.split()[0] for name in licences) == sorted(model.licence.split("-")[0] for model in MODELS)


def test_libraries_of_wheels_are_listed():
    """What wheels for Linux have in the folders for libraries of others is what NOTICE names, by folder."""
    installed: dict[str, set[str]] = {}
    for distribution in distributions():
        for path in distribution.files or ():
            if path.parts[0].endswith(".libs") and ".so" in path.name:
                name = re.split(r"-[0-9a-f]{8}|\.so", path.name)[0]
                installed.setdefault(path.parts[0], set()).add(name)
    entries = re.split(r"\n(?=\S)", NOTICE.split("\nLIBRARIES")[1])
    listed = {
        folder: {re.sub(r"\W+$", "", name) for name in re.findall(r"(?<![\w-])lib[\w-]+", entry.split(folder)[1])}
        for entry in entries
        for folder in re.findall(r"In (\S+\.libs):", entry)
    }
    assert listed == installed
