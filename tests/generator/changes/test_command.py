"""`python -m generator.changes` in a git repository with the real document and the real packages."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from generator.__main__ import ROOT, main as generate
from generator.changes.__main__ import main
from tests.generator.changes import test_arguments as arguments, test_operations as operations, test_types as types

IGNORED = shutil.ignore_patterns("__pycache__", "raw")


class Repository:
    """A git repository with a copy of this project's API."""

    def __init__(self, root: Path, document: str) -> None:
        self.root = root
        for name in ("overlay", "generated"):
            shutil.copytree(ROOT / name, root / name, ignore=IGNORED)
        self.write("openapi.yaml", document)
        self.write("CHANGELOG.md", "## Unreleased\n")
        self.write("pyproject.toml", '[project]\nname = "polargrid"\nversion = "1.0.0"\n')
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("config", "user.name", "A")
        self.git("config", "user.email", "a@example.com")

    def git(self, *arguments: str) -> str:
        process = subprocess.run(["git", *arguments], cwd=self.root, check=True, capture_output=True, text=True)
        return process.stdout.strip()

    def write(self, name: str, text: str) -> None:
        (self.root / name).write_text(text, encoding="utf-8")

    def commit(self, tag: str = "") -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message=A version")
        if tag:
            self.git("tag", tag)

    def edit(self, *edits: Callable[[dict[str, object]], object]) -> str:
        spec = yaml.load((self.root / "openapi.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
        for change in edits:
            change(spec)
        text: str = yaml.dump(spec, Dumper=yaml.CSafeDumper, sort_keys=False)
        self.write("openapi.yaml", text)
        return text

    def run(self, *arguments: str) -> int:
        return main(["--root", str(self.root), *arguments])


@pytest.fixture
def repository(tmp_path, document_text) -> Repository:
    """A repository whose commits are made by the test."""
    return Repository(tmp_path, document_text)


def test_ten_edits_and_their_generated_code(repository, capsys, fill):
    """Ten edits of the file are one line each, although the generated code changed in many more places."""
    repository.commit("v1.0.0")
    chosen = (
        *(operations.remove_operation, operations.add_operation, operations.move_operation, operations.change_call),
        *(operations.remove_stream, types.remove_value, types.add_response_field),
        *(arguments.remove_argument, arguments.widen_argument, arguments.change_default),
    )
    cases = [*operations.CASES, *arguments.CASES, *types.CASES]
    edits = [(case[0], case) for case in cases if case[0] in chosen]
    assert len(edits) == 10
    old_text = (repository.root / "openapi.yaml").read_text(encoding="utf-8")
    text = repository.edit(*(edit for edit, _ in edits))
    folder = repository.root / "generated" / "polargrid_generated"
    flags = ["--spec", str(repository.root / "openapi.yaml"), "--output", str(folder), "--overlay", "none"]
    assert generate(flags) == 0
    capsys.readouterr()
    assert repository.run() == 0
    output = " ".join(capsys.readouterr().out.replace("\n- ", "\n\0 ").split()).replace("\0", "\n-")
    lines = [line.removeprefix("- ").split(" ###")[0].strip() for line in output.split("\n")[1:]]
    assert sorted(lines) == sorted(fill(case[2], old_text, text).replace("v1.0)", "v1.0.0)") for _, case in edits)


def test_breaking_change_without_an_entry_fails(repository, capsys):
    """The check fails until the changelog and the version say that something breaks."""
    repository.commit("v1.0.0")
    repository.edit(arguments.remove_argument)
    assert repository.run("--check") == 1
    output = " ".join(capsys.readouterr().out.split())
    assert "CHANGELOG.md: no entry below `### Breaking` states: `chat_completion`: the argument `seed`" in output
    assert "breaking changes since 1.0.0 require version 2.0.0 or higher; pyproject.toml has 1.0.0" in output
    repository.write("CHANGELOG.md", "## Unreleased\n\n### Breaking\n\n- `chat_completion` has no `seed`.\n")
    repository.write("pyproject.toml", '[project]\nversion = "2.0.0"\n')
    assert repository.run("--check") == 0
    assert "changes since v1.0.0, the last tag: 1, each breaking one is in CHANGELOG.md" in capsys.readouterr().out


def test_base_before_the_first_tag(repository, capsys):
    """Without a tag, the commit that the changelog records is compared, else the merge base with main."""
    repository.commit()
    first = repository.git("rev-parse", "HEAD")
    repository.edit(operations.deprecate)
    repository.commit()
    assert repository.run() == 0
    output = capsys.readouterr()
    assert (output.out, "the merge base with main" in output.err) == ("No change of the API.\n", True)
    repository.write("CHANGELOG.md", f"## Unreleased\n<!-- changes since {first} -->\n")
    assert repository.run() == 0
    output = capsys.readouterr()
    assert "`unload_all_models`: is deprecated" in output.out
    assert f"Since {first[:7]}, which CHANGELOG.md records; there is no tag" in output.err


def test_clone_without_history(repository, tmp_path_factory, capsys):
    """A shallow clone has nothing to compare with; the check says so and passes."""
    repository.commit()
    repository.commit()
    clone = tmp_path_factory.mktemp("clone") / "clone"
    repository.git("clone", "--quiet", "--depth=1", "--no-tags", f"file://{repository.root}", str(clone))
    subprocess.run(["git", "checkout", "--quiet", "--detach"], cwd=clone, check=True)
    subprocess.run(["git", "branch", "--quiet", "-D", "main"], cwd=clone, check=True)
    subprocess.run(["git", "remote", "remove", "origin"], cwd=clone, check=True)
    assert main(["--root", str(clone), "--check"]) == 0
    assert "nothing to compare with: the clone is shallow" in capsys.readouterr().err


def test_unknown_ref(repository, capsys):
    """A ref that does not exist is an error."""
    repository.commit()
    assert repository.run("--since", "v9") == 1
    assert "unknown ref 'v9'" in capsys.readouterr().err


def test_command_writes_nothing(repository):
    """The working tree and the repository stay as they are."""
    repository.commit("v1.0.0")
    repository.run()
    assert repository.git("status", "--porcelain", "--ignored") == ""
    assert repository.git("worktree", "list").count("\n") == 0


def test_folder_without_git(tmp_path, capsys):
    """Outside of a repository, there is nothing to compare with."""
    (tmp_path / "openapi.yaml").touch()
    assert main(["--root", str(tmp_path), "--check"]) == 0
    assert "no git repository" in capsys.readouterr().err
