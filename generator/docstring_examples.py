"""The examples of the docstrings of both kinds of methods: what is called, and what is done with its result; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from generator.examples import write_call, write_value, write_values
from generator.inputs import Inputs
from generator.methods import Method
from generator.operations import APIOperation
from generator.resources import Resource

Call = Callable[[str], list[str]]
_PARSE = ["from pydantic import BaseModel", "", "class City(BaseModel):", "    name: str", ""]
_TOOL = ["def get_time(city: str) -> str:", '    "Return the time in a city."', '    return "12:00"', ""]


def write_example(inputs: Inputs, name: str, is_async: bool) -> list[str]:
    """Return the lines of an example for a method that takes the body as a whole; none if the document has none."""
    op, body = inputs.op, inputs.op.example.body
    arguments = _write_parameters(inputs)
    if arguments is None or (inputs.body and body is None):
        return []
    if inputs.body:
        files = {item.name for item in op.body.files} if op.body else set()
        fields = {key: item for key, item in body.items() if key not in files} if isinstance(body, Mapping) else body
        arguments.append(f"{inputs.body.name}={write_value(fields)}")
    call = write_call(f"client.{name}", arguments)
    if name.endswith("_iter") and op.paged:
        return _loop(call, "item", "print(item)", is_async)
    if op.streams and (op.only_streams or name.endswith("_stream")):
        return _loop(call, "chunk", _use_chunk(op.example.has_text, is_bytes=op.events is None), is_async)
    return _use_response(op, call, is_async, has_text=op.example.has_text)


def write_resource_example(resource: Resource, method: Method, name: str, is_async: bool) -> list[str]:
    """Return the lines of an example for a method with keyword arguments; none if the document has none."""
    op, inputs = method.op, method.inputs
    arguments = _write_parameters(inputs)
    if arguments is None or (inputs.body and op.example.body is None):
        return []
    if inputs.body and inputs.fields:
        names = {item.alias or item.name: item.name for item in inputs.fields}
        body = {key: value for key, value in op.example.body.items() if key not in ("stream", "response_format")}
        arguments += write_values(names, body)
    elif inputs.body:
        arguments.append(f"{inputs.body.name}={write_value(op.example.body)}")
    before: list[str] = []
    if name == "parse":
        before, arguments = _PARSE, [*arguments, "response_format=City"]
    elif name == "run_tools":
        before = _TOOL
        arguments = [
            *[item for item in arguments if not item.startswith(("tools=", "tool_choice="))],
            "tools=[get_time]",
        ]
    call = write_call(f"client.{'.'.join([*resource.path, name])}", arguments)
    return [*before, *_use_result(method, name, call, is_async)]


def _use_result(method: Method, name: str, call: list[str], is_async: bool) -> list[str]:
    op = method.op
    if name == "stream" and not op.only_streams:
        return _read_stream(method, call, is_async)
    if op.only_streams:
        return _loop(call, "chunk", _use_chunk(op.example.has_text, is_bytes=False), is_async)
    if name == method.iter_name and op.paged:
        return _loop(call, "item", "print(item)", is_async)
    if name == "parse":
        return _assign(call, "response", "print(response.choices[0].message.parsed)", is_async)
    if method.is_audio:
        return _assign(call, "audio", 'audio.save("speech.mp3")', is_async)
    return _use_response(op, call, is_async, has_text=op.example.has_text or name == "run_tools")


def _read_stream(method: Method, call: list[str], is_async: bool) -> list[str]:
    if method.is_audio:
        return _wait([*call[:-1], f'{call[-1]}.save("speech.mp3")'], is_async)
    async_ = "async " if is_async else ""
    head = _prefix(f"{async_}with ", call)
    loop = [f"    {async_}for text in stream.text_stream:", '        print(text, end="")']
    return [*head[:-1], f"{head[-1]} as stream:", *loop]


def _use_response(op: APIOperation, call: list[str], is_async: bool, *, has_text: bool) -> list[str]:
    if op.response_type == "bytes":
        return _assign(call, "audio", 'print(len(audio), "bytes")', is_async)
    if op.response_type == "None":
        return _wait(call, is_async)
    return _assign(call, "response", f"print(response{'.text' * has_text})", is_async)


def _write_parameters(inputs: Inputs) -> list[str] | None:
    """The arguments of parameters and files; None if one that is required has no example."""
    op = inputs.op
    names = {item.fact.name: item.argument for item in op.parameters}
    values = {key: value for key, value in op.example.parameters.items() if key in names}
    if any(item.required and item.fact.name not in values for item in op.parameters):
        return None
    body: Any = op.example.body if isinstance(op.example.body, Mapping) else {}
    files = {item.name: item.argument for item in op.body.files} if op.body else {}
    texts = {key: body.get(key) or "(the bytes of file.bin)" for key in files}
    listed = {item.name for item in op.body.files if item.is_list} if op.body else set()
    wrapped = {key: [value] if key in listed and isinstance(value, str) else value for key, value in texts.items()}
    return [*write_values(files, wrapped), *write_values(names, values)]


def _use_chunk(has_text: bool, *, is_bytes: bool) -> str:
    if is_bytes:
        return 'print(len(chunk), "bytes")'
    return 'print(chunk.text, end="")' if has_text else "print(chunk)"


def _assign(call: list[str], name: str, use: str, is_async: bool) -> list[str]:
    return [*_prefix(f"{name} = {'await ' if is_async else ''}", call), use]


def _wait(call: list[str], is_async: bool) -> list[str]:
    return _prefix("await " if is_async else "", call)


def _loop(call: list[str], name: str, use: str, is_async: bool) -> list[str]:
    lines = _prefix(f"{'async ' if is_async else ''}for {name} in ", call)
    return [*lines[:-1], f"{lines[-1]}:", f"    {use}"]


def _prefix(text: str, lines: list[str]) -> list[str]:
    return [f"{text}{lines[0]}", *lines[1:]]
