"""`make audit`: known vulnerabilities of the pinned packages (pip-audit), and risky code of the project (bandit).

A program and not a test: it asks a vulnerability service on the network.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements/dev.txt", "requirements/tools.txt", "requirements/docs.txt", "requirements/mocks.txt")
SOURCES = ("overlay", "extras", "generator")


def run_module(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)


def query_service(lock: str, service: str) -> list[dict[str, Any]] | str:
    """Return what the service knows of each pinned package, or why it cannot be queried."""
    options = ["--require-hashes", "--disable-pip", "--progress-spinner", "off", "--format", "json"]
    process = run_module("pip_audit", *options, "--vulnerability-service", service, "--requirement", lock)
    try:
        packages: list[dict[str, Any]] = json.loads(process.stdout)["dependencies"]
    except ValueError:
        return process.stderr.strip().rpartition("\n")[2]
    skipped = [package for package in packages if "skip_reason" in package]
    if not packages or len(skipped) == len(packages):  # the exit status of pip-audit is 0 as well
        return skipped[0]["skip_reason"] if skipped else "the response names no package"
    return packages


def audit_lock(lock: str) -> bool:
    """Print the known vulnerabilities of the packages of a file. Returns whether all were audited and none has any."""
    for service in ("pypi", "osv"):
        packages = query_service(lock, service)
        if not isinstance(packages, str):
            break
        print(f"{lock}: cannot query the vulnerability service {service}: {packages}")
    else:
        print(f"{lock}: NOT AUDITED")
        return False
    skipped = [package for package in packages if "skip_reason" in package]
    vulnerable = [package for package in packages if package.get("vulns")]
    for package in skipped:
        print(f"{lock}: {package['skip_reason']}")
    for package in vulnerable:
        for vulnerability in package["vulns"]:
            name, fixes = f"{package['name']} {package['version']}", ", ".join(vulnerability["fix_versions"]) or "none"
            print(f"{lock}: {name}: {vulnerability['id']}, versions with a fix: {fixes}")
    counts = f"{len(packages)} packages, {len(vulnerable)} with known vulnerabilities, {len(skipped)} not audited"
    print(f"{lock}: {counts}")
    return not vulnerable and not skipped


def main() -> int:
    bandit = run_module("bandit", "--quiet", "--configfile", "pyproject.toml", "--recursive", *SOURCES)
    print(bandit.stdout.strip() or bandit.stderr.strip() or f"bandit: no findings in {', '.join(SOURCES)}")
    passed = [audit_lock(lock) for lock in LOCKS]
    return 1 if bandit.returncode or not all(passed) else 0


if __name__ == "__main__":
    sys.exit(main())
