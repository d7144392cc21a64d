"""The versions of the API in git. Nothing is written but a temporary folder."""

from __future__ import annotations

import io
import json
import re
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_DOCUMENT = "openapi.yaml"
_FOLDERS = ("overlay", "generated")
_RECORD = re.compile(r"<!-- changes since ([0-9a-f]{7,40}) -->")


class NoBaseError(Exception):
    """There is no older version to compare with."""


@dataclass(frozen=True)
class Base:
    """The older version."""

    ref: str
    reason: str
    """Why this version, in words that follow `since`."""
    version: str = ""
    """The released version, if it is the tag of one."""


class History:
    """The git repository of a folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def choose_base(self, ref: str = "") -> Base:
        """Return the version that a ref names, or else the last tag, the commit that CHANGELOG.md records before the
        first tag, or the merge base with main.

        Raises NoBaseError, with the reason, if the clone has none of them.
        """
        if ref:
            return Base(self._resolve(ref), ref, _read_version(ref))
        if tag := self._run("describe", "--tags", "--abbrev=0", "--match", "v[0-9]*"):
            return Base(self._resolve(tag), f"{tag}, the last tag", _read_version(tag))
        changelog = self._root / "CHANGELOG.md"
        record = _RECORD.search(changelog.read_text(encoding="utf-8")) if changelog.exists() else None
        if record and (commit := self._run("rev-parse", "--verify", "--quiet", f"{record[1]}^{{commit}}")):
            return Base(commit, f"{commit[:7]}, which CHANGELOG.md records; there is no tag")
        for branch in ("main", "origin/main"):
            if commit := self._run("merge-base", "HEAD", branch):
                return Base(commit, f"{commit[:7]}, the merge base with {branch}; there is no tag")
        is_shallow = self._run("rev-parse", "--is-shallow-repository") == "true"
        hint = "the clone is shallow; fetch its history and its tags" if is_shallow else "no tag, and no branch main"
        raise NoBaseError(hint if self._run("rev-parse", "HEAD") else "no git repository with a commit")

    def _resolve(self, ref: str) -> str:
        commit = self._run("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
        if not commit:
            raise NoBaseError(f"unknown ref {ref!r}; fetch it, or name another with SINCE=")
        return commit

    def read_file(self, ref: str, path: str) -> str | None:
        """Return the text of a file in a version; None if it has none."""
        process = self._start("show", f"{ref}:{path}")
        return process.stdout.decode("utf-8") if process.returncode == 0 else None

    def read_document(self, ref: str) -> dict[str, Any]:
        """Return the document of a version, without checks: an older one may have been written for other rules.

        Raises NoBaseError if the version has none.
        """
        text = self.read_file(ref, _DOCUMENT)
        if text is None:
            raise NoBaseError(f"{ref[:7]} has no {_DOCUMENT}")
        document: dict[str, Any] = json.loads(json.dumps(yaml.load(text, yaml.CSafeLoader), default=str))
        return document

    def extract_packages(self, ref: str, folder: Path) -> None:
        """Write the sources of the Python packages of a version to a folder."""
        present = [name for name in _FOLDERS if self._run("rev-parse", "--verify", "--quiet", f"{ref}:{name}")]
        if present:
            archive = self._start("archive", "--format=tar", ref, *present).stdout
            with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
                tar.extractall(folder, filter="data")

    def _run(self, *arguments: str) -> str:
        """Return what git prints; nothing if it fails."""
        process = self._start(*arguments)
        return process.stdout.decode("utf-8").strip() if process.returncode == 0 else ""

    def _start(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(["git", *arguments], cwd=self._root, capture_output=True, check=False)
        except FileNotFoundError:
            return subprocess.CompletedProcess(arguments, 127, b"", b"git is not installed")


def _read_version(ref: str) -> str:
    return ref.removeprefix("v") if re.fullmatch(r"v[0-9].*", ref) else ""
