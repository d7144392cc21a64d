"""A local edge whose chat model is a script, so that an agent's calls are the same in every run.

The script stands where llama.cpp does: prompts, tools, parsing of calls, streams and HTTP are those of the edge.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from polargrid_edge.backends.text import TextBackend
from polargrid_edge.models.catalog import Model
from polargrid_edge.models.pool import ModelPool, backend_factories
from polargrid_edge.server import Edge, run_in_thread
from polargrid_edge.services import Services
from polargrid_edge.settings import EdgeSettings

Json = dict[str, Any]
OnEvent = Callable[[Json], bool]

_PIECE: Final = 12  # characters of an event: a call comes in several
_OBSERVATION: Final = "Observation:"  # how an agent that has no tool messages begins a result


@contextmanager
def run_scripted_edge() -> Iterator[Edge]:
    """Run the edge on a free port for the context."""
    settings = EdgeSettings(port=0)
    factories = {**backend_factories(settings), "chat": _open_script}
    pool = ModelPool(settings, factories=factories, ensure=lambda _: {})
    with run_in_thread(settings, Services(settings, pool)) as edge:
        yield edge


def _open_script(model: Model, paths: Mapping[str, Path]) -> TextBackend:
    del paths
    return TextBackend(Path(model.id), context=model.context or 4096, open_server=lambda *_: ScriptedServer())


class ScriptedServer:
    """Calls the tools that the task names, one in each response and in the order of their names, and then says "Done.".

    The arguments of the first call are "Marie", those of the next ones the result before.
    """

    vocabulary_size = 256

    def tokenize(self, text: str, *, is_literal: bool = False) -> list[int]:
        del is_literal  # it has no special tokens
        return list(text.encode())

    def detokenize(self, tokens: Sequence[int]) -> str:
        return bytes(tokens).decode(errors="replace")

    def handle_chat_completions(self, request: Json, receive: OnEvent) -> None:
        text = respond(request["messages"], request.get("tools") or [])
        pieces = [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)]
        for piece in pieces:
            if receive({"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}]}):
                return
        receive({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        usage = {"prompt_tokens": len(request["messages"]), "completion_tokens": len(pieces)}
        receive({"choices": [], "usage": {**usage, "total_tokens": sum(usage.values())}})

    def handle_completions(self, request: Json, receive: OnEvent) -> None:
        del request, receive
        raise ValueError("the scripted model has no completions")

    def apply_template(self, request: Json) -> str:
        del request
        raise ValueError("the scripted model has no template")


def respond(messages: list[Json], tools: list[Json]) -> str:
    """The text of the scripted model: the next call of the task, or "Done."."""
    start = max(index for index, message in enumerate(messages) if _is_task(message))
    task = _text(messages[start])
    functions = {tool["function"]["name"]: tool["function"] for tool in tools}
    plan = sorted((name for name in functions if name in task), key=task.index)
    results = [_text(message) for message in messages[start + 1 :] if _is_result(message)]
    if len(results) >= len(plan):
        return "Done."
    function = functions[plan[len(results)]]
    value = _plain(results[-1]) if results else "Marie"
    arguments = dict.fromkeys(function["parameters"].get("properties", {}), value)
    call = {"name": function["name"], "arguments": arguments}
    return f"<tool_call>\n{json.dumps(call, ensure_ascii=False)}\n</tool_call>"


def _is_task(message: Json) -> bool:
    return message["role"] == "user" and not _is_result(message)


def _is_result(message: Json) -> bool:
    return message["role"] == "tool" or (message["role"] == "user" and _text(message).lstrip().startswith(_OBSERVATION))


def _plain(result: str) -> str:
    """The text of a result: some clients write it as JSON, or after a word."""
    text = result.rpartition(_OBSERVATION)[2].strip()
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, str) else text


def _text(message: Json) -> str:
    content = message.get("content") or ""
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)
