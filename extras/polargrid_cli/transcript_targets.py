"""Where transcripts go: stdout, one file, or a folder with a file for each; nothing is read or written here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import click

from polargrid_cli import stdin

#: By format of the API. A file that ends in one of them gets the first format that has it.
EXTENSIONS = {"text": "txt", "json": "json", "verbose_json": "json", "srt": "srt", "vtt": "vtt"}
_SUBTITLES = ("srt", "vtt")


class Target(NamedTuple):
    """An audio file and where its transcript goes: a file, or stdout."""

    source: str
    path: Path | None


def select_format(name: str | None, target: Path | None, *, json_output: bool) -> str:
    """Return the format: that of `--format` or `--json`, else of the extension of the output file, else text."""
    if json_output and name not in (None, "json"):
        raise click.UsageError(f"--json and --format {name} conflict; pass one of them")
    if json_output or name:
        return "json" if json_output else name or ""
    if not _is_file(target):
        return "text"
    extension = target.suffix.lower().removeprefix(".") if target else ""
    if response_format := next((key for key, value in EXTENSIONS.items() if value == extension), None):
        return response_format
    expected = ", ".join(dict.fromkeys(EXTENSIONS.values()))
    raise click.UsageError(
        f"unknown extension {extension!r} of {target}; expected one of: {expected}; or pass --format,"
        " or name a folder that exists"
    )


def select_targets(files: Sequence[str], target: Path | None, response_format: str) -> list[Target]:
    """Return where each transcript goes; reject what cannot be read or written before a request is sent."""
    stdin.check_single_use(files)
    if target is None or str(target) == stdin.STDIN:
        if len(files) > 1 and response_format in _SUBTITLES:
            raise click.UsageError("subtitles of several files need an output folder; pass one with -o")
        return [Target(file, None) for file in files]
    if target.is_dir():
        return _select_in_folder(files, target, response_format)
    if len(files) > 1:
        raise click.UsageError(f"transcripts of several files need a folder; {target} is none, create it first")
    if not target.parent.is_dir():
        raise click.UsageError(f"cannot write {target}; its folder does not exist")
    return [Target(files[0], target)]


def _select_in_folder(files: Sequence[str], folder: Path, response_format: str) -> list[Target]:
    names = ["stdin" if file == stdin.STDIN else Path(file).stem for file in files]
    paths = [folder / f"{name}.{EXTENSIONS[response_format]}" for name in names]
    if duplicate := next((path for path in paths if paths.count(path) > 1), None):
        raise click.UsageError(f"two of the files have the same output file {duplicate}")
    return [Target(file, path) for file, path in zip(files, paths, strict=True)]


def _is_file(target: Path | None) -> bool:
    return target is not None and str(target) != stdin.STDIN and not target.is_dir()
