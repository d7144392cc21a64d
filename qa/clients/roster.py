"""The clients: what each program declares, read without importing its client.

A Python program is a file of `programs/` with its clients and their requirements in CLIENTS, and their KIND;
`requirements/` pins them. A program for Node is a folder with package.json, whose `config` has the package and the kind
of the client, and its lock.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

FOLDER: Final = Path(__file__).parent

SCENARIOS: Final = {
    "command": "its command, with a key, a conversation and a schema",
    "chat": "a response and its usage",
    "async chat": "the same, asynchronously",
    "stream": "the chunks of a response, and its end",
    "async stream": "the same, asynchronously",
    "structured output": "a response of a schema's type",
    "async structured output": "the same, asynchronously",
    "streamed structured output": "the same, as a stream",
    "json object": "a response that is any JSON object",
    "tools": "a tool call, its result, and the final response",
    "streamed tools": "a tool call in a stream",
    "two tools in a row": "an agent's second call, with the result of the first, by a scripted model",
    "three tools in a row": "the same with three calls",
    "three tools of the real model": "how many runs make three calls in order, and end",
    "picture": "an image in the request",
    "choices with logprobs": "two choices, with the probabilities of tokens",
    "completion": "the continuation of a text",
    "speech": "a text as audio",
    "transcription": "audio as a text",
    "streamed transcription": "the same, as a stream",
    "word times": "timestamps of words",
    "translation": "audio as English text",
    "models": "the list of models",
    "single model": "one model by its name",
    "embeddings": "the embedding of a text",
    "responses": "OpenAI's newer API beside chat",
    "wrong key": "the client's error for 401",
    "unknown model": "the client's error for 404",
    "invalid request": "the client's error for 400",
}
"""The scenarios by their titles, with what they do."""

KINDS: Final = {
    "clients": "Clients of the API",
    "frameworks": "Frameworks",
    "agents": "Agents",
    "voice": "Voice",
}
"""The kinds of clients by their names, with the titles of their tables."""


@dataclass(frozen=True, slots=True)
class Client:
    """A client. `requires` begins with the package of the client."""

    name: str
    kind: str
    runtime: Literal["python", "node"]
    program: Path
    pins: Path
    requires: tuple[str, ...]
    scenarios: tuple[str, ...]

    @property
    def version(self) -> str:
        """The pinned version of its package."""
        package = re.split(r"[\[<>=~!]", self.requires[0])[0] if self.runtime == "python" else self.requires[0]
        text = self.pins.read_text(encoding="utf-8")
        if self.runtime == "node":
            return str(json.loads(text)["packages"][f"node_modules/{package}"]["version"])
        return re.findall(rf"^{re.escape(package)}(?:\[[\w,]+\])?==(\S+)", text, flags=re.MULTILINE)[0]


def load_clients(programs: Path = FOLDER / "programs") -> list[Client]:
    """All clients, by name."""
    return sorted([*_load_python(programs), *_load_node(programs)], key=lambda client: client.name)


def scenario_title(name: str) -> str:
    """The title of a function: of `async_stream` and `asyncStream`, "async stream"."""
    return re.sub(r"_|(?<=[a-zA-Z])(?=[A-Z])", " ", name).lower()


def _load_python(programs: Path) -> Iterator[Client]:
    for path in programs.glob("*.py"):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        functions = [node for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        # A decorated function is a tool, and not a scenario.
        names = [node.name for node in functions if not node.name.startswith("_") and not node.decorator_list]
        scenarios = tuple(scenario_title(name) for name in names)
        kind = _parse_constant(body, path, "KIND")
        for name, requires in dict(_parse_constant(body, path, "CLIENTS")).items():
            yield Client(name, kind, "python", path, FOLDER / "requirements" / f"{name}.txt", requires, scenarios)


def _parse_constant(body: list[ast.stmt], path: Path, name: str) -> Any:
    for statement in body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == name:
            return ast.literal_eval(statement.value)
    raise ValueError(
        f"{path.name}: {name} is missing; CLIENTS is a dict of the clients and their requirements, "
        f"KIND one of: {', '.join(KINDS)}"
    )


def _load_node(programs: Path) -> Iterator[Client]:
    for path in programs.glob("*/program.mjs"):
        package = json.loads(path.with_name("package.json").read_text(encoding="utf-8"))
        names = re.findall(r"^export async function (\w+)", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        own = package["config"]["client"]
        yield Client(
            package["name"],
            package["config"]["kind"],
            "node",
            path,
            path.with_name("package-lock.json"),
            (own, *(name for name in package["dependencies"] if name != own)),
            tuple(scenario_title(name) for name in names),
        )
