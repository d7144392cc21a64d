"""python qa/wheel.py DIST: install the built wheel, alone, in an empty environment and run a call there; for each
Python from 3.11 to 3.14 that is on the PATH.

A program and no test: it needs the wheel that `make build` makes, and a package index for what the wheel needs.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

# What `pip install polargrid` may bring: httptools, httpx with sniffio, pydantic, attrs, and what they need.
ALLOWED = {
    *("polargrid", "pip", "setuptools"),
    *("httptools", "httpx", "httpcore", "h11", "anyio", "sniffio", "idna", "certifi"),
    *("pydantic", "pydantic-core", "annotated-types", "typing-extensions", "typing-inspection"),
    "attrs",
}
MINORS = range(11, 15)
CALL = """
import json, sys, threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import polargrid

loaded = {name.partition(".")[0] for name in sys.modules}
assert not loaded & {"polargrid_edge", "polargrid_contract", "click", "httpx", "pydantic"}, loaded


class Health(BaseHTTPRequestHandler):
    def do_GET(self):
        example = {"status": "healthy", "runtime": "cpu", "timestamp": "2026-11-01T12:00:00Z"}
        example["backend"] = {"healthy": True}
        body = json.dumps(example).encode()
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
loaded = {name.partition(".")[0] for name in sys.modules}
assert not loaded & {"polargrid_edge", "polargrid_contract", "click", "rich", "pytest"}, loaded
print(f"polargrid {polargrid.__version__} from the wheel, Python {sys.version.partition(' ')[0]}: called")
"""


def main(folder: Path) -> int:
    wheels = sorted(folder.glob("polargrid-*.whl"), key=lambda path: path.stat().st_mtime)
    if not wheels:
        sys.exit(f"{folder} holds no wheel; `make build` makes it")
    for interpreter in [sys.executable, *others()]:
        with tempfile.TemporaryDirectory() as place:
            called(interpreter, wheels[-1], Path(place))
    return 0


def others() -> list[str]:
    """The other Python versions that the wheel is for, of those that are on the PATH and run."""
    names = [f"python3.{minor}" for minor in MINORS if minor != sys.version_info.minor]
    runs = [subprocess.run(["/usr/bin/env", name, "-c", ""], capture_output=True, check=False) for name in names]
    return [name for name, run in zip(names, runs, strict=True) if run.returncode == 0]


def called(interpreter: str, wheel: Path, place: Path) -> None:
    """Install the wheel in a new environment of an interpreter, look at what it brings, and run a call."""
    subprocess.run([interpreter, "-m", "venv", str(place)], check=True)
    python = place / "bin" / "python"
    pip = [str(python), "-m", "pip", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", str(wheel)], check=True)
    listed = subprocess.run([*pip, "list", "--format=freeze"], check=True, capture_output=True, text=True).stdout
    extra = {line.partition("==")[0].lower().replace("_", "-") for line in listed.split()} - ALLOWED
    if extra:
        sys.exit(f"the wheel brings more than it should: {', '.join(sorted(extra))}")
    # Isolated and in that folder: what is imported is the wheel.
    subprocess.run([str(python), "-I", "-W", "error", "-c", CALL], check=True, cwd=place)
    command = subprocess.run([str(python.parent / "polargrid")], capture_output=True, text=True, check=False)
    if command.returncode != 2 or "polargrid[cli]" not in command.stderr:
        sys.exit(f"the command does not say what it needs: {command.stdout}{command.stderr}")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
