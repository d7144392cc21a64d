"""The clients: what each program declares, read without importing its client.

A Python program is a file of `programs/` with its clients and their requirements in CLIENTS; `requirements/` pins them.
A program for Node is a folder with package.json and its lock.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

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


@dataclass(frozen=True, slots=True)
class Client:
    """A client. `requires` begins with the package of the client."""

    name: str
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
    return re.sub(r"_|(?<=[a-z])(?=[A-Z])", " ", name).lower()


def _load_python(programs: Path) -> Iterator[Client]:
    for path in programs.glob("*.py"):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        functions = [node for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        # A decorated function is a tool, and not a scenario.
        names = [node.name for node in functions if not node.name.startswith("_") and not node.decorator_list]
        scenarios = tuple(scenario_title(name) for name in names)
        for name, requires in _parse_clients(body, path).items():
            yield Client(name, "python", path, FOLDER / "requirements" / f"{name}.txt", requires, scenarios)


def _parse_clients(body: list[ast.stmt], path: Path) -> dict[str, tuple[str, ...]]:
    for statement in body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "CLIENTS":
            return dict(ast.literal_eval(statement.value))
    raise ValueError(f"{path.name}: CLIENTS is missing; it is a dict of the clients and their requirements")


def _load_node(programs: Path) -> Iterator[Client]:
    for path in programs.glob("*/program.mjs"):
        package = json.loads(path.with_name("package.json").read_text(encoding="utf-8"))
        names = re.findall(r"^export async function (\w+)", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        # The SDK itself first: the name of its provider sorts before it.
        requires = sorted(package["dependencies"], key=lambda name: name.startswith("@"))
        yield Client(
            package["name"],
            "node",
            path,
            path.with_name("package-lock.json"),
            tuple(requires),
            tuple(scenario_title(name) for name in names),
        )
