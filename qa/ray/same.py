"""The same input through a run on this machine and one on Ray, against a local edge with real models."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from polargrid_edge.models.catalog import Catalog
from polargrid_edge.models.files import ensure
from polargrid_edge.server import run_in_thread
from polargrid_edge.settings import EdgeSettings
from qa.ray.commands import build_command, finish, start

_ENGINES = {"warm-up": "local", "local": "local", "ray": "ray"}
_EMBEDDING, _VOICE = "all-minilm-l6-v2", "kokoro-82m"


def build_rows() -> list[dict[str, Any]]:
    """Return requests of several operations, and some that fail."""
    chat = EdgeSettings().chat_model
    message = {"role": "user", "content": "Say hello."}
    bodies: list[tuple[str, dict[str, Any]]] = [
        *(("chat/completions", {"model": chat, "messages": [message], "max_tokens": 4, "seed": n}) for n in range(12)),
        *(("embeddings", {"model": _EMBEDDING, "input": f"text {number}"}) for number in range(12)),
        ("audio/speech", {"model": _VOICE, "input": "Hello.", "voice": "af_heart"}),
        ("chat/completions", {"model": "no-such-model", "messages": [message]}),
        ("chat/completions", {"model": chat}),
    ]
    return [
        {"custom_id": f"id-{number}", "method": "POST", "url": f"/v1/{path}", "body": body}
        for number, (path, body) in enumerate(bodies)
    ]


def describe_shape(value: Any, name: str = "") -> Any:
    """Return the fields of a JSON value with their types; of a list, the types of its items."""
    if isinstance(value, dict):
        return {name: describe_shape(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return sorted({json.dumps(describe_shape(item)) for item in value})
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def compare(python: Path) -> str:
    """Run both, and return what differs; empty if nothing does."""
    for model in (EdgeSettings().chat_model, _EMBEDDING, _VOICE):
        ensure(Catalog().resolve(model).files)
    with tempfile.TemporaryDirectory() as name, run_in_thread(EdgeSettings(port=0)) as edge:
        folder = Path(name)
        source = folder / "in.jsonl"
        lines = [json.dumps(row) for row in build_rows()] + ["no JSON"]
        source.write_text("\n".join(lines) + "\n", encoding="utf-8")
        shapes = {}
        for engine in ("warm-up", "local", "ray"):  # the first response of a model says how long it took to load
            output = folder / f"{engine}.jsonl"
            with start(build_command(python, source, output, edge.url, "--on", _ENGINES[engine])) as process:
                if (status := finish(process, 5)) != 5:  # some rows fail
                    return f"{engine}: exit status {status}"
            records = [json.loads(line) for line in output.read_text("utf-8").splitlines()]
            if len(records) != len(lines):
                return f"{engine}: {len(records)} results of {len(lines)} rows"
            shapes[engine] = {(record["id"], record["custom_id"]): describe_shape(record) for record in records}
    differing = [key for key in shapes["local"] | shapes["ray"] if shapes["local"].get(key) != shapes["ray"].get(key)]
    return "\n".join(f"{key}: {shapes['local'].get(key)} / {shapes['ray'].get(key)}" for key in differing)
