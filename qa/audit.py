"""`make audit`: known vulnerabilities of what we depend on (pip-audit), and of what we write (bandit).

A program and no test: it asks a vulnerability service on the network.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCKED = ("requirements/dev.txt", "requirements/tools.txt", "requirements/docs.txt")
OURS = ("overlay", "edge", "contract", "generator")


def ran(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=ROOT, check=False, capture_output=True, text=True
    )


def asked(requirements: str, service: str) -> list[dict[str, Any]] | str:
    """What the service says of each pinned package, or why it says nothing."""
    options = ["--require-hashes", "--disable-pip", "--progress-spinner", "off", "--format", "json"]
    done = ran("pip_audit", *options, "--vulnerability-service", service, "--requirement", requirements)
    try:
        packages: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except ValueError:
        return done.stderr.strip().rpartition("\n")[2]
    unknown = [package for package in packages if "skip_reason" in package]
    if not packages or len(unknown) == len(packages):  # pip-audit itself ends with 0 then
        return unknown[0]["skip_reason"] if unknown else "it named no package"
    return packages


def audited(requirements: str) -> bool:
    """Print what is known of the packages of a file; whether nothing is, of any."""
    for service in ("pypi", "osv"):
        told = asked(requirements, service)
        if not isinstance(told, str):
            break
        print(f"{requirements}: the vulnerability service {service} cannot be asked from here: {told}")
    else:
        print(f"{requirements}: NOT AUDITED")
        return False
    unknown = [package for package in told if "skip_reason" in package]
    known = [package for package in told if package.get("vulns")]
    for package in unknown:
        print(f"{requirements}: {package['skip_reason']}")
    for package in known:
        for each in package["vulns"]:
            print(f"{requirements}: {package['name']} {package['version']}: {each['id']}, see {each['fix_versions']}")
    print(f"{requirements}: {len(told)} packages, {len(known)} with known vulnerabilities, {len(unknown)} not audited")
    return not known and not unknown


def main() -> int:
    bandit = ran("bandit", "--quiet", "--configfile", "pyproject.toml", "--recursive", *OURS)
    print(bandit.stdout.strip() or bandit.stderr.strip() or f"bandit: nothing in {', '.join(OURS)}")
    good = [audited(each) for each in LOCKED]
    return 1 if bandit.returncode or not all(good) else 0


if __name__ == "__main__":
    sys.exit(main())
