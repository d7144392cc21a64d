"""Runs schemathesis with openapi.yaml against a server and returns its findings as outcomes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from polargrid_contract.client import OperationMissing, ServerClient, TargetServer
from polargrid_contract.document import restrict_document
from polargrid_contract.fuzz.event_log import CHECKS, EXTENSION_CHECKS, build_outcomes
from polargrid_contract.operations import DocumentedOperation, read_operations
from polargrid_contract.results import Outcome

# Text parts of a form have no types on the wire: a value that schemathesis makes invalid by its type (a number instead
# of a string) arrives as valid text. The coverage phase and every other check still report values that are invalid.
_FORM_SETTINGS = """
[[operations]]
include-operation-id = {names}
phases.fuzzing.checks.negative_data_rejection.enabled = false
phases.stateful.checks.negative_data_rejection.enabled = false
"""
# Checks of what servers of the `openai` profile are free to do otherwise.
POLARGRID_ONLY = (
    "response_headers_conformance",
    "unsupported_method",
    "allow_header_conformance",
    "missing_required_header",
    "ignored_auth",
    "negative_data_rejection",  # a server need not validate a field that it does not support
    "positive_data_acceptance",  # nor accept one: PolarGrid has more fields, voices and limits of its own
    *EXTENSION_CHECKS,
)


def run_schemathesis(
    target: TargetServer,
    *,
    max_examples: int = 20,
    seed: int | None = None,
    seconds: float | None = None,
    only: Collection[str] = (),
    skip: Collection[str] = (),
) -> list[Outcome]:
    """Return one outcome for each check. After `seconds` the run ends, and what it found until then is returned.

    Operations that change something are not tested for a read-only target.
    """
    operations = _select(_operations(target), only, skip)
    checks = _select({check for check in CHECKS if _applies(check, target)}, only, skip)
    if only and not set(only) & (set(_operations(target)) | set(CHECKS)):
        return []  # `only` names behaviour checks
    client = ServerClient(target)
    try:
        document = _build_document(client, operations)
    finally:
        client.close()
    options = ["--max-examples", str(max_examples), "--checks", ",".join(sorted(checks))]
    options += ["--request-timeout", str(target.timeout)]
    options += ["--seed", str(seed)] if seed is not None else []
    rows, timed_out = _run(target, document, options, seconds)
    return build_outcomes(rows, document, sorted(checks), timed_out=timed_out)


def build_configuration(settings: str, document: Mapping[str, Any]) -> str:
    """Add what depends on the document, and the API key, which schemathesis reads from the environment."""
    forms = [it.name for it in read_operations(document).values() if it.form_type and not it.json_type]
    sections = [settings, '[auth.openapi.bearerAuth]\nbearer = "${POLARGRID_CONTRACT_KEY}"\n']
    if forms:
        sections.append(_FORM_SETTINGS.format(names=json.dumps(forms)))
    return "\n".join(sections)


def _applies(check: str, target: TargetServer) -> bool:
    return target.profile == "polargrid" or check not in POLARGRID_ONLY


def _operations(target: TargetServer) -> set[str]:
    operations = read_operations(target.document).values()
    return {it.name for it in operations if it.is_in(target.profile) and not (target.read_only and it.has_effect)}


def _select(names: set[str], only: Collection[str], skip: Collection[str]) -> set[str]:
    """The names in `only`, or all if it contains none of them; without the names in `skip`."""
    return ((names & set(only)) or names) - set(skip)


def _build_document(client: ServerClient, operations: set[str]) -> dict[str, Any]:
    """Restrict the document to the models and operations of the server."""
    documented = [client.operations[name] for name in operations]
    models: dict[str | None, str] = {}
    for kind in {it.model.kind for it in documented if it.model is not None}:
        try:
            models[kind] = client.model(kind)
        except OperationMissing:
            continue
    shared_only = client.target.profile == "openai"
    if shared_only:
        has_model = [it for it in documented if it.model is None or it.model.kind in models]
        operations = {it.name for it in has_model if _has_operation(client, it)}
    return restrict_document(client.target.document, models, operations, shared_only=shared_only)


def _has_operation(client: ServerClient, operation: DocumentedOperation) -> bool:
    """Whether the server has the operation: an empty request gets another status than for an unknown path."""
    try:
        client.require(client.send(operation.name, {} if operation.contents else None))
    except OperationMissing:
        return False
    return True


def _run(
    target: TargetServer, document: dict[str, Any], options: Sequence[str], seconds: float | None
) -> tuple[list[dict[str, Any]], bool]:
    """Return the rows of the event log, and whether the time budget ended the run."""
    with tempfile.TemporaryDirectory() as folder:
        document_file, config, log = (
            Path(folder) / name for name in ("openapi.json", "schemathesis.toml", "log.ndjson")
        )
        document_file.write_text(json.dumps(document), encoding="utf-8")
        settings = resources.files("polargrid_contract.fuzz").joinpath("schemathesis.toml").read_text("utf-8")
        config.write_text(build_configuration(settings, document), encoding="utf-8")
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run", str(document_file)]
        command += ["--url", target.url, "--report", "ndjson", "--report-ndjson-path", str(log), *options]
        environment = {**os.environ, "POLARGRID_CONTRACT_KEY": target.api_key}
        try:
            process = subprocess.run(
                command, env=environment, cwd=folder, check=False, capture_output=True, text=True, timeout=seconds
            )
        except subprocess.TimeoutExpired:
            return list(_read_rows(log)), True
        rows = list(_read_rows(log))
        if not rows:
            raise RuntimeError(f"schemathesis did not start: {(process.stderr or process.stdout)[-500:]}")
        return rows, False


def _read_rows(log: Path) -> Iterable[dict[str, Any]]:
    """Yield the rows of the log; the last one may be truncated if the run timed out."""
    for line in log.read_text(encoding="utf-8").splitlines() if log.exists() else ():
        try:
            yield json.loads(line)
        except ValueError:
            return
