"""schemathesis over the specification, against any server, and what it found as outcomes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterable, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, get_args

from polargrid_contract import view
from polargrid_contract.check import NotOffered
from polargrid_contract.conduct import Outcome
from polargrid_contract.findings import CHECKS, DECLARED, outcomes
from polargrid_contract.server import Kind, Server, Target, specification

# What servers of the `openai` profile are free to do otherwise.
_NOT_SHARED = (
    "response_headers_conformance",
    "unsupported_method",
    "allow_header_conformance",
    "missing_required_header",
    "ignored_auth",
    "negative_data_rejection",  # a field that a server does not know it need not judge
    *DECLARED,
)


def schema_outcomes(
    target: Target,
    *,
    max_examples: int = 20,
    seed: int | None = None,
    seconds: float | None = None,
    only: Collection[str] = (),
    skip: Collection[str] = (),
) -> list[Outcome]:
    """One outcome for each of schemathesis's checks. After `seconds` it is ended, and what it found counts."""
    operations = _picked(_operations(target), only, skip)
    checks = _picked({check for check in CHECKS if _applies(check, target)}, only, skip)
    if only and not set(only) & (set(_operations(target)) | set(CHECKS)):
        return []  # it names conduct checks
    server = Server(target)
    try:
        document = _document(server, operations)
    finally:
        server.close()
    options = ["--max-examples", str(max_examples), "--checks", ",".join(sorted(checks))]
    options += ["--request-timeout", str(target.timeout)]
    options += ["--seed", str(seed)] if seed is not None else []
    rows, ended = _run(target, document, options, seconds)
    return outcomes(rows, document, sorted(checks), ended=ended)


def _applies(check: str, target: Target) -> bool:
    return target.profile == "polargrid" or check not in _NOT_SHARED


def _operations(target: Target) -> set[str]:
    if target.profile == "openai":
        return set(view.SHARED)
    return {operation["operationId"] for item in specification()["paths"].values() for operation in item.values()}


def _picked(names: set[str], only: Collection[str], skip: Collection[str]) -> set[str]:
    """Those that `only` names, or all where it names none of them; without those that `skip` names."""
    return ((names & set(only)) or names) - set(skip)


def _document(server: Server, operations: set[str]) -> dict[str, Any]:
    """The specification for this server: its models, the operations that it has."""
    models: dict[str, str] = {}
    kinds: tuple[Kind, ...] = get_args(Kind)
    for kind in kinds:
        try:
            models[kind] = server.model(kind)
        except NotOffered:
            continue
    shared_only = server.target.profile == "openai"
    if shared_only:
        operations = {name for name in operations if view.KINDS.get(name, "") in ("", *models) and _has(server, name)}
    return view.view(specification(), models, operations, shared_only=shared_only)


def _has(server: Server, operation: str) -> bool:
    """Whether the server has the operation: an empty request is answered otherwise than by its absence."""
    try:
        server.offered(server.ask(operation, None if operation == "list_models" else {}))
    except NotOffered:
        return False
    return True


def _run(
    target: Target, document: dict[str, Any], options: Sequence[str], seconds: float | None
) -> tuple[list[dict[str, Any]], bool]:
    """The rows of schemathesis's event log, and whether its time ran out."""
    with tempfile.TemporaryDirectory() as folder:
        specified, config, log = (Path(folder) / name for name in ("openapi.json", "schemathesis.toml", "log.ndjson"))
        specified.write_text(json.dumps(document), encoding="utf-8")
        settings = resources.files("polargrid_contract").joinpath("schemathesis.toml").read_text("utf-8")
        config.write_text(configuration(settings), encoding="utf-8")
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run", str(specified)]
        command += ["--url", target.url, "--report", "ndjson", "--report-ndjson-path", str(log), *options]
        environment = {**os.environ, "POLARGRID_CONTRACT_KEY": target.api_key}
        try:
            done = subprocess.run(
                command, env=environment, cwd=folder, check=False, capture_output=True, text=True, timeout=seconds
            )
        except subprocess.TimeoutExpired:
            return list(_rows(log)), True
        rows = list(_rows(log))
        if not rows:
            raise RuntimeError(f"schemathesis did not start: {(done.stderr or done.stdout)[-500:]}")
        return rows, False


def _rows(log: Path) -> Iterable[dict[str, Any]]:
    """The log's rows; the last one may be cut where the run was ended."""
    for line in log.read_text(encoding="utf-8").splitlines() if log.exists() else ():
        try:
            yield json.loads(line)
        except ValueError:
            return


def configuration(shipped: str) -> str:
    """The shipped settings and the key, which schemathesis takes from the environment."""
    return f'{shipped}\n[auth.openapi.bearerAuth]\nbearer = "${{POLARGRID_CONTRACT_KEY}}"\n'
