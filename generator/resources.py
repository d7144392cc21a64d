"""The operations by the names of OpenAI's SDK, as `x-call: chat.completions.create` says; pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from generator.inputs import Inputs
from generator.methods import Method
from generator.names import ANNOTATION_NAMES
from generator.operations import APIOperation
from generator.parameters import RESERVED
from generator.spec import SpecError

#: Attributes of each resource, and of the clients.
RESPONSE_ATTRIBUTES = frozenset({"with_raw_response", "with_streaming_response"})
_BETA = "beta"  # OpenAI's SDK has `parse` and `stream` there as well


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
        return children | RESPONSE_ATTRIBUTES | {name for method in self.methods for name in method.names}

    @property
    def has_parse(self) -> bool:
        """Whether a method below it has the helper `parse`."""
        return self._has_own_parse or any(child.has_parse for child in self.children)

    @property
    def response_methods(self) -> list[str]:
        """The methods that `with_raw_response` has: each that returns one response."""
        parsing = ["parse"] if self._has_own_parse else []
        return [method.name for method in self.methods if not method.op.only_streams] + parsing

    @property
    def _has_own_parse(self) -> bool:
        return any(method.op.parsed for method in self.methods)

    @cached_property
    def calls(self) -> list[str]:
        """The full name of every method below it."""
        own = [f"`{'.'.join([*self.path, name])}`" for method in self.methods for name in method.names]
        return own + [call for child in self.children for call in child.calls]


def build_resources(inputs: Sequence[Inputs], reserved: Collection[str] = ()) -> list[Resource]:
    """Return every resource, parents first. Raises SpecError if two operations have the same name.

    `reserved` are the other attributes of a client.
    """
    resources: dict[tuple[str, ...], Resource] = {}
    streams = {item.op.call: item for item in inputs if item.op.is_stream_call}
    client_names = {*reserved, *RESPONSE_ATTRIBUTES, *(name for item in inputs for name in item.op.method_names)}
    for item in (item for item in inputs if item.op.call and not item.op.is_stream_call):
        *path, name = item.op.call.split(".")
        try:
            method = Method(name, item, streams.pop(item.op.call, None))
            resource = _get_or_add(resources, tuple(path))
            _validate(method, resource, client_names)
        except SpecError as error:
            raise SpecError(f"{_context(item.op)}: {error.message}", location=_location(item.op)) from error
        resource.methods.append(method)
    for item in streams.values():
        message = f"{_context(item.op)}: no other operation has {item.op.call!r}; remove (stream=True)"
        raise SpecError(message, location=_location(item.op))
    beta = [item for item in resources.values() if len(item.path) == 1 and item.has_parse]
    if beta and _BETA not in client_names and (_BETA,) not in resources:
        resources[(_BETA,)] = Resource((_BETA,), children=beta)
    return list(resources.values())


def _context(op: APIOperation) -> str:
    return f"{op.method.upper()} {op.key}: x-call"


def _location(op: APIOperation) -> tuple[str, ...]:
    return ("paths", op.key, op.method, "x-call")


def _get_or_add(resources: dict[tuple[str, ...], Resource], path: tuple[str, ...]) -> Resource:
    if path not in resources:
        *parents, name = path
        parent = _get_or_add(resources, tuple(parents)) if parents else None
        if parent is not None and name in parent.names:
            raise SpecError(f"{'.'.join(path)!r} is the name of another operation; choose another name")
        resources[path] = Resource(path)
        if parent is not None:
            parent.children.append(resources[path])
    return resources[path]


def _validate(method: Method, resource: Resource, client_names: Collection[str]) -> None:
    op, fields = method.op, {item.name for item in method.fields}
    hides_type = method.name in ANNOTATION_NAMES and method.name != "list"
    if hides_type or resource.path[0] in client_names or resource.names & {*method.names}:
        raise SpecError(f"{op.call!r} is the name of another operation, or of an attribute; choose another name")
    reserved = next((name for name in RESERVED if name in fields), None)
    if reserved is not None:
        message = f"the field {reserved!r} has the name of an argument that every method has"
        raise SpecError(f"{message}; rename it, or remove x-call")
    duplicate = next((item.name for item in method.inputs.parameters if item.name in fields), None)
    if duplicate is not None:
        raise SpecError(f"{duplicate!r} is both a parameter and a field of the request; rename one of them")
    duplicate = next((item.name for item in method.inputs.files if item.name in fields), None)
    if duplicate is not None:
        raise SpecError(f"{duplicate!r} is both a file and a field of the request; rename one of them")
    if method.stream is not None:
        _validate_stream(method, method.stream)


def _validate_stream(method: Method, stream: Inputs) -> None:
    """Check that an operation can serve a method with stream=True: its arguments differ in fields only."""
    op, own = method.op, method.inputs
    if op.streams:
        raise SpecError(f"{op.call!r} streams already; remove the operation with (stream=True)")
    if not stream.op.only_streams:
        raise SpecError(f"{stream.op.name} has other responses than a stream of events; remove (stream=True)")
    for kind in ("parameters", "files"):
        names, others = ({item.name for item in getattr(item, kind)} for item in (own, stream))
        if names != others:
            different = ", ".join(sorted(names ^ others))
            raise SpecError(f"{kind} of {op.name} and {stream.op.name} differ ({different}); a method needs the same")
    has_fields = all(item.body is None or item.fields for item in (own, stream))
    if not has_fields or "stream" in method.argument_names:
        raise SpecError(f"{op.name} and {stream.op.name} need bodies with fields, and no argument `stream`")
