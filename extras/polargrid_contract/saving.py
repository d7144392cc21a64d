"""Files that keep the request and the response of each violation, so that a curl command can repeat the request."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from polargrid_contract.curl import Attachments, build_curl, is_inline
from polargrid_contract.exchange import Exchange
from polargrid_contract.results import OperationResult, Outcome, Report, Violation

#: The list of the files of a run, by which the next run knows what it may replace.
INDEX = "polargrid-contract.json"
_SENT = "request.http"
_EXTENSIONS = {
    "application/json": "json",
    "audio/flac": "flac",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "text/event-stream": "txt",
    "text/html": "html",
    "text/plain": "txt",
    "text/vtt": "vtt",
}
Files = dict[str, bytes]


class FolderInUseError(Exception):
    """The folder has files that no run has written; the message names it."""


def plan_files(report: Report, folder: str) -> tuple[Report, Files]:
    """Return the report with curl commands that read saved files, and the files by their path in the folder.

    A violation is in `CHECK/OPERATION-NUMBER`. The commands in the report are for the folder, the one that is saved
    with a violation for any folder. The exchanges of the report are redacted already (see `redaction`).
    """
    files: Files = {}
    outcomes = tuple(_plan_outcome(outcome, files) for outcome in report.outcomes)
    return replace(report, outcomes=outcomes, saved_in=folder), files


def check_folder(folder: Path) -> None:
    """Raise FolderInUseError if the folder has files of somebody else."""
    if folder.exists() and not folder.is_dir():
        raise FolderInUseError(f"{folder} is a file; --save needs a folder")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / INDEX).is_file():
        raise FolderInUseError(f"{folder} has other files; --save needs a new folder, or that of an earlier run")


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files and the index, and remove the files of an earlier run. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in _read_index(folder / INDEX):
        file = folder / name
        if file.resolve().is_relative_to(folder.resolve()) and name not in files:
            file.unlink(missing_ok=True)
            _remove_empty(file.parent, folder)
    for name, data in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    (folder / INDEX).write_text(json.dumps({"files": sorted(files)}, indent=2) + "\n", encoding="utf-8")


def _read_index(file: Path) -> list[str]:
    try:
        names = json.loads(file.read_bytes())["files"]
    except (OSError, ValueError, TypeError, KeyError):
        return []
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def _remove_empty(folder: Path, root: Path) -> None:
    while folder != root and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _plan_outcome(outcome: Outcome, files: Files) -> Outcome:
    violations = tuple(_plan_violations(outcome, files))
    return replace(outcome, violations=violations, results=tuple(_plan_results(outcome, files)))


def _plan_violations(outcome: Outcome, files: Files) -> Iterator[Violation]:
    numbers: Counter[str] = Counter()
    for violation in outcome.violations:
        if violation.exchange is None:
            yield violation
            continue
        name = _simplify(violation.operation)
        numbers[name] += 1
        folder = f"{_simplify(outcome.check)}/{name}-{numbers[name]}"
        command = _plan_exchange(violation.exchange, folder, files)
        files[f"{folder}/violation.txt"] = _describe(outcome, violation).encode()
        yield replace(violation, saved=folder, curl=command)


def _plan_results(outcome: Outcome, files: Files) -> Iterator[OperationResult]:
    """Save what a check that could not judge looked at."""
    for result in outcome.results:
        name = f"{_simplify(outcome.check)}/{_simplify(result.operation)}-not-judged"
        commands = [_plan_exchange(it, f"{name}-{number}", files) for number, it in enumerate(result.exchanges, 1)]
        yield replace(result, curls=tuple(commands))


def _plan_exchange(exchange: Exchange, folder: str, files: Files) -> str:
    """Add the files of an exchange, and return the curl command for the folder of the run."""
    saved, attachments = _save_request(exchange)
    saved |= _save_response(exchange)
    command, moved = build_curl(exchange, attachments), build_curl(exchange, _move(attachments, folder))
    saved["repeat.sh"] = f'cd "$(dirname "$0")"\n{command}\n'.encode()
    files |= {f"{folder}/{file}": data for file, data in saved.items()}
    return moved


def _save_request(exchange: Exchange) -> tuple[Files, Attachments]:
    """The files of a request, and what they are for the curl command."""
    saved: Files = {}
    if exchange.sent:
        return {_SENT: exchange.sent}, Attachments(sent=_SENT)
    body, fields, uploads = "", {}, []
    if exchange.content is not None:
        content_type = next((value for name, value in exchange.headers.items() if name.lower() == "content-type"), "")
        body = f"request-body.{_extension(content_type)}"
        saved[body] = exchange.content
    if exchange.form is not None:
        saved["request-form.json"] = json.dumps(dict(exchange.form), indent=2).encode() + b"\n"
        for number, (name, value) in enumerate(exchange.form.items(), 1):
            if not is_inline(value):
                fields[name] = f"request-field-{number}.txt"
                saved[fields[name]] = value.encode()
    for number, upload in enumerate(exchange.uploads, 1):
        uploads.append(f"upload-{number}-{_simplify(upload.name)}")
        saved[uploads[-1]] = upload.data
    return saved, Attachments(body, tuple(uploads), fields)


def _save_response(exchange: Exchange) -> Files:
    if not exchange.status:
        return {"response-head.txt": f"no response: {exchange.error}\n".encode()}
    headers = "".join(f"{name}: {value}\n" for name, value in exchange.response_headers.items())
    error = f"\nincomplete: {exchange.error}\n" if exchange.error else ""
    head = f"HTTP {exchange.status}\n{headers}{error}"
    return {"response-head.txt": head.encode(), f"response-body.{_extension(exchange.media_type)}": exchange.body}


def _describe(outcome: Outcome, violation: Violation) -> str:
    return (
        f"check: {outcome.check}\noperation: {violation.operation}\nrationale: {outcome.rationale}\n"
        f"expected: {violation.expected}\nactual: {violation.actual}\n"
    )


def _move(attachments: Attachments, folder: str) -> Attachments:
    return Attachments(
        f"{folder}/{attachments.body}",
        tuple(f"{folder}/{name}" for name in attachments.uploads),
        {field: f"{folder}/{name}" for field, name in attachments.fields.items()},
        f"{folder}/{attachments.sent}",
    )


def _extension(content_type: str) -> str:
    media_type = content_type.partition(";")[0].strip().lower()
    return _EXTENSIONS.get(media_type, "json" if media_type.endswith("+json") else "bin")


def _simplify(name: str) -> str:
    """A name for a file on any system."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip(".-")[:80] or "unnamed"
