"""Which clients there are: what each program says of itself, read without importing its client.

A Python program is a file of `programs/` that says in CLIENTS which clients it is for, and what each requires, which
`requirements/` pins. One for Node is a folder with its package.json and its lock.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

HERE: Final = Path(__file__).parent

SCENARIOS: Final = {
    "command": "its command, with a key, a conversation and a schema",
    "chat": "a question, its answer and its usage",
    "async chat": "the same, asynchronously",
    "stream": "an answer as it comes, and how it ends",
    "async stream": "the same, asynchronously",
    "structured output": "an answer of a schema's type",
    "async structured output": "the same, asynchronously",
    "streamed structured output": "the same, as it comes",
    "json object": "an answer that is any JSON object",
    "tools": "a call, its result, and the answer to it",
    "streamed tools": "a call in a stream",
    "picture": "a question about an image",
    "choices with logprobs": "two answers, and how likely each token was",
    "completion": "the continuation of a text",
    "speech": "a text, spoken",
    "transcription": "a recording, written down",
    "streamed transcription": "the same, as it comes",
    "word times": "when each word is said",
    "translation": "a recording, in English",
    "models": "the list of models",
    "one model": "one of them by its name",
    "embeddings": "the vector of a text",
    "responses": "OpenAI's newer API beside chat",
    "wrong key": "a 401 is the client's error for it",
    "unknown model": "a 404 is",
    "invalid request": "a 400 is",
}
"""What clients may be made to do, as tables have it."""


@dataclass(frozen=True, slots=True)
class Client:
    """A client. `requires` begins with the package that the client is; `scenarios` is what it is made to do."""

    name: str
    runtime: Literal["python", "node"]
    program: Path
    pins: Path
    requires: tuple[str, ...]
    scenarios: tuple[str, ...]

    @property
    def version(self) -> str:
        """The pinned version of the first thing that it requires."""
        package = re.split(r"[\[<>=~!]", self.requires[0])[0] if self.runtime == "python" else self.requires[0]
        text = self.pins.read_text(encoding="utf-8")
        if self.runtime == "node":
            return str(json.loads(text)["packages"][f"node_modules/{package}"]["version"])
        return re.findall(rf"^{re.escape(package)}(?:\[[\w,]+\])?==(\S+)", text, flags=re.MULTILINE)[0]


def clients(programs: Path = HERE / "programs") -> list[Client]:
    """All of them, by name."""
    return sorted([*_for_python(programs), *_for_node(programs)], key=lambda client: client.name)


def scenario(name: str) -> str:
    """A function's name as tables have it: `async_stream` and `asyncStream` are "async stream"."""
    return re.sub(r"_|(?<=[a-z])(?=[A-Z])", " ", name).lower()


def _for_python(programs: Path) -> Iterator[Client]:
    for path in programs.glob("*.py"):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        functions = [each for each in body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
        # What is decorated is a tool or the like, not a function any more.
        public = [each.name for each in functions if not each.name.startswith("_") and not each.decorator_list]
        scenarios = tuple(scenario(name) for name in public)
        for name, requires in _clients_of(body, path).items():
            yield Client(name, "python", path, HERE / "requirements" / f"{name}.txt", requires, scenarios)


def _clients_of(body: list[ast.stmt], path: Path) -> dict[str, tuple[str, ...]]:
    for statement in body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "CLIENTS":
            return dict(ast.literal_eval(statement.value))
    raise ValueError(f"{path.name}: it needs a CLIENTS that names its clients, and what each requires")


def _for_node(programs: Path) -> Iterator[Client]:
    for path in programs.glob("*/program.mjs"):
        package = json.loads(path.with_name("package.json").read_text(encoding="utf-8"))
        written = re.findall(r"^export async function (\w+)", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        # A provider of the AI SDK sorts before the SDK, which is what the client is.
        requires = sorted(package["dependencies"], key=lambda name: name.startswith("@"))
        yield Client(
            package["name"],
            "node",
            path,
            path.with_name("package-lock.json"),
            tuple(requires),
            tuple(scenario(name) for name in written),
        )
