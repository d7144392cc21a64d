"""The operations by the names of OpenAI's SDK, as `x-call: chat.completions.create` says; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from generator.arguments import Argument
from generator.operations import APIOperation
from generator.parameters import RESERVED
from generator.spec import SpecError

_CALL_OPTIONS = "**options: Unpack[CallOptions]"
_ATTRIBUTES = frozenset({"with_raw_response", "with_streaming_response"})


@dataclass(frozen=True)
class Overload:
    """The return type of a method for the given annotations of its arguments."""

    annotations: Mapping[str, str]
    returns: str


@dataclass(frozen=True)
class Method:
    """An operation as a method with keyword arguments."""

    name: str
    op: APIOperation
    arguments: tuple[Argument, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the method and of its siblings: `stream` and the helpers."""
        return (self.name, *(["stream"] if self.op.streams else []), *self.op.helpers)

    @property
    def is_audio(self) -> bool:
        """Whether the response is audio that can be streamed."""
        return self.op.streams and self.op.events is None

    def returns(self, is_async: bool) -> str:
        """Return the return type for any arguments."""
        types = [kind for overload in self.overloads(is_async) for kind in overload.returns.split(" | ")]
        return " | ".join(dict.fromkeys(types)) or self._unstreamed_type

    @property
    def _unstreamed_type(self) -> str:
        return "Audio" if self.is_audio else self.op.response_type

    @property
    def raw_annotations(self) -> Mapping[str, str]:
        """The annotation of `stream` if the response is not streamed."""
        return {"stream": "Literal[False] | None | NotGiven = NOT_GIVEN"} if self.op.streams else {}

    def overloads(self, is_async: bool) -> list[Overload]:
        """Return the overloads by `stream`, or by the argument that selects the response type."""
        if self.op.streams:
            prefix = "Async" if is_async else ""
            stream = f"{prefix}AudioStream" if self.is_audio else f"{prefix}Stream[{self.op.chunk_type}]"
            return [
                Overload(self.raw_annotations, self._unstreamed_type),
                Overload({"stream": "Literal[True]"}, stream),
                Overload({"stream": "bool | None | NotGiven"}, f"{self._unstreamed_type} | {stream}"),
            ]
        if self.op.response_selector is None:
            return []
        name, types = self.op.response_selector
        general = next(item.type for item in self.arguments if item.name == name)
        overloads = [Overload({name: _literal(values)}, kind) for kind, values in types]
        return [*overloads, Overload({name: general}, self._unstreamed_type)]

    def signature(self, annotations: Mapping[str, str] | None = None, without: tuple[str, ...] = ()) -> str:
        """Return the parameters: path parameters, then keywords; `annotations` override those of the fields."""
        positional = [f"{item.argument}: {item.type}" for item in self.op.parameters if item.required]
        keywords = {item.name: _annotation(item) for item in self.arguments if item.name not in without}
        keywords |= annotations or {}
        if self.op.file:
            keywords["file"] = "File"
        for item in self.op.parameters:
            if not item.required:
                keywords[item.argument] = f"{item.type} | None = None"
        named = [f"{name}: {annotation}" for name, annotation in keywords.items()]
        required = [item for item in named if " = " not in item]
        optional = [item for item in named if " = " in item]
        return ", ".join(["self", *positional, *(["*"] if named else []), *required, *optional, _CALL_OPTIONS])

    def fields_expression(self, *without: str) -> str:
        """Return the expression for the fields that the caller provides."""
        names = [item.name for item in self.arguments if item.name not in without]
        return f"provided_fields({', '.join(f'{name}={name}' for name in names)})"

    @property
    def client_arguments(self) -> str:
        """The arguments of the client's method."""
        return client_arguments(self.op, has_request=bool(self.arguments))


def client_arguments(op: APIOperation, *, has_request: bool) -> str:
    """Return the arguments of a call of the client: operation, options, request, file and parameters."""
    arguments = [f"operations.{op.constant}", "options"]
    arguments += ["request"] if has_request else []
    arguments += ["file=file"] if op.file else []
    if op.parameters:
        values = ", ".join(f'"{item.argument}": {item.argument}' for item in op.parameters)
        arguments.append(f"parameters={{{values}}}")
    return ", ".join(arguments)


def _annotation(item: Argument) -> str:
    return item.type if item.required else f"{item.type} | NotGiven = NOT_GIVEN"


def _literal(values: tuple[str | None, ...]) -> str:
    literal = f"Literal[{', '.join(repr(value) for value in values if value is not None)}]"
    return f"{literal} | NotGiven = NOT_GIVEN" if None in values else literal


@dataclass
class Resource:
    """A prefix of dotted names: `chat`, and its child `chat.completions`."""

    path: tuple[str, ...]
    methods: list[Method] = field(default_factory=list)
    children: list[Resource] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.path[-1]

    def class_name(self, is_async: bool) -> str:
        """Return the name of the resource's class."""
        words = "".join(part.title().replace("_", "") for part in self.path)
        return f"{'Async' if is_async else ''}{words}Resource"

    @property
    def names(self) -> set[str]:
        """The names of its attributes."""
        children = {child.name for child in self.children}
        return children | _ATTRIBUTES | {name for method in self.methods for name in method.names}

    @cached_property
    def calls(self) -> list[str]:
        """The full name of every method below it."""
        own = [f"`{'.'.join([*self.path, name])}`" for method in self.methods for name in method.names]
        return own + [call for child in self.children for call in child.calls]


def build_resources(operations: list[APIOperation], arguments: Mapping[str, list[Argument]]) -> list[Resource]:
    """Return every resource, parents first. Raises SpecError if two operations have the same name."""
    resources: dict[tuple[str, ...], Resource] = {}
    for op in (op for op in operations if op.call):
        *path, name = op.call.split(".")
        method = Method(name, op, tuple(arguments[op.request]) if op.request else ())
        try:
            resource = _get_or_add(resources, tuple(path))
            _validate(method, resource, {other.name for other in operations})
        except SpecError as error:
            raise SpecError(f"x-call: {error.message}", location=("paths", op.path, op.method, "x-call")) from error
        resource.methods.append(method)
    return list(resources.values())


def _get_or_add(resources: dict[tuple[str, ...], Resource], path: tuple[str, ...]) -> Resource:
    if path not in resources:
        *parents, name = path
        parent = _get_or_add(resources, tuple(parents)) if parents else None
        if parent is not None and name in parent.names:
            raise SpecError(f"{'.'.join(path)!r} is the name of another operation")
        resources[path] = Resource(path)
        if parent is not None:
            parent.children.append(resources[path])
    return resources[path]


def _validate(method: Method, resource: Resource, client_methods: set[str]) -> None:
    op, fields = method.op, {item.name for item in method.arguments}
    if resource.path[0] in client_methods or resource.names & {*method.names}:
        raise SpecError(f"{op.call!r} is the name of another operation")
    reserved = next((name for name in RESERVED if name in fields), None)
    if reserved is not None:
        raise SpecError(f"the field {reserved!r} has the name of an argument that every method has")
    duplicate = next((item.argument for item in op.parameters if item.argument in fields), None)
    if duplicate is not None:
        raise SpecError(f"{duplicate!r} is both a parameter and a field of the request")
