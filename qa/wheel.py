"""`python qa/wheel.py DIST`: install the built wheel by itself in an empty environment, and run a call there.

It runs each Python from 3.11 to 3.14 on the PATH. A program and not a test: it needs the wheel of `make build` and a
package index for the wheel's dependencies.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

#: What `pip install polargrid` may install: httpx with sniffio, pydantic, attrs, and their dependencies.
ALLOWED = {
    *("polargrid", "pip", "setuptools"),
    *("httpx", "httpcore", "h11", "anyio", "sniffio", "idna", "certifi"),
    *("pydantic", "pydantic-core", "annotated-types", "typing-extensions", "typing-inspection"),
    "attrs",
}
MINOR_VERSIONS = range(11, 15)
#: The program of a user who has the wheel alone: no extra is imported, and httpx and pydantic only by the call.
CALL = """
import json, sys, threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import polargrid

PACKAGES = ("cli", "edge", "contract", "fast", "testing", "otel", "batch")
EXTRAS = {f"polargrid_{name}" for name in PACKAGES} | {"click", "rich", "pytest", "opentelemetry"}


def imported():
    return {name.partition(".")[0] for name in sys.modules}


assert not imported() & (EXTRAS | {"httpx", "pydantic"}), imported()


class Health(BaseHTTPRequestHandler):
    def do_GET(self):
        health = {"status": "healthy", "runtime": "cpu", "timestamp": "2026-11-01T12:00:00Z"}
        body = json.dumps({**health, "backend": {"healthy": True}}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


server = HTTPServer(("127.0.0.1", 0), Health)
threading.Thread(target=server.serve_forever, daemon=True).start()
with polargrid.PolarGridSync(base_url=f"http://127.0.0.1:{server.server_port}") as client:
    assert client.health().status == "healthy"
server.shutdown()
server.server_close()
assert not imported() & EXTRAS, imported()
print(f"polargrid {polargrid.__version__} from the wheel, Python {sys.version.partition(' ')[0]}: the call succeeded")
"""


def main(folder: Path) -> int:
    wheels = sorted(folder.glob("polargrid-*.whl"), key=lambda path: path.stat().st_mtime)
    if not wheels:
        sys.exit(f"no wheel in {folder}; run: make build")
    for interpreter in [sys.executable, *find_interpreters()]:
        with tempfile.TemporaryDirectory() as environment:
            check_wheel(interpreter, wheels[-1], Path(environment))
    return 0


def find_interpreters() -> list[str]:
    """The other supported versions of Python on the PATH that run."""
    names = [f"python3.{minor}" for minor in MINOR_VERSIONS if minor != sys.version_info.minor]
    runs = [subprocess.run(["/usr/bin/env", name, "-c", ""], capture_output=True, check=False) for name in names]
    return [name for name, run in zip(names, runs, strict=True) if run.returncode == 0]


def check_wheel(interpreter: str, wheel: Path, environment: Path) -> None:
    """Install the wheel in a new environment of an interpreter, check its dependencies, and run a call."""
    subprocess.run([interpreter, "-m", "venv", str(environment)], check=True)
    python = environment / "bin" / "python"
    pip = [str(python), "-m", "pip", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", str(wheel)], check=True)
    listing = subprocess.run([*pip, "list", "--format=freeze"], check=True, capture_output=True, text=True).stdout
    installed = {line.partition("==")[0].lower().replace("_", "-") for line in listing.split()}
    if unexpected := installed - ALLOWED:
        sys.exit(f"the wheel installs unexpected packages: {', '.join(sorted(unexpected))}")
    # Isolated and in another folder, Python imports the wheel and not this source tree.
    subprocess.run([str(python), "-I", "-W", "error", "-c", CALL], check=True, cwd=environment)
    command = subprocess.run([str(python.parent / "polargrid")], capture_output=True, text=True, check=False)
    if command.returncode != 2 or "polargrid[cli]" not in command.stderr:
        sys.exit(f"the command does not name the extra that it needs: {command.stdout}{command.stderr}")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
