"""The operations by the names that OpenAI's SDK gives them: `x-call: chat.completions.create`; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from generator.arguments import Argument
from generator.operations import Operation
from generator.spec import SpecError

_CALL_OPTIONS = "**options: Unpack[CallOptions]"
_ATTRIBUTES = frozenset({"with_raw_response", "with_streaming_response"})


@dataclass(frozen=True)
class Variant:
    """What a method returns where one argument has these values."""

    annotations: Mapping[str, str]
    answer: str


@dataclass(frozen=True)
class Method:
    """An operation as a method with keyword arguments."""

    name: str
    op: Operation
    arguments: tuple[Argument, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Its name, and those of its siblings: what else can be done with the operation."""
        return (self.name, *(["stream"] if self.op.streams else []), *self.op.also)

    @property
    def is_audio(self) -> bool:
        """Whether the answer is audio, which can come in pieces."""
        return self.op.streams and self.op.event is None

    def answer(self, is_async: bool) -> str:
        """What the method returns, whatever its arguments say."""
        kinds = [kind for variant in self.variants(is_async) for kind in variant.answer.split(" | ")]
        return " | ".join(dict.fromkeys(kinds)) or self._plain

    @property
    def _plain(self) -> str:
        return "Audio" if self.is_audio else self.op.answer

    def variants(self, is_async: bool) -> list[Variant]:
        """The overloads: by `stream`, or by the argument that chooses the answer's type."""
        if self.op.streams:
            prefix = "Async" if is_async else ""
            streamed = f"{prefix}AudioStream" if self.is_audio else f"{prefix}Stream[{self.op.chunk}]"
            return [
                Variant({"stream": "Literal[False] | None | NotGiven = NOT_GIVEN"}, self._plain),
                Variant({"stream": "Literal[True]"}, streamed),
                Variant({"stream": "bool | None | NotGiven"}, f"{self._plain} | {streamed}"),
            ]
        if self.op.chooser is None:
            return []
        name, chosen = self.op.chooser
        found = [Variant({name: _one_of(values)}, kind) for kind, values in chosen]
        general = next(item.type for item in self.arguments if item.name == name)
        return [*found, Variant({name: general}, self._plain)]

    def signature(self, annotations: Mapping[str, str] | None = None, without: tuple[str, ...] = ()) -> str:
        """The parameters: those of the path, then keywords; `annotations` go before what the fields say."""
        positional = [f"{item.name}: {item.type}" for item in self.op.parameters if item.required]
        given = dict(annotations or {})
        keywords = {item.name: _annotated(item) for item in self.arguments if item.name not in without} | given
        if self.op.file:
            keywords["file"] = "File"
        for item in self.op.parameters:
            if not item.required:
                keywords[item.name] = f"{item.type} | None = None"
        named = [f"{name}: {kind}" for name, kind in keywords.items()]
        required = [item for item in named if " = " not in item]
        optional = [item for item in named if " = " in item]
        return ", ".join(["self", *positional, *(["*"] if named else []), *required, *optional, _CALL_OPTIONS])

    def given(self, *without: str) -> str:
        """The fields of the request that were given."""
        names = [item.name for item in self.arguments if item.name not in without]
        return f"given({', '.join(f'{name}={name}' for name in names)})"

    @property
    def sent(self) -> str:
        """What the engine takes."""
        arguments = [f"operations.{self.op.constant}", "options"]
        arguments += ["request"] if self.arguments else []
        arguments += ["file=file"] if self.op.file else []
        if self.op.parameters:
            given = ", ".join(f'"{item.name}": {item.name}' for item in self.op.parameters)
            arguments.append(f"parameters={{{given}}}")
        return ", ".join(arguments)


def _annotated(item: Argument) -> str:
    return item.type if item.required else f"{item.type} | NotGiven = NOT_GIVEN"


def _one_of(values: tuple[str | None, ...]) -> str:
    literal = f"Literal[{', '.join(repr(value) for value in values if value is not None)}]"
    return f"{literal} | NotGiven = NOT_GIVEN" if None in values else literal


@dataclass
class Resource:
    """What stands before the dots of a call: `chat`, and `chat.completions` in it."""

    path: tuple[str, ...]
    methods: list[Method] = field(default_factory=list)
    children: list[Resource] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.path[-1]

    def class_name(self, is_async: bool) -> str:
        words = "".join(part.title().replace("_", "") for part in self.path)
        return f"{'Async' if is_async else ''}{words}Resource"

    @property
    def names(self) -> set[str]:
        """What its attributes are called."""
        children = {child.name for child in self.children}
        return children | _ATTRIBUTES | {name for method in self.methods for name in method.names}

    @cached_property
    def calls(self) -> list[str]:
        """Every call below it, by its whole name."""
        here = [f"`{'.'.join([*self.path, name])}`" for method in self.methods for name in method.names]
        return here + [call for child in self.children for call in child.calls]


def resources(operations: list[Operation], arguments: Mapping[str, list[Argument]]) -> list[Resource]:
    """Every resource, each before those in it. Raises SpecError where two operations claim one name."""
    found: dict[tuple[str, ...], Resource] = {}
    for op in (op for op in operations if op.call):
        *path, name = op.call.split(".")
        method = Method(name, op, tuple(arguments[op.request]) if op.request else ())
        try:
            resource = _resource(found, tuple(path))
            _check(method, resource, {other.name for other in operations})
        except SpecError as error:
            raise SpecError(f"x-call: {error.message}", place=("paths", op.path, op.method, "x-call")) from error
        resource.methods.append(method)
    return list(found.values())


def _resource(found: dict[tuple[str, ...], Resource], path: tuple[str, ...]) -> Resource:
    if path not in found:
        *above, name = path
        parent = _resource(found, tuple(above)) if above else None
        if parent is not None and name in parent.names:
            raise SpecError(f"{'.'.join(path)!r} is taken by another operation")
        found[path] = Resource(path)
        if parent is not None:
            parent.children.append(found[path])
    return found[path]


def _check(method: Method, resource: Resource, taken: set[str]) -> None:
    op, fields = method.op, {item.name for item in method.arguments}
    if resource.path[0] in taken or resource.names & {*method.names}:
        raise SpecError(f"{op.call!r} is taken by another operation")
    clash = next((name for name in op.options if name in fields), None)
    if clash is not None:
        raise SpecError(f"the field {clash!r} has the name of an option that every method takes")
    twice = next((item.name for item in op.parameters if item.name in fields), None)
    if twice is not None:
        raise SpecError(f"{twice!r} is both a parameter and a field of the request")
