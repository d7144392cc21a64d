"""The programs in OpenAI's manner: each runs on both SDKs against one edge, and has to print the same."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from polargrid_edge.settings import LOCAL_KEY
from qa.benchmarks.environments import ROOT
from qa.compat.environment import FOLDER

PROGRAMS: Final = ROOT / "tests" / "overlay" / "openai_programs"
RECORDINGS: Final = PROGRAMS / "recordings"
_SPOKEN: Final = "Good morning. It is snowing in Quebec."


@dataclass(frozen=True, slots=True)
class Run:
    """What a program printed, or the exception that it ended with."""

    output: str
    error: str


@dataclass(frozen=True, slots=True)
class ProgramResult:
    """A program on both SDKs."""

    name: str
    theirs: Run
    ours: Run

    @property
    def problem(self) -> str:
        """Why the program does not pass; "" if it does."""
        if self.theirs.error:
            return f"on OpenAI's SDK: {self.theirs.error}"
        if self.ours.error:
            return f"on this SDK: {self.ours.error}"
        if not self.theirs.output:
            return "it prints nothing"
        pairs = list(zip(self.theirs.output.splitlines(), self.ours.output.splitlines(), strict=False))
        for number, (one, other) in enumerate(pairs, 1):
            if one != other:
                return f"line {number} of the output: {one!r} on OpenAI's SDK, {other!r} on this SDK"
        return "" if self.theirs.output == self.ours.output else "one SDK prints more than the other"


def list_programs() -> list[Path]:
    """The programs, by name."""
    return sorted(PROGRAMS.glob("*.py"))


@dataclass(frozen=True, slots=True)
class Setting:
    """Where programs run: the interpreter, the URL of the edge, and the recording in their working directory."""

    python: Path
    url: str
    recording: bytes


def run_programs(
    package: str, setting: Setting, programs: Sequence[Path], on_run: Callable[[str, Run], None]
) -> dict[str, Run]:
    """Run programs on a package, each after the other in one process."""
    results: dict[str, Run] = {}
    with _start(package, setting) as process:
        for path in programs:
            assert process.stdin
            assert process.stdout
            process.stdin.write(f"{path}\n")
            process.stdin.flush()
            line = process.stdout.readline()
            fields = json.loads(line) if line else {"output": "", "error": "the process ended"}
            results[path.stem] = Run(**fields)
            on_run(path.stem, results[path.stem])
    return results


@contextmanager
def _start(package: str, setting: Setting) -> Iterator[subprocess.Popen[str]]:
    """Start the process that runs programs, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "recording.wav").write_bytes(setting.recording)
        # -P: a program may have the name of a package.
        command = [str(setting.python), "-P", "-B", str(FOLDER / "play.py"), package]
        environment = _build_environment(setting.url, folder)
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        with subprocess.Popen(command, cwd=folder, env=environment, **pipes) as process:
            try:
                yield process
            finally:
                process.kill()


def synthesize_recording(url: str) -> bytes:
    """A sentence as WAV, by the edge."""
    body = {"model": "tts-1", "voice": "alloy", "input": _SPOKEN, "response_format": "wav"}
    headers = {"authorization": f"Bearer {LOCAL_KEY}"}
    response = httpx.post(f"{url}/v1/audio/speech", json=body, headers=headers, timeout=120, trust_env=False)
    return response.raise_for_status().content


def _build_environment(url: str, home: str) -> dict[str, str]:
    """The environment of a program: the edge where either SDK looks for it, and no other setting of the machine."""
    environment = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT") if name in os.environ}
    edge = {"OPENAI_BASE_URL": f"{url}/v1", "POLARGRID_BASE_URL": url}
    keys = dict.fromkeys(("OPENAI_API_KEY", "POLARGRID_API_KEY"), LOCAL_KEY)
    return environment | edge | keys | {"HOME": home, "PYTHONIOENCODING": "utf-8"}
