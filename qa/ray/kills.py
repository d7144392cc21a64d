"""An actor, a machine of the cluster, and the driver are killed in the middle of a run: nothing is lost or doubled."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

from qa.batch_kill import write_input
from qa.batch_server import read_counts, start_server
from qa.ray.commands import build_command, count_ids, count_lines, finish, start, wait_until
from qa.ray.processes import find_actors, find_descendants, kill, read_title, wait_for_end

_AGENTS = ("ray::DashboardAgent", "ray::RuntimeEnvAgent")
ROWS, LATENCY, IN_FLIGHT = 4000, 0.1, 64


@dataclass(frozen=True)
class Outcome:
    """What a run has, after a kill."""

    name: str
    lost: int
    doubled: int
    again: int
    """Rows that were asked more than once."""
    status: int
    left_processes: int = 0

    @property
    def is_good(self) -> bool:
        return not (self.lost or self.doubled or self.status or self.left_processes)

    def __str__(self) -> str:
        left = f", {self.left_processes} processes left" if self.left_processes else ""
        return (
            f"{self.name}: {ROWS:,} rows, {self.lost} lost, {self.doubled} doubled, {self.again:,} asked again, "
            f"exit status {self.status}{left}"
        )


@dataclass
class _Run:
    """A server, an input and an output."""

    python: Path
    folder: Path
    url: str

    @property
    def output(self) -> Path:
        return self.folder / "out.jsonl"

    def command(self, *options: str) -> list[str]:
        source = self.folder / "in.jsonl"
        options = ("--max-in-flight", str(IN_FLIGHT), *options)
        return build_command(self.python, source, self.output, self.url, *options)

    def wait_for_rows(self, share: float, process: Popen[str]) -> None:
        wait_until(lambda: count_lines(self.output) >= share * ROWS, process)


def kill_actor(run: _Run) -> tuple[int, int]:
    """Kill the process of an actor, twice."""
    with start(run.command()) as process:
        for share in (0.2, 0.5):
            run.wait_for_rows(share, process)
            actors = find_actors(process.pid)
            assert actors, "no process of an actor"
            kill(actors[0])
            wait_until(lambda dead=actors[0]: not read_title(dead), process)
        return finish(process), 0


def kill_machine(run: _Run) -> tuple[int, int]:
    """Kill one of the two machines of a cluster, with its actor."""
    with start([str(run.python), "-m", "qa.ray.two_machines"]) as cluster:
        assert cluster.stdout
        assert cluster.stdin
        address = cluster.stdout.readline().strip()
        with start(run.command("--address", address, "--workers", "2")) as process:
            run.wait_for_rows(0.3, process)
            print("kill", file=cluster.stdin, flush=True)
            assert cluster.stdout.readline().strip() == "killed"
            return finish(process), 0


def kill_driver(run: _Run) -> tuple[int, int]:
    """Kill the driver, twice, and start it again; what it had started ends with it."""
    left = 0
    for share in (0.3, 0.6):
        with start(run.command()) as process:
            run.wait_for_rows(share, process)
            below = find_descendants(process.pid)
            kill(process.pid)
            process.wait()
            # Two agents of Ray try to reach the cluster that has ended for another minute.
            left += len(wait_for_end([pid for pid in below if not read_title(pid).startswith(_AGENTS)], 30.0))
            for pid in below:
                if read_title(pid):
                    kill(pid)
    with start(run.command()) as process:
        return finish(process), left


KILLS: dict[str, Callable[[_Run], tuple[int, int]]] = {
    "an actor killed twice": kill_actor,
    "one of two machines killed": kill_machine,
    "the driver killed twice": kill_driver,
}


def measure(name: str, python: Path) -> Outcome:
    """Run, kill, and count."""
    with tempfile.TemporaryDirectory() as folder, start_server(LATENCY) as url:
        run = _Run(python, Path(folder), url)
        write_input(run.folder / "in.jsonl", ROWS)
        status, left = KILLS[name](run)
        ids, counts = count_ids(run.output), read_counts(url)
    doubled = sum(count > 1 for count in ids.values())
    return Outcome(name, ROWS - len(ids), doubled, counts["requests"] - counts["prompts"], status, left)
